"""Which commands of a person's hand are refused now, and why.

Decides nothing else; the sentences name the present state and the mend.
"""

from typing import assert_never

from domain.clock_text import local_time
from domain.incident.commands_by_hand import (
    HandCommand,
    Join,
    Leave,
    Page,
    SetFacts,
    Snooze,
    TakeRole,
    TaskAdd,
    TaskDone,
    TaskDrop,
    TaskUndo,
)
from domain.incident.facts_said import cannot_set
from domain.incident.messages import readable
from domain.incident.paging_by_hand import cannot_page
from domain.incident.roles import holds
from domain.incident.snooze import cannot_snooze
from domain.incident.taking import in_the_way, is_on_it
from domain.incident.tasks import cannot_task
from domain.incident.turn import Turn
from domain.incident.why_not import Refusal, unknown_role, wrong_moment


def refusal_by_hand(turn: Turn, command: HandCommand) -> Refusal | None:
    """Why the command cannot be carried out now; None if it can."""
    match command:
        case Page():
            return cannot_page(command)
        case TakeRole():
            return unknown_role(turn, command.role) or _cannot_take(turn, command)
        case Join():
            return unknown_role(turn, "responders") or _cannot_join(turn, command)
        case Leave():
            if is_on_it(turn, command.person or ""):
                return None
            return wrong_moment(f"You are not on it: the incident is {turn.state.phase}.")
        case Snooze():
            return cannot_snooze(turn, command)
        case SetFacts():
            return cannot_set(turn, command)
        case TaskAdd() | TaskDone() | TaskUndo() | TaskDrop():
            return cannot_task(turn, command)
        case _:
            assert_never(command)


def _cannot_take(turn: Turn, command: TakeRole) -> Refusal | None:
    person, role = command.person or "", command.role
    acting = any(held.person == person and held.acting for held in turn.state.holders(role))
    if holds(turn, person, role) and not acting:
        return wrong_moment(f"You hold {readable(role)} already.")
    held = in_the_way(turn, role, person)
    if held is None:
        return None
    last = max(held.since, turn.state.acts.get(held.person, held.since))
    when = local_time(last, turn.plan.timezone)
    return wrong_moment(
        f"{held.name} holds {readable(role)} and acted at {when}: "
        "ask them for a handoff, or the commander to assign it to you."
    )


def _cannot_join(turn: Turn, command: Join) -> Refusal | None:
    person = command.person or ""
    held = [readable(role) for role in turn.state.roles if holds(turn, person, role)]
    return wrong_moment(f"You are on it already: you hold {', '.join(held)}.") if held else None
