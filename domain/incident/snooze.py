"""Snooze: an acknowledgement with an end.

Decides what ends it: its moment, which pages the same level again; somebody's explicit
"I am on it"; a raise; the end of the acknowledgement itself. Other acts leave it alone.
"""

from datetime import datetime, timedelta

from domain.clock_text import local_date_time, local_time
from domain.incident.acknowledge import acknowledge, acknowledgement_ends
from domain.incident.commands_by_hand import Snooze
from domain.incident.hand_state import Snoozed
from domain.incident.ladder import ESCALATION
from domain.incident.state import Told
from domain.incident.turn import Turn
from domain.incident.view import Phase
from domain.incident.why_not import Refusal, wrong_input

LONGEST = timedelta(hours=24)


def cannot_snooze(turn: Turn, command: Snooze) -> Refusal | None:
    """Why this snooze cannot be; None if it can."""
    if (command.until is None) == (command.lasting is None):
        return wrong_input("A snooze needs its end: a moment (until) or a time (for).")
    until = end_of(turn, command)
    when = local_date_time(until, command.zone or turn.plan.timezone)
    if until <= turn.now:
        return wrong_input(f"{when} is past: a snooze ends at a time to come.")
    if until > turn.after(LONGEST):
        return wrong_input(f"{when} is more than 24 h away: a snooze lasts at most 24 h.")
    return None


def end_of(turn: Turn, command: Snooze) -> datetime:
    """The moment at which this snooze ends."""
    return command.until or turn.after(command.lasting or timedelta(0))


def snooze(turn: Turn, person: Told, command: Snooze) -> None:
    """The person is on it until then, and nobody is asked or paged before."""
    until = end_of(turn, command)
    acknowledge(turn, person)
    turn.state.snooze = Snoozed(
        by=person.person,
        by_name=person.name,
        at=turn.now,
        until=until,
        reason=command.reason,
    )
    when = local_time(until, turn.plan.timezone)
    because = f": {command.reason}" if command.reason else ""
    turn.note("snoozed", f"{person.name} snoozes it until {when}{because}.")
    level = _level(turn)
    turn.set_deadline("snooze", until, f"Snoozed by {person.name} until {when}: page {level} again")
    when = local_time(until, command.zone or turn.plan.timezone)
    turn.answer(f"Snoozed until {when}: nobody is paged before, then {level} is paged again.")


def _level(turn: Turn) -> str:
    ladder = turn.state.ladders.get(ESCALATION)
    return f"level {ladder.level + 1 if ladder is not None else 1}"


def wake(turn: Turn, why: str) -> None:
    """The snooze ends early; the clock of silence starts now."""
    known = turn.state.snooze
    if known is None:
        return
    _forget(turn)
    turn.state.last_action_at = turn.now
    turn.note("snooze.ended", f"The snooze of {known.by_name} ends: {why}.")


def on_snooze_over(turn: Turn) -> None:
    """Its moment has come: page the same level again, unless nothing is left to page for."""
    known = turn.state.snooze
    if known is None:
        return
    if turn.state.resolve_since is not None:
        wake(turn, "its time is over, and nothing fires any more")
        return
    _forget(turn)
    text = f"Your snooze is over: {_level(turn)} is paged again. {turn.state.title}"
    told = Told(person=known.by, name=known.by_name)
    turn.tell(told, turn.message(text), why="the snooze is over")
    acknowledgement_ends(turn, f"The snooze of {known.by_name} is over.")


def watch_snooze(turn: Turn) -> None:
    """A snooze ends with the acknowledgement that it is."""
    known = turn.state.snooze
    if known is None:
        return
    stands = turn.state.phase in (Phase.ACKNOWLEDGED, Phase.MITIGATED)
    if not stands or known.by not in turn.state.acked_by:
        wake(turn, f"the incident is {turn.state.phase}" if not stands else "they are not on it")


def snoozer_gone(turn: Turn, users: tuple[str, ...]) -> None:
    """Nobody comes back to it: whoever else is on it is asked as usual from now on."""
    known = turn.state.snooze
    if known is not None and known.by in users:
        wake(turn, "they left the roster")


def _forget(turn: Turn) -> None:
    turn.state.snooze = None
    turn.clear_deadline("snooze")
