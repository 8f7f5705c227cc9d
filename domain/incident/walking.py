"""Walking the steps: which start, which are over, and what waits behind them.

Decides the order alone: top to bottom, branches side by side, loops round by round. A page
never waits for a step, and steps that need a person start at the first acknowledgement. A
step that has failed holds what stands behind it until a person says, unless its author lets
it continue. What a kind does is its module in `step_kinds`.
"""

from typing import assert_never

from domain.incident.conditions import note_unknown, verdict_on
from domain.incident.step_kinds import (
    approve,
    ask,
    call,
    checklist,
    decide,
    for_each,
    notify,
    playbook,
    runbook,
    wait,
    wait_for,
)
from domain.incident.step_kinds.parallel import begin as begin_parallel
from domain.incident.step_state import StepState
from domain.incident.step_turn import WITH_PEOPLE, arm, cancel, done, fail, put, skip
from domain.incident.tree import Node, Sequence, above, below, blocks, every, known, top
from domain.incident.turn import Turn
from domain.incident.view import Phase
from domain.plan_steps import (
    ApproveStep,
    AskStep,
    ChecklistStep,
    CommandStep,
    DecideStep,
    ForEachStep,
    HttpStep,
    NotifyStep,
    ParallelStep,
    PlaybookStep,
    PluginStep,
    RunbookStep,
    WaitForStep,
    WaitStep,
)

NEEDS_PEOPLE = (ChecklistStep, RunbookStep, AskStep, DecideStep, ApproveStep)


def walk(turn: Turn) -> None:
    """Start every step whose turn has come, and end those that are over."""
    if turn.state.phase.is_open and turn.state.phase is not Phase.PENDING:
        _go(turn, top(turn.plan))


def _go(turn: Turn, steps: Sequence) -> bool:
    """Whether all of a sequence is passed; whatever can start in it has started."""
    for node in steps:
        if known(turn.state, node).state == "pending" and not _begin(turn, node):
            return False
        if known(turn.state, node).state == "running":
            _look(turn, node)
        if not is_passed(turn, node):
            return False
    return True


def is_passed(turn: Turn, node: Node) -> bool:
    """Whether what stands behind the step may start."""
    state = known(turn.state, node)
    if state.state == "failed":
        return node.step.on_error == "continue"
    return state.is_settled


def _begin(turn: Turn, node: Node) -> bool:
    """Start or skip the step; False where it must wait for a person."""
    step = node.step
    if turn.state.severity not in step.at or not _applies(turn, node):
        skip(turn, node, "it does not apply.")
        return True
    if isinstance(step, NEEDS_PEOPLE) and turn.state.phase not in WITH_PEOPLE:
        return False
    _start(turn, node)
    return True


def _applies(turn: Turn, node: Node) -> bool:
    condition = node.step.when
    if condition is None:
        return True
    verdict = verdict_on(turn, condition, node)
    if verdict.holds is None:
        note_unknown(turn, f"step {node.address}", condition, verdict)
        return True
    return verdict.holds


def _start(turn: Turn, node: Node) -> None:  # noqa: C901, PLR0912
    step = node.step
    match step:
        case NotifyStep():
            notify.begin(turn, node, step)
        case RunbookStep():
            runbook.begin(turn, node, step)
        case ChecklistStep():
            checklist.begin(turn, node, step)
        case AskStep():
            ask.begin(turn, node, step)
        case DecideStep():
            decide.begin(turn, node, step)
        case ApproveStep():
            approve.begin(turn, node, step)
        case WaitStep():
            wait.begin(turn, node, step)
        case WaitForStep():
            wait_for.begin(turn, node, step)
        case HttpStep() | CommandStep() | PluginStep():
            call.begin(turn, node, step)
        case ParallelStep():
            begin_parallel(turn, node, step)
        case ForEachStep():
            for_each.begin(turn, node, step)
        case PlaybookStep():
            playbook.begin(turn, node, step)
        case _:
            assert_never(step)


