"""What the deadlines of steps do: remind, tell the commander, skip, fail, go on.

Decides it by the kind and by what its author says. Nothing times out into a yes, and nobody
is ever paged.
"""

from typing import assert_never

from domain.incident.steps.kinds import ask, wait, wait_for
from domain.incident.steps.moves import arm, commanders, fail, skip, tell
from domain.incident.steps.telling import asked, notice
from domain.incident.steps.tree import Node, find, known
from domain.incident.turn import Turn
from domain.plan_steps import ApproveStep, AskStep, WaitForStep, WaitStep


def on_step_deadline(turn: Turn, topic: str, address: str) -> None:
    """The moment of `step/…`, `wait/…` or `hold/…` has come."""
    node = find(turn.plan, turn.state, address)
    if node is None or known(turn.state, node).state != "running":
        return
    step = node.step
    if topic == "wait" and isinstance(step, WaitStep):
        wait.on_over(turn, node, step)
    elif topic == "hold" and isinstance(step, WaitForStep):
        wait_for.on_held(turn, node, step)
    elif topic == "step":
        _overdue(turn, node)


def _overdue(turn: Turn, node: Node) -> None:
    step = node.step
    turn.note("step.overdue", f"Step {node.label} is overdue.", {"step": node.address})
    if isinstance(step, AskStep) and step.default is not None:
        ask.take_default(turn, node, step.default)
        return
    match step.on_timeout:
        case "remind":
            _remind(turn, node)
        case "escalate":
            _escalate(turn, node)
        case "skip" if not isinstance(step, ApproveStep):
            skip(turn, node, "out of time.", timed_out=True)
        case "fail" | "skip":
            fail(turn, node, _why(node), timed_out=True)
        case _:
            assert_never(step.on_timeout)


def _remind(turn: Turn, node: Node) -> None:
    text, lines = notice(turn, node)
    tell(turn, asked(turn, node), f"Step {node.label} is due: {text}", lines)
    arm(turn, node, anew=True)


def _escalate(turn: Turn, node: Node) -> None:
    text, lines = notice(turn, node)
    people = commanders(turn) or asked(turn, node)
    if isinstance(node.step, ApproveStep):
        fail(turn, node, _why(node), timed_out=True)
        text, lines = notice(turn, node)
    else:
        arm(turn, node, anew=True)
    tell(turn, people, f"Step {node.label} is overdue: {text}", lines)


def _why(node: Node) -> str:
    if isinstance(node.step, ApproveStep):
        return "not enough people approved it in time."
    return "out of time."
