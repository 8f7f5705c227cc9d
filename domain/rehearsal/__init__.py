"""Incidents played under a fake clock, by the rules of production."""
