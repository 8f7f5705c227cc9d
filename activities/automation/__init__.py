"""What machines do for an incident: HTTP calls, commands and plugins."""
