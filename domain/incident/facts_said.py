"""What only people know: when harm began, what it means, when it may be over.

Decides which values are taken and how the change reads on the timeline. Nothing else
follows from them.
"""

from datetime import datetime

from domain.clock_text import local_date_time
from domain.incident.commands_by_hand import SetFacts
from domain.incident.state import Told
from domain.incident.turn import Turn
from domain.incident.view import Phase
from domain.incident.why_not import Refusal, wrong_input, wrong_moment


def cannot_set(turn: Turn, command: SetFacts) -> Refusal | None:
    """Why these facts cannot be; None if they can."""
    zone = command.zone or turn.plan.timezone
    given = (command.began_at, command.impact, command.eta_at, command.eta)
    if all(value is None for value in given):
        return wrong_input("Nothing is set: say when it began, the impact, or an estimate.")
    if command.eta_at is not None and command.eta is not None:
        return wrong_input("The estimate is a moment or words, not both.")
    if command.began_at is not None and command.began_at > turn.now:
        when = local_date_time(command.began_at, zone)
        return wrong_input(f"{when} is still to come: harm cannot have begun then.")
    if command.eta_at is not None and command.eta_at <= turn.now:
        when = local_date_time(command.eta_at, zone)
        return wrong_input(f"{when} is past: the estimate is a time to come, or words.")
    phase = turn.state.phase
    if phase in (Phase.RESOLVED, Phase.CANCELLED) and (command.eta_at or command.eta):
        return wrong_moment(f"The incident is {phase}: it needs no estimate.")
    return None


def set_facts(turn: Turn, command: SetFacts, person: Told) -> None:
    """Take what is given; every change says from what to what."""
    said: list[str] = []
    if command.began_at is not None:
        said.append(_begin(turn, command.began_at, person))
    if command.impact is not None:
        said.append(_affect(turn, command.impact, person))
    if command.eta_at is not None or command.eta is not None:
        said.append(_estimate(turn, command, person))
    turn.answer(" ".join(said))


def _begin(turn: Turn, moment: datetime, person: Told) -> str:
    was = turn.state.facts.began_at
    turn.state.facts = turn.state.facts.model_copy(update={"began_at": moment})
    return _note(turn, "Start", (_moment(turn, was), _moment(turn, moment)), person)


def _affect(turn: Turn, impact: str, person: Told) -> str:
    was = turn.state.facts.impact
    turn.state.facts = turn.state.facts.model_copy(update={"impact": impact})
    return _note(turn, "Impact", (was, impact), person)


def _estimate(turn: Turn, command: SetFacts, person: Told) -> str:
    known = turn.state.facts
    was = known.eta or _moment(turn, known.eta_at)
    update = {"eta_at": command.eta_at, "eta": command.eta or ""}
    turn.state.facts = known.model_copy(update=update)
    now = command.eta or _moment(turn, command.eta_at)
    return _note(turn, "Recovery estimate", (was, now), person)


def _moment(turn: Turn, moment: datetime | None) -> str:
    return local_date_time(moment, turn.plan.timezone) if moment is not None else ""


def _note(turn: Turn, what: str, change: tuple[str, str], person: Told) -> str:
    before, after = (text or "not set" for text in change)
    data = {"from": before, "to": after}
    kind = f"set.{what.lower().replace(' ', '_')}"
    turn.note(kind, f"{what}: {before} → {after} ({person.name}).", data)
    return f"{what}: {after}."