def _look(turn: Turn, node: Node) -> None:
    """See whether a running step is over, or moves on inside."""
    if known(turn.state, node).taken_over:
        return
    match node.step:
        case WaitForStep():
            wait_for.look(turn, node, node.step)
        case DecideStep() if known(turn.state, node).choice is not None:
            if all(_go(turn, block) for block in blocks(turn.state, node)):
                done(turn, node, f"{known(turn.state, node).choice} is carried out.")
        case ParallelStep():
            _look_at_branches(turn, node, node.step)
        case ForEachStep():
            _look_at_rounds(turn, node, node.step)
        case _:
            pass


def _look_at_branches(turn: Turn, node: Node, step: ParallelStep) -> None:
    branches = blocks(turn.state, node)
    passed = [_go(turn, branch) for branch in branches]
    failed = [failed_in(turn, branch) for branch in branches]
    if step.join == "all" and any(failed):
        fail(turn, node, f"{next(filter(None, failed))} has failed, and all were wanted.")
    elif step.join == "any" and any(ok and not bad for ok, bad in zip(passed, failed, strict=True)):
        for child in below(turn.state, node):
            cancel(turn, child)
        done(turn, node, "one branch has succeeded.")
    elif step.join == "any" and all(failed):
        fail(turn, node, "no branch has succeeded.")
    elif all(passed):
        done(turn, node, "all branches have ended.")


def failed_in(turn: Turn, steps: Sequence) -> str:
    """The label of the first failed step in there; empty if none has."""
    for node in steps:
        if known(turn.state, node).state == "failed":
            return node.label
        inner = next(filter(None, (failed_in(turn, one) for one in blocks(turn.state, node))), "")
        if inner:
            return inner
    return ""


def _look_at_rounds(turn: Turn, node: Node, step: ForEachStep) -> None:
    rounds = blocks(turn.state, node)
    running, held = 0, False
    for each in rounds:
        begun = any(known(turn.state, one).state != "pending" for one in each)
        if not begun and (running >= step.at_once or held):
            return
        if not _go(turn, each):
            running += 1
            held = held or bool(failed_in(turn, each))
    if running:
        return
    bad = sum(bool(failed_in(turn, each)) for each in rounds)
    if bad:
        fail(turn, node, f"{bad} of {len(rounds)} have failed.")
    else:
        done(turn, node, f"{len(rounds)} done.")


def put_again(turn: Turn, node: Node) -> None:
    """A person wants it done again: it and what stopped inside it start anew.

    What has succeeded inside stays done. The steps around it run again.
    """
    for one in (node, *below(turn.state, node)):
        state = known(turn.state, one)
        if one is node or state.state in ("failed", "cancelled", "running"):
            turn.state.steps[one.address] = StepState(
                tries=state.tries, values=state.values if one is not node else ()
            )
    for around in above(node):
        if known(turn.state, around).state in ("failed", "cancelled"):
            put(turn, around, state="running", ended_at=None, detail="")
            arm(turn, around)


def stop_all(turn: Turn) -> None:
    """The incident is over: what a machine or a clock does is stopped, lists stay open."""
    for node in list(every(turn.plan, turn.state)):
        stays = isinstance(node.step, ChecklistStep)
        if known(turn.state, node).state == "running" and not stays:
            cancel(turn, node)


def resume(turn: Turn) -> None:
    """It was not over: what was stopped goes on, but no call is repeated unasked."""
    for node in list(every(turn.plan, turn.state)):
        state = known(turn.state, node)
        if state.state == "running":
            arm(turn, node)
        if state.state != "cancelled":
            continue
        step = node.step
        if isinstance(step, HttpStep | CommandStep | PluginStep | PlaybookStep):
            fail(turn, node, "it was stopped when the incident ended.")
        elif state.choice is not None or isinstance(step, ParallelStep | ForEachStep):
            put(turn, node, state="running", ended_at=None, detail="")
            arm(turn, node)
        else:
            turn.state.steps[node.address] = StepState(tries=state.tries)


def rearm(turn: Turn) -> None:
    """Re-derive the deadlines of running steps after a change of severity."""
    for node in list(every(turn.plan, turn.state)):
        if known(turn.state, node).state == "running":
            arm(turn, node)
