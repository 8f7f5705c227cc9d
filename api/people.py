"""Whom a request names: a person or schedule of the roster, or nobody.

Decides how a bare name reads and what a stranger is answered.
"""

import difflib

from api.problems import Problem
from domain.roster import Roster


def reference_to(roster: Roster, named: str, *, schedules: bool = False) -> str:
    """`user:<id>` (or `schedule:<id>`, where allowed) for what a request names.

    A bare name is a person; 422 naming near ones if the roster has nobody of it.
    """
    kind, colon, name = named.strip().partition(":")
    if not colon:
        kind, name = "user", _by_name(roster, kind)
    known: list[str] = []
    if kind == "user":
        known = sorted(roster.users)
    elif kind == "schedule" and schedules:
        known = sorted(roster.schedules)
    else:
        allowed = "user:<id> or schedule:<id>" if schedules else "user:<id>"
        raise _unknown(f"{named!r} is not somebody to ask: give {allowed}")
    if name in known:
        return f"{kind}:{name}"
    raise _unknown(stranger(kind, name, known))


def stranger(kind: str, name: str, known: list[str]) -> str:
    """What is said of a name that the roster does not have."""
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(near)}?" if near else f"there are: {', '.join(known[:10])}"
    return f"no {kind} {name!r} in the roster; {hint if known else 'it is empty'}"


def _by_name(roster: Roster, given: str) -> str:
    """The id of the person with this id, or with this name, whatever its case."""
    lowered = given.lower()
    for user in roster.users.values():
        if lowered in (user.id, user.name.lower()):
            return user.id
    return given


def _unknown(message: str) -> Problem:
    return Problem(422, f"to: {message}", errors=[("body.to", message)])
