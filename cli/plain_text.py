"""Text and times as a terminal shows them.

Decides that text from outside is text only, and that times are the reader's own.
"""

from datetime import datetime


def plain(text: str) -> str:
    """The text on one line, without anything that a terminal would obey."""
    return "".join(
        char if char.isprintable() else " " if char.isspace() else "" for char in text
    ).rstrip()


def local(moment: datetime, *, with_date: bool = True) -> str:
    """`2026-11-22 03:04:05 CET` where the reader is, or without date and zone."""
    here = moment.astimezone()
    return f"{here:%Y-%m-%d %H:%M:%S %Z}" if with_date else f"{here:%H:%M:%S}"
