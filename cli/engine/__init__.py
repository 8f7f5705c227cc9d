"""The Temporal dev server of this machine: found or fetched, started, stopped."""
