"""Walking the steps: which start, which are over, and what waits behind them.

Decides the order alone: top to bottom, branches side by side, loops round by round. A page
never waits for a step, and steps that need a person start at the first acknowledgement. A
step that has failed or was stopped holds what stands behind it until a person says, unless
its author lets it continue; what has started goes on. What a kind does is its module in
`kinds`.
"""

from typing import assert_never

from domain.incident.conditions import note_unknown, verdict_on
from domain.incident.steps.conditions import why_skipped
from domain.incident.steps.kinds import (
    approve,
    ask,
    call,
    checklist,
    decide,
    for_each,
    notify,
    parallel,
    playbook,
    runbook,
    wait,
    wait_for,
)
from domain.incident.steps.moves import WITH_PEOPLE, done, skip
from domain.incident.steps.tree import Node, Sequence, blocks, known, top
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

MOST_ROUNDS = 20
"""Walks of one event: what one step brings about, another may wait for."""


def walk(turn: Turn) -> None:
    """Start every step whose turn has come, and end those that are over."""
    if not turn.state.phase.is_open or turn.state.phase is Phase.PENDING:
        return
    for _ in range(MOST_ROUNDS):
        before = turn.state.seq
        _go(turn, top(turn.plan))
        if turn.state.seq == before:
            return


def _go(turn: Turn, steps: Sequence) -> bool:
    """Whether all of a sequence is passed; whatever can start in it has started."""
    passed = True
    for node in steps:
        if known(turn.state, node).state == "pending" and not (passed and _begin(turn, node)):
            passed = False
            continue
        if known(turn.state, node).state == "running":
            _look(turn, node)
        passed = passed and is_passed(turn, node)
    return passed


def is_passed(turn: Turn, node: Node) -> bool:
    """Whether what stands behind the step may start. No approval is passed without a yes."""
    state = known(turn.state, node).state
    if state == "failed":
        return node.step.on_error == "continue" and not isinstance(node.step, ApproveStep)
    return state in ("done", "skipped")


def _begin(turn: Turn, node: Node) -> bool:
    """Start or skip the step; False where it must wait for a person.

    What is done again is not judged again: nobody gets past a rejected approval so.
    """
    step = node.step
    is_new = known(turn.state, node).tries == 0
    if is_new and turn.state.severity not in step.at:
        skip(turn, node, f"not at {turn.state.severity}.")
        return True
    if is_new and not _applies(turn, node):
        skip(turn, node, why_skipped(turn, node))
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
            parallel.begin(turn, node, step)
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
            passed = [_go(turn, branch) for branch in blocks(turn.state, node)]
            parallel.look(turn, node, node.step, passed)
        case ForEachStep():
            _look_at_rounds(turn, node, node.step)
        case _:
            pass


def _look_at_rounds(turn: Turn, node: Node, step: ForEachStep) -> None:
    """Rounds that work go on; others start while there is room, and none after a failure."""
    rounds = blocks(turn.state, node)
    passed = [all(is_passed(turn, one) for one in each) for each in rounds]
    at_work = [_is_at_work(turn, each) for each in rounds]
    for index, each in enumerate(rounds):
        if at_work[index] and not passed[index]:
            passed[index] = _go(turn, each)
    open_rounds = sum(works and not over for works, over in zip(at_work, passed, strict=True))
    held = any(
        works and not over and parallel.held_by(turn, each)
        for each, works, over in zip(rounds, at_work, passed, strict=True)
    )
    for index, each in enumerate(rounds):
        if passed[index] or at_work[index]:
            continue
        if open_rounds >= step.at_once or (held and not _has_begun(turn, each)):
            break
        passed[index] = _go(turn, each)
        open_rounds += not passed[index]
        held = held or bool(not passed[index] and parallel.held_by(turn, each))
    if all(passed):
        for_each.over(turn, node, rounds)


def _is_at_work(turn: Turn, steps: Sequence) -> bool:
    """Whether something in the round runs, or waits for a person's word."""
    return any(
        known(turn.state, one).state in ("running", "cancelled")
        or (known(turn.state, one).state == "failed" and not is_passed(turn, one))
        for one in steps
    )


def _has_begun(turn: Turn, steps: Sequence) -> bool:
    return any(known(turn.state, one).state != "pending" for one in steps)
