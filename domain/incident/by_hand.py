"""Carrying out what a person shapes by hand: who is on it, until when, at what.

Decides which rule takes which command, and that a hand laid on a pending or suppressed
incident makes it real. Whether it is allowed is `refusals_by_hand`, asked first.
"""

from typing import assert_never

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
from domain.incident.facts_said import set_facts
from domain.incident.lifting import take_up
from domain.incident.opening import trigger
from domain.incident.paging_by_hand import page
from domain.incident.snooze import snooze
from domain.incident.state import Told
from domain.incident.taking import join, leave, take
from domain.incident.tasks import change_tasks
from domain.incident.turn import Turn
from domain.incident.view import Phase
from domain.plan import OPERATIONS


def obey_by_hand(turn: Turn, command: HandCommand, person: Told) -> None:
    """Carry the command out."""
    if _makes_it_real(command):
        _make_real(turn, person)
    match command:
        case Page():
            page(turn, command, person)
        case TakeRole():
            take(turn, person, command.role)
        case Join():
            join(turn, person)
        case Leave():
            leave(turn, person, command.reason)
        case Snooze():
            snooze(turn, person, command)
        case SetFacts():
            set_facts(turn, command, person)
        case TaskAdd() | TaskDone() | TaskUndo() | TaskDrop():
            change_tasks(turn, command, person)
        case _:
            assert_never(command)


def _make_real(turn: Turn, person: Told) -> None:
    if turn.state.phase is Phase.PENDING:
        trigger(turn)
    if turn.state.phase is Phase.SUPPRESSED:
        take_up(turn, person.name)


def _makes_it_real(command: HandCommand) -> bool:
    takes_work = isinstance(command, TakeRole) and command.role == OPERATIONS
    return takes_work or isinstance(command, Page | Snooze)
