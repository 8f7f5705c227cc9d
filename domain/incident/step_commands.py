"""Carrying out what people say about steps; whether it is allowed is `step_refusals`.

Decides nothing about order: the walk that follows every event does.
"""

from domain.incident.commands_of_steps import StepCommand, StepDone, StepUndo
from domain.incident.state import Told
from domain.incident.step_kinds import checklist
from domain.incident.step_turn import done
from domain.incident.tree import find
from domain.incident.turn import Turn
from domain.plan_steps import ChecklistStep


def obey_step(turn: Turn, command: StepCommand, person: Told) -> None:
    """Carry the command out."""
    node = find(turn.plan, turn.state, command.step)
    if node is None:
        return
    step = node.step
    match command:
        case StepDone() if isinstance(step, ChecklistStep):
            checklist.tick(turn, node, step, command.item, person)
        case StepDone():
            done(turn, node, f"{person.name} is done with it.")
            turn.answer(f"Step {node.label} is done.")
        case StepUndo() if isinstance(step, ChecklistStep):
            checklist.untick(turn, node, step, command.item, person)
        case _:
            pass
