"""Everything on this machine: `watchbill up`, and the copy that it and the demo run."""
