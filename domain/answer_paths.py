"""Paths into the answer of a call or a source, such as `body.items[0].sha`.

Decides how they are written and what they find: names parted by dots, indexes from 0 in
brackets, and any other name quoted in brackets (`headers["x.y"]`).
"""

import re
from collections.abc import Mapping, Sequence

NAME = r"[A-Za-z0-9_$@-]+"

_FIRST = re.compile(NAME)
_NEXT = re.compile(rf'\.(?P<name>{NAME})|\[(?P<index>\d+)\]|\["(?P<quoted>[^"]+)"\]')

SHOWN = 8
"""Names that are listed where one is missing."""


class InvalidPathError(ValueError):
    """The text is no path; says where it stops being one."""


class NothingThereError(LookupError):
    """The answer has nothing at the path; says what it has instead."""


def steps_of(path: str) -> tuple[str | int, ...]:
    """The names and indexes of a path, in order.

    Raises:
        InvalidPathError: it is written otherwise.
    """
    first = _FIRST.match(path)
    if first is None:
        raise InvalidPathError(f"'{path}' must begin with a name")
    steps: list[str | int] = [first.group()]
    at = first.end()
    while at < len(path):
        found = _NEXT.match(path, at)
        if found is None:
            raise InvalidPathError(
                f"'{path}' is no path from '{path[at:]}' on; use .name, [0] or [\"any name\"]"
            )
        index = found["index"]
        steps.append(int(index) if index else found["name"] or found["quoted"])
        at = found.end()
    return tuple(steps)


def found_at(path: str, answer: object) -> object:
    """What the answer has at the path; None where it has null.

    Raises:
        InvalidPathError: the path is none.
        NothingThereError: it has nothing there.
    """
    here, walked = answer, ""
    for step in steps_of(path):
        here = _inside(here, step, walked)
        walked = f"{walked}[{step}]" if isinstance(step, int) else f"{walked}.{step}".lstrip(".")
    return here


def _inside(here: object, step: str | int, walked: str) -> object:
    where = walked or "the answer"
    if isinstance(step, int):
        if isinstance(here, str) or not isinstance(here, Sequence):
            raise NothingThereError(f"{where} is {kind_of(here)}, not a list")
        if step >= len(here):
            raise NothingThereError(f"{where} has {len(here)} entries, none with index {step}")
        return here[step]
    if not isinstance(here, Mapping):
        raise NothingThereError(f"{where} is {kind_of(here)}, so it has no '{step}'")
    if step not in here:
        raise NothingThereError(f"{where} has no '{step}', {_has(here)}")
    return here[step]


def _has(here: Mapping[object, object]) -> str:
    names = [str(name)[:60] for name in here]
    if not names:
        return "it is empty"
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"only {', '.join(names[:SHOWN])}{more}"


def kind_of(value: object) -> str:
    """What a JSON value is, in a word or two."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return "text"
        case int() | float():
            return "a number"
        case Mapping():
            return "an object"
        case _:
            return "a list"
