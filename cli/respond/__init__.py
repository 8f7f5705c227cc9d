"""What responders say and look at: a command for each of the incident's."""
