"""One module for each kind of step: how it begins, and what may become of it."""
