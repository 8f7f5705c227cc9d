"""By which schedule a person was found, and until when they serve by it.

Decides what of an on-call answer is remembered, so that a role taken later knows whose
shift it is held in. What follows at the end of a shift is `domain.incident.shifts`.
"""

from domain.incident.people import LookedUp
from domain.incident.state import OnShift
from domain.incident.turn import Turn
from domain.plan import OPERATIONS

KEPT = 8
"""Look-ups remembered for each person; a new one for the same purpose replaces the old."""


def remember(turn: Turn, purpose: str, found: tuple[LookedUp, ...]) -> None:
    """Keep, for each person found through a schedule, which one it was and until when."""
    for answer in found:
        if not answer.ref.startswith("schedule:"):
            continue
        for person in answer.people:
            shift = OnShift(schedule=answer.ref, until=answer.until, purpose=purpose)
            known = turn.state.on_shift.get(person.id, ())
            others = tuple(one for one in known if one.purpose != purpose)
            turn.state.on_shift[person.id] = (*others, shift)[-KEPT:]


def shift_of(turn: Turn, role: str, person: str) -> OnShift | None:
    """The shift in which this person takes the role; None where they were not paged for it.

    A role's own ladder counts for that role, everything else that pages for operations. Of a
    shift that is over when they take it only the schedule counts: they knew what they took.
    """
    known = turn.state.on_shift.get(person, ())
    own = f"ladder:role:{role}"
    mine = [one for one in known if one.purpose == own or one.purpose.startswith(f"{own}:")]
    if not mine and role == OPERATIONS:
        mine = [one for one in known if not one.purpose.startswith(("ladder:role:", "offer:"))]
    if not mine:
        return None
    until = mine[-1].until
    is_over = until is not None and until <= turn.now
    return mine[-1].model_copy(update={"until": None}) if is_over else mine[-1]
