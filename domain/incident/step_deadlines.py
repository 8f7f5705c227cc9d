"""What the deadlines of steps do: remind, tell the commander, skip, fail, go on.

Decides it by the kind and by what its author says. Nothing times out into a yes.
"""

from typing import assert_never

from domain.incident.state import Told
from domain.incident.step_kinds import wait, wait_for
from domain.incident.step_turn import (
    arm,
    commanders,
    done,
    fail,
    owners,
    people_behind,
    skip,
    tell,
)
from domain.incident.tree import Node, find, known
from domain.incident.turn import Turn
from domain.plan_steps import ApproveStep, AskStep, DecideStep, WaitForStep, WaitStep


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
        text = f"nobody answered, {step.default} is taken."
        done(turn, node, text, results={"answer": step.default})
        turn.state.steps[node.address] = known(turn.state, node).model_copy(
            update={"timed_out": True}
        )
        return
    match step.on_timeout:
        case "remind":
            tell(turn, asked(turn, node), f"Step {node.label} is due")
            arm(turn, node, anew=True)
        case "escalate":
            tell(turn, commanders(turn) or asked(turn, node), f"Step {node.label} is overdue")
            if isinstance(step, ApproveStep):
                fail(turn, node, "nobody approved it in time.", timed_out=True)
            else:
                arm(turn, node, anew=True)
        case "skip":
            skip(turn, node, "out of time.", timed_out=True)
        case "fail":
            fail(turn, node, "out of time.", timed_out=True)
        case _:
            assert_never(step.on_timeout)


def asked(turn: Turn, node: Node) -> list[Told]:
    """Whose answer or work the step waits for."""
    step = node.step
    match step:
        case DecideStep():
            return people_behind(turn, step.by) or commanders(turn)
        case AskStep():
            return people_behind(turn, step.of) or commanders(turn)
        case ApproveStep():
            people = {one.person: one for ref in step.by for one in people_behind(turn, ref)}
            wanted = known(turn.state, node).asked_by
            return [one for one in people.values() if step.own or one.person != wanted]
        case _:
            return owners(turn, node)
