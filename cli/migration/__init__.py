"""Turns what other systems export into playbooks, a roster and a house.

Decides nothing itself. One module for each system reads an export into a `Draft`; what
cannot be said in our language becomes a comment that begins with `decide:`.

    ExportError        an export that cannot be read, naming file and place
"""
