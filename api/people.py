"""Whom a request names: a person or schedule of the roster, or nobody.

Decides how a bare name reads and what a stranger is answered.
"""

import difflib
from collections.abc import Iterable, Sequence

from api.problems import Problem
from domain.roster import Roster

PERSON = ("user",)
ON_CALL = ("user", "schedule")
ANYBODY = ("user", "schedule", "team")


def reference_to(
    roster: Roster, named: str, kinds: Sequence[str] = PERSON, *, field: str = "to"
) -> str:
    """`user:<id>`, or another kind that is allowed, for what a request names.

    A bare name is a person; 422 naming near ones if the roster has nobody of it.
    """
    kind, colon, name = named.strip().partition(":")
    if not colon:
        kind, name = "user", _by_name(roster, kind)
    if kind not in kinds:
        allowed = " or ".join(f"{one}:<id>" for one in kinds)
        raise _unknown(f"{named!r} is not somebody to ask: give {allowed}", field)
    known = sorted(_ids(roster, kind))
    if name in known:
        return f"{kind}:{name}"
    raise _unknown(stranger(kind, name, known), field)


def _ids(roster: Roster, kind: str) -> Iterable[str]:
    match kind:
        case "schedule":
            return roster.schedules
        case "team":
            return roster.teams
        case _:
            return roster.users


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


def _unknown(message: str, field: str) -> Problem:
    return Problem(422, f"{field}: {message}", errors=[(f"body.{field}", message)])
