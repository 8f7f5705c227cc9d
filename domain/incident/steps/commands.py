"""Carrying out what people say about steps; whether it is allowed is `refusals`.

Decides nothing about order: the walk that follows every event does.
"""

from typing import assert_never

from domain.incident.commands_of_steps import (
    StepAnswer,
    StepApprove,
    StepChoose,
    StepCommand,
    StepDone,
    StepReject,
    StepRetry,
    StepSkip,
    StepTakeOver,
    StepUndo,
)
from domain.incident.state import Told
from domain.incident.steps.kinds import approve, ask, checklist, decide
from domain.incident.steps.moves import done, put, run_on, skip, stop_inside, tell
from domain.incident.steps.stopping import put_again
from domain.incident.steps.tree import Node, find, known
from domain.incident.turn import Turn
from domain.plan_steps import ApproveStep, AskStep, ChecklistStep
from domain.values import as_value


def obey_step(turn: Turn, command: StepCommand, person: Told) -> None:  # noqa: C901
    """Carry the command out."""
    node = find(turn.plan, turn.state, command.step)
    if node is None:
        return
    match command:
        case StepDone():
            _done(turn, node, command, person)
        case StepUndo():
            _undo(turn, node, command, person)
        case StepChoose():
            decide.choose(turn, node, command, person)
        case StepAnswer():
            if isinstance(node.step, AskStep):
                ask.answer(turn, node, as_value(command.answer, node.step.type), person)
        case StepApprove():
            _approve(turn, node, command, person)
        case StepReject():
            approve.reject(turn, node, command, person)
        case StepRetry():
            _retry(turn, node, person)
        case StepSkip():
            _skip(turn, node, command, person)
        case StepTakeOver():
            _take_over(turn, node, command, person)
        case _:
            assert_never(command)


def _done(turn: Turn, node: Node, command: StepDone, person: Told) -> None:
    if isinstance(node.step, ChecklistStep):
        checklist.tick(turn, node, node.step, command.item, person)
        return
    by_hand = " by hand" if known(turn.state, node).taken_over else ""
    done(turn, node, f"{person.name} has done it{by_hand}.")
    turn.answer(f"Step {node.label} is done.")


def _undo(turn: Turn, node: Node, command: StepUndo, person: Told) -> None:
    if isinstance(node.step, ChecklistStep):
        checklist.untick(turn, node, node.step, command.item, person)
        return
    run_on(turn, node)
    turn.note("step.opened", f"{person.name} opens {node.label} again.", {"step": node.address})
    turn.answer(f"Step {node.label} is open again.")


def _approve(turn: Turn, node: Node, command: StepApprove, person: Told) -> None:
    step = node.step
    if not isinstance(step, ApproveStep):
        return
    if command.break_glass:
        approve.break_glass(turn, node, step, (command, person))
    else:
        approve.approve(turn, node, step, (command, person))


def _retry(turn: Turn, node: Node, person: Told) -> None:
    put_again(turn, node)
    data = {"step": node.address}
    turn.note("step.retried", f"{person.name} wants {node.label} done again.", data)
    turn.answer(f"Step {node.label} starts again.")


def _skip(turn: Turn, node: Node, command: StepSkip, person: Told) -> None:
    skip(turn, node, f"{person.name}: {command.because.rstrip('.')}.")
    said = {"by": person.person, "by_name": person.name, "because": command.because}
    put(turn, node, **said, taken_over=False)
    turn.answer(f"Step {node.label} is skipped: what stands behind it goes on.")


def _take_over(turn: Turn, node: Node, command: StepTakeOver, person: Told) -> None:
    before = known(turn.state, node)
    stop_inside(turn, node)
    run_on(turn, node)
    said = {"by": person.person, "by_name": person.name, "because": command.because}
    put(turn, node, **said, taken_over=True, detail=f"{person.name} does it by hand.")
    why = f": {command.because.rstrip('.')}" if command.because else ""
    text = f"{person.name} does {node.label} by hand{why}"
    turn.note("step.taken_over", f"{text}.", {"step": node.address})
    if before.taken_over and before.by not in (None, person.person):
        tell(turn, [Told(person=before.by or "", name=before.by_name)], text)
    ref = turn.state.reference
    turn.answer(f"Step {node.label} is yours. Done: watchbill step done {ref} {node.address}")
