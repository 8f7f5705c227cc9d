"""Reads durations as authors write them: `90s`, `5m`, `1h30m`, `2d`, `never`.

Decides the one notation. Refuses bare numbers and ISO 8601 with the mend.
"""

import re
from datetime import timedelta

from pydantic_core import PydanticCustomError

from compiler.document_errors import described

NEVER = "never"

_PART = re.compile(r"([0-9]{1,9})([dhms])")
_WHOLE = re.compile(r"([0-9]{1,9}d)?([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?\Z")
_ISO = re.compile(r"P(?=.)([0-9.]+[YMWD])*(T([0-9.]+[HMS])*)?\Z", re.IGNORECASE)
_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_LONGEST = timedelta(days=3660)

_FORM = "write a number with its unit, such as 90s, 5m, 1h30m or 2d"


def refusal(code: str, message: str, help_text: str = "", field: str = "") -> PydanticCustomError:
    """An author's error to raise inside a pydantic validator, with its own code.

    With `field` it points at that key of the mapping being validated.
    """
    return PydanticCustomError(
        "author", "{text}", {"text": message, "code": code, "help": help_text, "field": field}
    )


def refused_inside(
    code: str, message: str, help_text: str, *inside: str | int
) -> PydanticCustomError:
    """An author's error to raise inside a model's validator, at a value further inside."""
    context = {"text": message, "code": code, "help": help_text, "field": "", "inside": inside}
    return PydanticCustomError("author", "{text}", context)


def read_duration(value: object) -> timedelta:
    """The duration that the text means.

    Raises:
        PydanticCustomError: E104 if it is no duration, E105 if it is ISO 8601.
    """
    if isinstance(value, timedelta):
        return value
    text = str(value).strip()
    if isinstance(value, str) and text and _WHOLE.match(text):
        seconds = sum(int(count) * _SECONDS[unit] for count, unit in _PART.findall(text))
        if seconds > _LONGEST.total_seconds():
            raise refusal("E104", f"'{text}' is longer than ten years", _FORM)
        return timedelta(seconds=seconds)
    if isinstance(value, str) and _ISO.match(text):
        raise refusal("E105", f"'{text}' is an ISO 8601 duration", _FORM)
    if isinstance(value, int | float) and not isinstance(value, bool):
        whole = isinstance(value, int) and value > 0
        meant = f"; did you mean {value}s or {value}m?" if whole else ""
        raise refusal("E104", f"{described(value)} has no unit", f"{_FORM}{meant}")
    near_one = _meant(text) if isinstance(value, str) else None
    hint = f"did you mean {near_one}? {_FORM}" if near_one else _FORM
    raise refusal("E104", f"{described(value)} is not a duration", hint)


_LOOSE = re.compile(r"([0-9]{1,6})(?:[.,]([0-9]))?\s*([a-z]+)\Z")
_UNITS = {
    "d": "d", "day": "d", "days": "d", "h": "h", "hr": "h", "hour": "h", "hours": "h", "m": "m",
    "min": "m", "mins": "m", "minute": "m", "minutes": "m", "s": "s", "sec": "s", "secs": "s",
    "second": "s", "seconds": "s",
}  # fmt: skip


def _meant(text: str) -> str | None:
    """The duration that a looser notation says, such as `5 min` or `1.5h`."""
    found = _LOOSE.match(text.lower()) if len(text) <= _LONGEST_LOOSE else None
    unit = _UNITS.get(found[3]) if found else None
    if found is None or unit is None:
        return None
    seconds = int(found[1]) * _SECONDS[unit] + int(found[2] or 0) * _SECONDS[unit] // 10
    return written(timedelta(seconds=seconds)) if seconds else None


_LONGEST_LOOSE = 20


def read_timer(value: object) -> timedelta | None:
    """The duration, or None for `never`.

    Raises:
        PydanticCustomError: E104 or E105 as `read_duration`.
    """
    return None if value == NEVER else read_duration(value)


def written(duration: timedelta | None) -> str:
    """The duration as an author writes it."""
    if duration is None:
        return NEVER
    left = int(duration.total_seconds())
    parts = []
    for unit, size in _SECONDS.items():
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
