"""The SQL record: alert index, incidents, timeline, audit. A record, never the state."""
