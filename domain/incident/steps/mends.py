"""When a step may be done again, skipped, or taken over by hand.

Decides the refusals of these three; what they do is `commands`. No approval is passed
by any of them.
"""

from domain.incident.commands_of_steps import StepTakeOver
from domain.incident.steps.standing import standing
from domain.incident.steps.telling import mends
from domain.incident.steps.tree import Node, above, below, blocks, known
from domain.incident.turn import Turn
from domain.incident.why_not import Refusal, wrong_input, wrong_moment
from domain.plan_steps import (
    ApproveStep,
    CallStep,
    ChecklistStep,
    DecideStep,
    ForEachStep,
    ParallelStep,
    PlaybookStep,
    RunbookStep,
)


def cannot_retry(turn: Turn, node: Node) -> Refusal | None:
    """What failed or was stopped is done again, and a decision is put again."""
    own = known(turn.state, node)
    decided = isinstance(node.step, DecideStep) and own.choice is not None
    if own.state == "running" and not own.taken_over and not decided:
        return wrong_moment(f"{standing(turn, node)}: {_instead(node)}.")
    if own.state == "pending":
        return wrong_moment(f"{standing(turn, node)}: it does so when its turn comes.")
    if own.state in ("done", "skipped") and not decided:
        return wrong_moment(f"{standing(turn, node)}: it is not done again.")
    return _around_is_over(turn, node)


def _instead(node: Node) -> str:
    if isinstance(node.step, CallStep | PlaybookStep):
        return "take it over to stop it, then retry"
    return "there is nothing to do again"


def _around_is_over(turn: Turn, node: Node) -> Refusal | None:
    """A step cannot go on by itself where what stands around it was ended as a whole."""
    for around in above(node):
        own = known(turn.state, around)
        if not own.is_settled:
            continue
        one_was_enough = isinstance(around.step, ParallelStep) and around.step.join == "any"
        if own.state in ("failed", "done") and not (own.state == "done" and one_was_enough):
            stopped = any(
                known(turn.state, one).state == "cancelled"
                for one in below(turn.state, around)
                if one.address != node.address and not _is_inside(one, node)
            )
            if not stopped:
                continue
        mend = "" if own.state in ("done", "skipped") else f" Retry {around.address} as a whole."
        return wrong_moment(f"{standing(turn, around)}, and {node.label} with it.{mend}")
    return None


def _is_inside(node: Node, outer: Node) -> bool:
    return any(around.address == outer.address for around in above(node))


def cannot_skip(turn: Turn, node: Node) -> Refusal | None:
    """What failed, was stopped or runs is passed over; an approval never is."""
    own = known(turn.state, node)
    if isinstance(node.step, ApproveStep):
        return wrong_input(_no_way_around(turn, node))
    if own.state == "pending":
        return wrong_moment(f"{standing(turn, node)}: it can be skipped when its turn has come.")
    if own.state in ("done", "skipped"):
        return wrong_moment(f"{standing(turn, node)}: there is nothing to skip.")
    return _with_what_is_around(turn, node) or _holds_approval(turn, node)


def cannot_take_over(turn: Turn, node: Node, command: StepTakeOver) -> Refusal | None:
    """A machine's work is done by hand, and what holds it; people's work is theirs already."""
    own, step = known(turn.state, node), node.step
    if isinstance(step, ApproveStep):
        return wrong_input(_no_way_around(turn, node))
    if "take_over" not in mends(node):
        return wrong_input(f"Step {node.label} is people's work already: {_theirs(node)}.")
    if own.state == "pending":
        return wrong_moment(f"{standing(turn, node)}: take it over when its turn has come.")
    if own.state in ("done", "skipped"):
        return wrong_moment(f"{standing(turn, node)}: there is nothing to take over.")
    if own.taken_over and own.by == command.person:
        return wrong_moment(f"You do {node.label} by hand already: say when it is done.")
    if own.state == "running" and not own.taken_over and not _is_machine(node):
        return wrong_moment(
            f"{standing(turn, node)}: only a machine's work is taken over; skip it."
        )
    return _with_what_is_around(turn, node) or _holds_approval(turn, node)


def _is_machine(node: Node) -> bool:
    return isinstance(node.step, CallStep | PlaybookStep)


def _theirs(node: Node) -> str:
    match node.step:
        case DecideStep():
            return "choose an option"
        case ChecklistStep():
            return "tick its items"
        case RunbookStep():
            return "read it"
        case _:
            return "answer it"


def _with_what_is_around(turn: Turn, node: Node) -> Refusal | None:
    for around in above(node):
        own = known(turn.state, around)
        if own.is_settled:
            say = f" Say so of {around.address}." if own.state in ("failed", "cancelled") else ""
            return wrong_moment(f"{standing(turn, around)}, and {node.label} with it.{say}")
    return None


def _holds_approval(turn: Turn, node: Node) -> Refusal | None:
    """No way around an approval leads through what stands around it."""
    if not isinstance(node.step, ParallelStep | ForEachStep):
        return None
    for child in (one for block in blocks(turn.state, node) for one in block):
        own = known(turn.state, child).state
        if isinstance(child.step, ApproveStep) and own not in ("done", "skipped"):
            return wrong_input(
                f"Step {node.label} holds an approval. {_no_way_around(turn, child)}"
            )
        inner = _holds_approval(turn, child) if own not in ("done", "skipped") else None
        if inner is not None:
            return inner
    return None


def _no_way_around(turn: Turn, node: Node) -> str:
    ref = turn.state.reference
    return (
        f"Approval {node.label} is not passed over. In need: "
        f"watchbill step approve {ref} {node.address} --break-glass --because …"
    )
