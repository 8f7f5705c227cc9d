"""Reads the five fields of a cron line, as the engine's schedules take them.

Decides what is a line, and says which field is wrong (E721). When it fires next is the
engine's to know.
"""

import re

from compiler.document_errors import described
from compiler.durations import refusal

_FORM = 'write minute hour day month weekday, such as "0 10 1 */3 *"'

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

_FIELDS: tuple[tuple[str, int, int, list[str]], ...] = (
    ("minute", 0, 59, []),
    ("hour", 0, 23, []),
    ("day of the month", 1, 31, []),
    ("month", 1, 12, ["", *_MONTHS]),
    ("day of the week", 0, 7, _DAYS),
)
_PART = re.compile(r"(\*|(\w+)(-(\w+))?)(/([1-9][0-9]?))?\Z")


def read_cron(value: object) -> str:
    """The line with single spaces; E721 for anything else, naming the field."""
    fields = value.split() if isinstance(value, str) else []
    if len(fields) != len(_FIELDS):
        raise refusal("E721", f"{described(value)} is not a cron line", _FORM)
    for text, (name, low, high, names) in zip(fields, _FIELDS, strict=True):
        if not all(_fits(part, low, high, names) for part in text.split(",")):
            message = f"'{text}' is no {name} of a cron line"
            raise refusal("E721", message, f"a {name} is {low} to {high}, a list, a range or *")
    if "*" in fields[0]:
        message = f"'{' '.join(fields)}' runs more than once an hour"
        raise refusal("E721", message, f"name the minute: {_FORM}")
    return " ".join(fields)


def _fits(part: str, low: int, high: int, names: list[str]) -> bool:
    found = _PART.match(part)
    if found is None:
        return False
    numbers = [_number(text, names) for text in (found[2], found[4]) if text is not None]
    if any(one is None or not low <= one <= high for one in numbers):
        return False
    known = [one for one in numbers if one is not None]
    return known == sorted(known)


def _number(text: str, names: list[str]) -> int | None:
    if text.isascii() and text.isdigit():
        return int(text)
    return names.index(text.lower()) if text.lower() in names else None
