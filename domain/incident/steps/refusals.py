"""Which commands about steps are refused now, and why.

Decides nothing else; the sentences name the present state and the mend. Who may decide,
answer or approve is `rights`.
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
from domain.incident.step_state import StepState
from domain.incident.steps.mends import cannot_retry, cannot_skip, cannot_take_over
from domain.incident.steps.rights import (
    cannot_answer,
    cannot_approve,
    cannot_choose,
    cannot_reject,
)
from domain.incident.steps.standing import standing, unknown_step
from domain.incident.steps.tree import Node, find, known
from domain.incident.turn import Turn
from domain.incident.why_not import Refusal, wrong_input, wrong_moment
from domain.plan_steps import (
    ApproveStep,
    AskStep,
    ChecklistStep,
    DecideStep,
    ForEachStep,
    NotifyStep,
    ParallelStep,
    RunbookStep,
    Step,
)


def refusal_of_step(turn: Turn, command: StepCommand) -> Refusal | None:
    """Why the command cannot be carried out now; None if it can."""
    node = find(turn.plan, turn.state, command.step)
    if node is None:
        return unknown_step(turn, command.step)
    match command:
        case StepDone() | StepUndo():
            return _cannot_tick(turn, node, command)
        case StepChoose():
            return cannot_choose(turn, node, command)
        case StepAnswer():
            return cannot_answer(turn, node, command)
        case StepApprove():
            return cannot_approve(turn, node, command)
        case StepReject():
            return cannot_reject(turn, node, command)
        case StepRetry():
            return cannot_retry(turn, node)
        case StepSkip():
            return cannot_skip(turn, node)
        case StepTakeOver():
            return cannot_take_over(turn, node, command)
        case _:
            assert_never(command)


def _cannot_tick(turn: Turn, node: Node, command: StepDone | StepUndo) -> Refusal | None:
    state = known(turn.state, node)
    if isinstance(node.step, ChecklistStep):
        return _cannot_tick_item(turn, node, command, state)
    if command.item is not None:
        return wrong_input(f"Step {node.label} has no items.")
    if isinstance(command, StepUndo):
        return _cannot_open_again(turn, node, state)
    if state.state == "running" and (state.taken_over or isinstance(node.step, RunbookStep)):
        return None
    if state.state == "running":
        return wrong_input(f"Step {node.label} {_ends(node.step)}")
    if state.state == "done" and isinstance(node.step, RunbookStep):
        return wrong_moment(f"Runbook {node.label} is shown and done already: just read it.")
    if isinstance(node.step, NotifyStep):
        return wrong_input(f"Step {node.label} tells people by itself: there is nothing to tick.")
    return wrong_moment(f"{standing(turn, node)}: there is nothing to tick.")


def _cannot_tick_item(
    turn: Turn, node: Node, command: StepDone | StepUndo, state: StepState
) -> Refusal | None:
    if state.state == "pending":
        return wrong_moment(f"Checklist {node.label} has not started.")
    if state.state in ("skipped", "failed", "cancelled"):
        return wrong_moment(f"{standing(turn, node)}: nothing of it can be ticked.")
    if command.item is not None and command.item not in state.items:
        items = ", ".join(state.items)
        return wrong_input(f"Checklist {node.label} has no item '{command.item}'; it has {items}.")
    return None


def _cannot_open_again(turn: Turn, node: Node, state: StepState) -> Refusal | None:
    by_hand = state.taken_over or isinstance(node.step, RunbookStep)
    if state.state == "done" and by_hand:
        return None
    if state.state == "running" and by_hand:
        return wrong_moment(f"Step {node.label} is open.")
    return wrong_moment(
        f"{standing(turn, node)}. Only ticks, runbooks and what was done by hand can be undone."
    )


def _ends(step: Step) -> str:
    match step:
        case DecideStep():
            return "is a decision: choose an option of it."
        case AskStep():
            return "is a question: answer it."
        case ApproveStep():
            return "is an approval: approve or reject it."
        case ParallelStep() | ForEachStep():
            return "is done with the steps inside it."
        case _:
            return "ends by itself: there is nothing to tick. Take it over to do it by hand."
