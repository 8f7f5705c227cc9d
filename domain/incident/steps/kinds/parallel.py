"""A `parallel` step: branches side by side; when it is over its `join` says.

A branch has succeeded when something in it was done and nothing has failed. A failure that
its author lets continue is no failure of the branch, except where one success is enough.
"""

from domain.incident.steps.moves import cancel, done, fail, start
from domain.incident.steps.tree import Node, Sequence, below, blocks, known
from domain.incident.turn import Turn
from domain.plan_steps import ParallelStep


def begin(turn: Turn, node: Node, step: ParallelStep) -> None:
    """The branches start with the walk that follows."""
    start(turn, node, f"Step {node.label}: {len(step.branches)} branches.")


def look(turn: Turn, node: Node, step: ParallelStep, passed: list[bool]) -> None:
    """See whether it is over, by its join."""
    branches = blocks(turn.state, node)
    match step.join:
        case "settled":
            if all(passed):
                done(turn, node, "all branches have ended.")
        case "all":
            held = next(filter(None, (held_by(turn, branch) for branch in branches)), "")
            if held:
                fail(turn, node, f"{held} has failed, and all were wanted.")
            elif all(passed):
                done(turn, node, "all branches have succeeded.")
        case "any":
            _look_for_one(turn, node, passed)


def _look_for_one(turn: Turn, node: Node, passed: list[bool]) -> None:
    branches = blocks(turn.state, node)
    ends = [_end_of(turn, branch, over) for branch, over in zip(branches, passed, strict=True)]
    if "succeeded" in ends:
        for child in list(below(turn.state, node)):
            cancel(turn, child)
        done(turn, node, "one branch has succeeded.")
    elif "open" not in ends:
        if "failed" in ends:
            fail(turn, node, "no branch has succeeded.")
        else:
            done(turn, node, "no branch applies.")


def _end_of(turn: Turn, steps: Sequence, passed: bool) -> str:  # noqa: FBT001
    """How a branch stands: `succeeded`, `failed`, `nothing` was done in it, or `open`."""
    states = [known(turn.state, node).state for node in steps]
    if held_by(turn, steps) or (passed and "failed" in states):
        return "failed"
    if not passed:
        return "open"
    return "succeeded" if "done" in states else "nothing"


def held_by(turn: Turn, steps: Sequence) -> str:
    """The label of the first step in there whose failure holds what is behind; else empty."""
    for node in steps:
        own = known(turn.state, node)
        if own.state == "failed" and node.step.on_error != "continue":
            return node.label
        if own.state != "running" or own.taken_over:
            continue
        for block in blocks(turn.state, node):
            inner = held_by(turn, block)
            if inner:
                return inner
    return ""
