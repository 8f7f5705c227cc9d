"""What only people know: when harm began, what it means, when it may be over.

Decides which values are taken and how the change reads on the timeline. Nothing else
follows from them.
"""

from datetime import datetime

from domain.clock_text import local_date_time
from domain.incident.commands_by_hand import SetFacts
from domain.incident.hand_state import FactsSaid
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
    before = turn.state.facts
    after = before.model_copy(update=_given(command))
    turn.state.facts = after
    was, now = _worded(before, turn.plan.timezone), _worded(after, turn.plan.timezone)
    read = _worded(after, command.zone or turn.plan.timezone)
    said = []
    for what in _touched(command):
        text = f"{what}: {was[what]} → {now[what]} ({person.name})."
        kind = f"set.{what.lower().replace(' ', '_')}"
        turn.note(kind, text, {"from": was[what], "to": now[what]})
        said.append(f"{what}: {read[what]}.")
    turn.answer(" ".join(said))


def _given(command: SetFacts) -> dict[str, datetime | str | None]:
    update: dict[str, datetime | str | None] = {}
    if command.began_at is not None:
        update["began_at"] = command.began_at
    if command.impact is not None:
        update["impact"] = command.impact
    if command.eta_at is not None or command.eta is not None:
        update |= {"eta_at": command.eta_at, "eta": command.eta or ""}
    return update


def _touched(command: SetFacts) -> list[str]:
    given = {
        "Start": command.began_at is not None,
        "Impact": command.impact is not None,
        "Recovery estimate": command.eta_at is not None or command.eta is not None,
    }
    return [what for what, is_given in given.items() if is_given]


def _worded(facts: FactsSaid, zone: str) -> dict[str, str]:
    """Every fact as people read it in this zone."""
    began = local_date_time(facts.began_at, zone) if facts.began_at else ""
    eta = local_date_time(facts.eta_at, zone) if facts.eta_at else facts.eta
    worded = {"Start": began, "Impact": facts.impact, "Recovery estimate": eta}
    return {what: text or "not set" for what, text in worded.items()}
