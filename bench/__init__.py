"""Measurements of the whole product beside a minimal workflow; `make bench` runs them."""
