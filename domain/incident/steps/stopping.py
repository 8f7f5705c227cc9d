"""Stopping steps, and taking them up again: at the end, at a reopening, on request.

Decides what is stopped, what goes on from where it was, what starts anew, and that no call
is repeated unasked.
"""

from domain.incident.step_state import StepState
from domain.incident.steps.moves import arm, cancel, fail, put, reset, run_on, stop_inside
from domain.incident.steps.tree import Node, Sequence, above, below, blocks, every, known, top
from domain.incident.turn import Turn
from domain.plan_steps import (
    CallStep,
    ChecklistStep,
    ForEachStep,
    ParallelStep,
    PlaybookStep,
)


def put_again(turn: Turn, node: Node) -> None:
    """A person wants it done again: it and what failed or stopped inside it start anew.

    What has succeeded inside stays done. The steps around it run again.
    """
    inside = list(below(turn.state, node))
    stop_inside(turn, node)
    renew(turn, inside)
    reset(turn, node)
    for around in above(node):
        if known(turn.state, around).is_settled:
            run_on(turn, around)


def renew(turn: Turn, nodes: list[Node]) -> None:
    """Those of them that failed or were stopped start anew when their turn comes."""
    for one in nodes:
        if known(turn.state, one).state in ("failed", "cancelled"):
            reset(turn, one)


def stop_all(turn: Turn) -> None:
    """The incident is over: what a machine or a clock does is stopped, lists stay open."""
    running = [
        node
        for node in every(turn.plan, turn.state)
        if known(turn.state, node).state == "running" and not isinstance(node.step, ChecklistStep)
    ]
    for node in reversed(running):
        cancel(turn, node, inside=False)
    if running:
        names = ", ".join(node.label for node in running[:10])
        more = f" and {len(running) - 10} more" if len(running) > 10 else ""  # noqa: PLR2004
        turn.note("step.stopped", f"Stopped: {names}{more}.")


def resume(turn: Turn) -> None:
    """It was not over: what was stopped goes on, but no call is repeated unasked."""
    _resume(turn, top(turn.plan))


def _resume(turn: Turn, steps: Sequence) -> None:
    for node in steps:
        state = known(turn.state, node)
        if state.state == "cancelled":
            _take_up(turn, node, state)
        elif state.state == "running":
            arm(turn, node, anew=True)
        if known(turn.state, node).state == "running":
            for block in blocks(turn.state, node):
                _resume(turn, block)


def _take_up(turn: Turn, node: Node, state: StepState) -> None:
    step = node.step
    goes_on = state.choice is not None or isinstance(step, ParallelStep | ForEachStep)
    if goes_on or state.taken_over:
        run_on(turn, node)
    elif isinstance(step, CallStep | PlaybookStep):
        fail(turn, node, "it was stopped when the incident ended.")
    else:
        reset(turn, node)


def rearm(turn: Turn) -> None:
    """Re-derive the deadlines of running steps after a change of severity."""
    for node in list(every(turn.plan, turn.state)):
        if known(turn.state, node).state == "running":
            arm(turn, node)


def takers_gone(turn: Turn, users: tuple[str, ...]) -> None:
    """What somebody does by hand who has left the roster waits for a person again."""
    for node in list(every(turn.plan, turn.state)):
        own = known(turn.state, node)
        if own.state == "running" and own.taken_over and own.by in users:
            put(turn, node, taken_over=False)
            fail(turn, node, f"{own.by_name}, who did it by hand, is no longer in the roster.")
