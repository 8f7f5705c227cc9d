"""What a handoff can say by itself: its summary, filled in from the state.

Decides the wording of each field. What only a person knows (risks) stays empty, so that
a required field of that kind is still asked for.
"""

from collections.abc import Callable
from datetime import datetime

from domain.clock_text import local_time
from domain.incident.messages import distinguished, readable
from domain.incident.state import IncidentState
from domain.incident.step_state import StepState
from domain.incident.steps.tree import Node, known, live
from domain.plan import Plan
from domain.plan_steps import ApproveStep, AskStep, DecideStep, ForEachStep, ParallelStep
from domain.templates import neutralised

FIELD_LIMIT = 600
"""Characters of one field; a page carries them all."""

UNKNOWN = "Nothing is noted: ask who hands over."
"""What an offer made at the end of a shift says where the state knows nothing."""


def suggested_summary(plan: Plan, state: IncidentState, now: datetime) -> dict[str, str]:
    """Every field of the playbook's handoff that the state can fill in, required ones first."""
    fields = dict.fromkeys((*plan.handoff.require, *plan.handoff.offer_also))
    known = {name: _FIELDS[name](plan, state, now) for name in fields if name in _FIELDS}
    return {name: _cut(neutralised(text)) for name, text in known.items() if text}


def summary_by_itself(plan: Plan, state: IncidentState, now: datetime) -> dict[str, str]:
    """The summary of an offer nobody wrote: no required field is left out."""
    blank = dict.fromkeys(plan.handoff.require, UNKNOWN)
    return blank | suggested_summary(plan, state, now)


def _state_now(plan: Plan, state: IncidentState, now: datetime) -> str:
    since = {
        "acknowledged": state.acknowledged_at,
        "mitigated": state.mitigated_at,
    }.get(state.phase.value) or state.opened_at
    parts = [
        f"{state.severity}, {state.phase.value} since {local_time(since, plan.timezone)}.",
        _firing(state),
        _last(plan, state),
        _steps(plan, state, now),
        _people(state),
        _next(plan, state, now),
    ]
    return " ".join(part for part in parts if part)


def _firing(state: IncidentState) -> str:
    firing = list(state.firing)
    if not firing:
        return "Nothing fires." if state.alerts else ""
    return f"{len(firing)} of {len(state.alerts)} firing: {', '.join(distinguished(firing))}."


def _last(plan: Plan, state: IncidentState) -> str:
    """The latest deeds, findings and decisions, oldest first."""
    said = [f"{local_time(one.at, plan.timezone)} {one.text}" for one in state.done]
    return f"Last: {' / '.join(said)}." if said else ""


def _steps(plan: Plan, state: IncidentState, _now: datetime) -> str:
    still = []
    for node in live(plan, state):
        own = known(state, node)
        if own.state == "failed" and node.step.on_error != "continue":
            still.append(f"{readable(node.label)} (failed)")
        if own.state != "running" or isinstance(node.step, ParallelStep | ForEachStep):
            continue
        left = sum(1 for item in own.items.values() if item.done_by is None)
        by_hand = f" (by hand, {own.by_name})" if own.taken_over else ""
        still.append(readable(node.label) + (f" ({left} left)" if left else by_hand))
    still += [f"{one.text} ({one.owner_name})" for one in state.tasks.values() if one.is_open]
    return f"Open: {', '.join(still)}." if still else ""


def _people(state: IncidentState) -> str:
    on_it = [
        f"{held.name} ({readable(role)})"
        for role, holdings in state.roles.items()
        for held in holdings
        if not held.on_paper and not held.acting and not held.following
    ]
    return f"On it: {', '.join(on_it)}." if on_it else ""


def _next(plan: Plan, state: IncidentState, now: datetime) -> str:
    ahead = [
        one
        for name, one in state.deadlines.items()
        if one.at > now and not name.startswith(("shift_", "offer/"))
    ]
    first = min(ahead, key=lambda one: one.at, default=None)
    return f"Next, at {local_time(first.at, plan.timezone)}: {first.summary}." if first else ""


def _decisions(plan: Plan, state: IncidentState, _now: datetime) -> str:
    asked = [f"{readable(ask.question)}?" for ask in state.asks.values()]
    asked += [_asked_by_step(node, known(state, node)) for node in _undecided(plan, state)]
    taken = [one.text for one in state.done if one.kind == "note.decision"]
    parts = [f"Asked: {', '.join(asked)}" if asked else "", *(f"Decided: {text}" for text in taken)]
    return " / ".join(part for part in parts if part)


def _undecided(plan: Plan, state: IncidentState) -> list[Node]:
    """The steps that wait for somebody's decision, yes or answer."""
    return [
        node
        for node in live(plan, state)
        if isinstance(node.step, DecideStep | ApproveStep | AskStep)
        and known(state, node).state == "running"
        and known(state, node).choice is None
    ]


def _asked_by_step(node: Node, own: StepState) -> str:
    return own.question or f"approval of {readable(node.label)}?"


def _nothing(plan: Plan, state: IncidentState, now: datetime) -> str:  # noqa: ARG001
    return ""


_FIELDS: dict[str, Callable[[Plan, IncidentState, datetime], str]] = {
    "state_now": _state_now,
    "actions_in_flight": _steps,
    "decisions_pending": _decisions,
    "risks": _nothing,
    "next_update_due": _next,
}


def _cut(text: str) -> str:
    return text if len(text) <= FIELD_LIMIT else f"{text[: FIELD_LIMIT - 1]}…"
