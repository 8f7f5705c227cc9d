"""The step tree and the facts as others see them.

Decides what of them is shown, and which commands a step waits for.
"""

from domain.incident.state import IncidentState
from domain.incident.step_state import ItemState, StepState
from domain.incident.steps.about import about
from domain.incident.steps.telling import mends
from domain.incident.steps.tree import Node, above, blocks, known, top
from domain.incident.view import (
    FactView,
    ItemView,
    OptionView,
    StepView,
    VoteView,
)
from domain.plan import Plan
from domain.plan_steps import (
    ApproveStep,
    AskStep,
    ChecklistStep,
    DecideStep,
    ForEachStep,
    ParallelStep,
    RunbookStep,
)


def step_views(plan: Plan, state: IncidentState) -> tuple[StepView, ...]:
    """The playbook's steps, each with what stands inside it."""
    return tuple(_view(state, node) for node in top(plan))


def _view(state: IncidentState, node: Node, branch: int = 0, *, over: bool = False) -> StepView:
    """`over` says that what stands around it is passed: what had not started never will."""
    step, own = node.step, known(state, node)
    passed = over or own.state in ("done", "skipped")
    is_split = isinstance(step, ParallelStep | ForEachStep)
    inside = [
        _view(state, child, number if is_split else 0, over=passed)
        for number, block in enumerate(blocks(state, node), start=1)
        for child in block
    ]
    return StepView(
        id=node.address,
        kind=step.kind,
        state="skipped" if over and own.state == "pending" else own.state,
        label=node.label,
        owner=_owner(node),
        deadline=own.deadline if own.state == "running" else None,
        text=step.text if isinstance(step, RunbookStep) else "",
        detail=own.detail,
        output=own.output,
        question=own.question,
        needs=_needs_now(state, node, own),
        started_at=own.started_at,
        ended_at=own.ended_at,
        tries=own.tries,
        timed_out=own.timed_out,
        results=own.results,
        by=own.by,
        by_name=own.by_name,
        because=own.because,
        taken_over=own.taken_over,
        choice=own.choice,
        options=_options(node, own),
        votes=tuple(VoteView(**vote.model_dump()) for vote in own.votes),
        votes_needed=step.need if isinstance(step, ApproveStep) else 0,
        child=own.child,
        items=_items(node, own),
        steps=tuple(inside),
        branch=branch,
        asked_by=own.asked_by,
        may_be_own=isinstance(step, ApproveStep) and step.own,
        answer_type=step.type if isinstance(step, AskStep) else None,
        one_of=step.one_of if isinstance(step, AskStep) else (),
        about=about(step),
    )


def _owner(node: Node) -> str | None:
    step = node.step
    match step:
        case DecideStep():
            return step.by
        case AskStep():
            return step.of
        case ApproveStep():
            return ", ".join(step.by)
        case _:
            return step.assign


def _needs_now(state: IncidentState, node: Node, own: StepState) -> tuple[str, ...]:
    """The commands that can be given now; after the end only lists are ticked."""
    if not state.phase.is_open:
        return ("done",) if own.state == "running" and isinstance(node.step, ChecklistStep) else ()
    if any(known(state, around).is_settled for around in above(node)):
        return ()
    return needs(node, own)


def needs(node: Node, own: StepState) -> tuple[str, ...]:
    """The commands that the step waits for; none where its author lets a failure go on."""
    if own.state in ("failed", "cancelled"):
        return () if own.state == "failed" and node.step.on_error == "continue" else mends(node)
    if own.state != "running":
        return ()
    if own.taken_over:
        return ("done",)
    match node.step:
        case ChecklistStep():
            return ("done",)
        case DecideStep():
            return ("choose",) if own.choice is None else ()
        case RunbookStep():
            return ("done",)
        case AskStep():
            return ("answer",)
        case ApproveStep():
            return ("approve", "reject")
        case _:
            return ()


def _options(node: Node, own: StepState) -> tuple[OptionView, ...]:
    if not isinstance(node.step, DecideStep):
        return ()
    return tuple(
        OptionView(
            id=option.id,
            label=option.label,
            suggested=option.id in own.suggested,
            **option.tradeoff.model_dump(),
        )
        for option in node.step.options
    )


def _items(node: Node, own: StepState) -> tuple[ItemView, ...]:
    if not isinstance(node.step, ChecklistStep):
        return ()
    return tuple(
        ItemView(
            id=item.id,
            text=item.text,
            required=item.required,
            **own.items.get(item.id, ItemState()).model_dump(),
        )
        for item in node.step.items
    )


def fact_views(plan: Plan, state: IncidentState) -> tuple[FactView, ...]:
    """The declared facts in the order of the file."""
    views = []
    for name, fact in plan.facts.items():
        own = state.known_facts.get(name)
        said = own.model_dump(include=set(FactView.model_fields)) if own else {}
        views.append(FactView(name=name, type=fact.type, one_of=fact.one_of, **said))
    return tuple(views)
