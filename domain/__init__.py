"""The rules of an incident as pure values and functions.

Nothing in here reads a clock, a file or a socket; `workflows` is the durable shell
around it, `activities` touch the world for it.
"""
