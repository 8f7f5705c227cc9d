"""Taking a role, joining and leaving: who works on it by their own word.

Decides that a role is taken from nobody who acts, and that leaving is a vacancy of
everything one held.
"""

from datetime import timedelta

from domain.clock_text import duration_text
from domain.incident.acknowledge import acknowledge
from domain.incident.calls import drop_help
from domain.incident.handoff import withdraw_offers_of
from domain.incident.messages import readable
from domain.incident.roles import grant, holds, vacate
from domain.incident.state import Holding, Told
from domain.incident.turn import Turn
from domain.incident.view import Phase
from domain.plan import OPERATIONS

SILENT_AFTER = timedelta(minutes=10)
"""A holder who has done nothing for so long may be relieved by whoever is there."""


def silent_for(turn: Turn, held: Holding) -> timedelta:
    """How long ago the holder last did something, or came to hold the role."""
    return turn.now - max(held.since, turn.state.acts.get(held.person, held.since))


def in_the_way(turn: Turn, role: str, person: str) -> Holding | None:
    """Who holds the role and acts, so that it cannot be taken from them."""
    plan = turn.plan.roles.get(role)
    if plan is not None and plan.many:
        return None
    for held in turn.state.holders(role):
        is_real = held.person != person and not held.acting and not held.on_paper
        if is_real and silent_for(turn, held) < SILENT_AFTER:
            return held
    return None


def take(turn: Turn, person: Told, role: str) -> None:
    """The role changes hands at once; whoever held it is told."""
    former = _displaced(turn, role, person.person)
    withdraw_offers_of(turn, role, f"{person.name} takes it")
    if role == OPERATIONS and turn.state.phase is Phase.TRIGGERED:
        acknowledge(turn, person)
    if not _holds_for_good(turn, role, person.person):
        grant(turn, role, person)
    for held in former:
        why = _why_free(turn, held)
        turn.note("role.taken", f"{person.name} takes {readable(role)} from {held.name}: {why}.")
        text = f"{person.name} took {readable(role)} from you: {why}."
        told = Told(person=held.person, name=held.name)
        turn.tell(told, turn.message(text), why=f"{readable(role)} was taken over")
    names = ", ".join(held.name for held in former)
    after = f" {names} is told." if former else ""
    turn.answer(f"You hold {readable(role)}.{after}")


def _displaced(turn: Turn, role: str, person: str) -> list[Holding]:
    plan = turn.plan.roles.get(role)
    if plan is not None and plan.many:
        return []
    return [held for held in turn.state.holders(role) if held.person != person]


def _holds_for_good(turn: Turn, role: str, person: str) -> bool:
    return any(
        held.person == person and not held.acting and not held.on_paper
        for held in turn.state.holders(role)
    )


def _why_free(turn: Turn, held: Holding) -> str:
    if held.on_paper:
        return "it was held on paper only"
    if held.acting:
        return "it was held for the time being"
    return f"silent for {duration_text(silent_for(turn, held))}"


def join(turn: Turn, person: Told) -> None:
    """One more works on it; nobody's paging stops for that."""
    grant(turn, "responders", person)
    waits = turn.state.phase in (Phase.PENDING, Phase.TRIGGERED)
    still = f" It is still {turn.state.phase}: nobody has acknowledged it." if waits else ""
    turn.answer(f"You joined.{still}")


def is_on_it(turn: Turn, person: str) -> bool:
    """Whether they hold a role or have acknowledged."""
    return person in turn.state.holder_ids() or person in turn.state.acked_by


def leave(turn: Turn, person: Told, reason: str) -> None:
    """Everything they held is vacant, and each vacancy follows its rules."""
    because = f": {reason}" if reason else ""
    turn.note("left", f"{person.name} leaves the incident{because}.", {"person": person.person})
    before = turn.state.phase
    turn.state.acked_by.pop(person.person, None)
    for role in list(turn.state.roles):
        if holds(turn, person.person, role):
            vacate(turn, role, person.person, reason or "left")
    drop_help(turn, person.person)
    again = before is not Phase.TRIGGERED and turn.state.phase is Phase.TRIGGERED
    mine = sum(task.is_open and task.owner == person.person for task in turn.state.tasks.values())
    sentence = "You are off it."
    if again:
        sentence += " Nobody works on it now: the level is paged again."
    if mine:
        sentence += f" {mine} open {'task is' if mine == 1 else 'tasks are'} still yours."
    turn.answer(sentence)
