"""An incident in a terminal: its head, what was said, its step tree."""
