"""The playbooks and the roster in service: read, watched, last good plan kept."""
