"""A shift that changes while nobody has answered: who comes on is paged too.

Decides whose shift is watched and who joins those paged. The page of whoever was paged
before goes on; later levels ask anew by themselves.
"""

from domain.incident.calls import Rung, call_person
from domain.incident.ladder import (
    ESCALATION,
    distinct_people,
    follows_hours,
    label,
    page_last_resort,
    page_of,
    put,
    rung_of,
    sound_of,
)
from domain.incident.messages import named
from domain.incident.people import LookedUp, LookUpAnswer, Person
from domain.incident.quiet import is_closed, is_stale
from domain.incident.state import Call, Ladder
from domain.incident.turn import Turn

_UNANSWERED = ("looking_up", "waiting", "exhausted")


def remember_shifts(turn: Turn, ladder_id: str, found: tuple[LookedUp, ...]) -> None:
    """Keep when other people serve in the schedules that this ladder has asked so far."""
    ladder = turn.state.ladders.get(ladder_id)
    if ladder is None or ladder.stage not in _UNANSWERED:
        return
    watched = dict(ladder.watched)
    for one in found:
        watched.pop(one.ref, None)
        if one.until is not None:
            watched[one.ref] = one.until
    _watch(turn, put(turn, ladder, watched=watched))


def _watch(turn: Turn, ladder: Ladder) -> None:
    name = f"shift/{ladder.id}"
    if not ladder.watched:
        turn.clear_deadline(name)
        return
    at = min(ladder.watched.values())
    refs = tuple(ref for ref, until in ladder.watched.items() if until == at)
    turn.set_deadline(name, at, f"Shift change of {named(refs)}: page who comes on too")


def on_shift_over(turn: Turn, ladder_id: str) -> None:
    """Ask who comes on; an exhausted ladder pages its last resort again."""
    ladder = turn.state.ladders.get(ladder_id)
    if ladder is None or ladder.stage not in _UNANSWERED:
        return
    due = tuple(ref for ref, until in ladder.watched.items() if until <= turn.now)
    left = {ref: until for ref, until in ladder.watched.items() if ref not in due}
    ladder = put(turn, ladder, watched=left)
    _watch(turn, ladder)
    if ladder.stage == "exhausted":
        page_last_resort(turn)
        asked = (*turn.plan.escalation.exhausted.page, *ladder.levels[0])
        due = tuple(ref for ref in due if ref not in asked)
    if due:
        _ask_who_comes_on(turn, ladder, due)


def _ask_who_comes_on(turn: Turn, ladder: Ladder, refs: tuple[str, ...]) -> None:
    summary = f"Who comes on: {named(refs)} ({label(ladder)})"
    hours = follows_hours(turn, ladder)
    turn.look_up(f"shift:{ladder.id}", refs, summary, hours=hours)


def on_shift_people(turn: Turn, ladder_id: str, answer: LookUpAnswer) -> None:
    """Page whoever comes on and is not being paged in this round yet."""
    ladder = turn.state.ladders.get(ladder_id)
    if ladder is None or ladder.stage not in _UNANSWERED or _has_to_wait(turn, ladder, answer):
        return
    if follows_hours(turn, ladder) and answer.hours is None:
        # Asked at a severity for which hours did not matter; now they do.
        _ask_who_comes_on(turn, ladder, tuple(one.ref for one in answer.found))
        return
    remember_shifts(turn, ladder_id, answer.found)
    sound = sound_of(turn, ladder, answer.hours)
    found = tuple(one for one in answer.found if one.people)
    people = distinct_people(turn, found, "shift change", urgency=sound.urgency)
    rung = _rung(ladder)
    coming = [person for person in people if not _is_being_paged(turn, rung, person)]
    if not coming:
        return
    names = ", ".join(person.name for person in coming)
    refs = named(tuple(one.ref for one in found))
    turn.note("shift.changed", f"Shift change of {refs}: {names} comes on and is paged too.")
    message = page_of(turn, ladder)
    for person in coming:
        call = call_person(turn, person, rung, reason=ladder.id, message=message, sound=sound)
        _wait_for(turn, ladder.id, call)


def _has_to_wait(turn: Turn, ladder: Ladder, answer: LookUpAnswer) -> bool:
    """Whether the end of the team's hours, which is a deadline of its own, comes first."""
    hours = answer.hours
    if hours is None or not follows_hours(turn, ladder):
        return False
    return is_stale(turn, hours) or is_closed(turn, hours)


def _rung(ladder: Ladder) -> Rung:
    if ladder.stage == "exhausted":
        return Rung(cycle=ladder.cycle, round=ladder.round, level="exhausted")
    return rung_of(ladder)


def _is_being_paged(turn: Turn, rung: Rung, person: Person) -> bool:
    known = turn.state.calls.get(rung.call_id(person.id))
    return known is not None and not known.is_over


def _wait_for(turn: Turn, ladder_id: str, call: Call) -> None:
    """The level now waits for this person as well."""
    ladder = turn.state.ladders[ladder_id]
    asked = tuple(dict.fromkeys((*ladder.asked, call.person.id)))
    here = (*ladder.here, call.id) if ladder.stage == "waiting" else ladder.here
    put(turn, ladder, asked=asked, here=here, anyone=ladder_id == ESCALATION or ladder.anyone)
