"""The typed values that facts, step results and parameters hold.

Decides which types there are and how text from outside becomes one of them. All are JSON.
"""

import math
from typing import Literal

ValueType = Literal["string", "int", "double", "bool", "list"]
"""A `list` is one of texts."""

Value = str | int | float | bool | tuple[str, ...]
Values = dict[str, Value]


class WrongTypeError(ValueError):
    """What was given is no value of the type; the text says what it is instead."""


def as_value(given: object, wanted: ValueType) -> Value:
    """The given thing as a value of the type: numbers and truth also from their text.

    Raises:
        WrongTypeError: it cannot be read so; NaN and infinity are no numbers.
    """
    match wanted:
        case "string":
            return _text(given)
        case "int":
            return _int(given)
        case "double":
            return _double(given)
        case "bool":
            return _bool(given)
        case "list":
            return _list(given)


def _refused(given: object, wanted: str) -> WrongTypeError:
    shown = str(given)
    return WrongTypeError(f"'{shown[:60]}' is no {wanted}")


def _text(given: object) -> str:
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, str | int | float):
        return str(given)
    raise _refused(given, "text")


def _double(given: object) -> float:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise _refused(given, "number")
    try:
        number = float(given)
    except (ValueError, OverflowError):
        raise _refused(given, "number") from None
    if not math.isfinite(number):
        raise _refused(given, "number")
    return number


def _int(given: object) -> int:
    number = _double(given)
    if number != int(number) or abs(number) >= 2**63:
        raise _refused(given, "whole number")
    return (
        int(given)
        if isinstance(given, str) and given.strip().lstrip("+-").isdigit()
        else int(number)
    )


def _bool(given: object) -> bool:
    if isinstance(given, bool):
        return given
    if isinstance(given, str) and given.strip().lower() in ("true", "yes", "1"):
        return True
    if isinstance(given, str) and given.strip().lower() in ("false", "no", "0"):
        return False
    if isinstance(given, int | float) and given in (0, 1):
        return bool(given)
    raise _refused(given, "yes or no")


def _list(given: object) -> tuple[str, ...]:
    if isinstance(given, str):
        return tuple(part.strip() for part in given.split(",") if part.strip())
    if isinstance(given, list | tuple):
        return tuple(_text(one) for one in given)
    raise _refused(given, "list")
