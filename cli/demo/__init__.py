"""One incident's story on a copy of its own: `watchbill demo`."""
