"""Evaluating a playbook's conditions against one incident.

Decides which values a condition sees: a stale fact has none. How CEL is evaluated is
`domain.expressions`. A condition that cannot be evaluated is never a silent false: it is
noted once.
"""

from typing import Any

from domain.declared import facts_and_params, in_steps
from domain.expressions import Scope, Verdict, evaluate, incident_values
from domain.incident.steps.tree import Node
from domain.incident.turn import Turn
from domain.plan_steps import all_steps


def values_of(turn: Turn, *, alert_labels: bool = True) -> dict[str, Any]:
    """The names `labels`, `alerts` and `incident` for conditions and templates.

    Without `alert_labels` the alerts are only counted: a thousand of them take long to
    gather, and this runs at every event.
    """
    state = turn.state
    firing = state.firing
    values = dict(
        incident_values(
            labels=state.labels,
            firing_labels=[alert.labels for alert in firing] if alert_labels else [],
            firing=len(firing),
            total=len(state.alerts) + state.untracked,
            incident={
                "id": state.id,
                "reference": state.reference,
                "severity": state.severity.value,
                "phase": state.phase.value,
                "title": state.title,
                "elapsed": turn.now - state.opened_at,
            },
        )
    )
    facts = state.known_facts
    values["facts"] = {name: one.value for name, one in facts.items() if not one.stale}
    values["params"] = dict(state.params)
    return values


def values_in(turn: Turn, node: Node, *, alert_labels: bool = True) -> dict[str, Any]:
    """What a step sees besides: results of steps, and the variables of the loops around it.

    A step that has not run, or never will, is not `ok`; other results it has none.
    """
    values = values_of(turn, alert_labels=alert_labels)
    blank = {"ok": False, "timed_out": False}
    results: dict[str, Any] = {step.id: blank for step in all_steps(turn.plan.steps)}
    for address, state in turn.state.steps.items():
        step, _, rounds = address.partition("@")
        own = ".".join(map(str, node.rounds[: rounds.count(".") + 1])) if rounds else ""
        if rounds == own:
            results[step] = {"ok": state.ok, "timed_out": state.timed_out, **state.results}
    return {**values, "steps": results, **dict(node.items)}


def verdict_on(turn: Turn, expression: str, node: Node | None = None) -> Verdict:
    """Whether the condition holds now; None in it means that nobody can say.

    A condition of a step is given its `node`.
    """
    with_labels = "labels" in expression
    if node is None:
        values = values_of(turn, alert_labels=with_labels)
        return evaluate(expression, Scope.INCIDENT, values, facts_and_params(turn.plan))
    values = values_in(turn, node, alert_labels=with_labels)
    declared = in_steps(turn.plan, tuple(name for name, _ in node.items))
    return evaluate(expression, Scope.INCIDENT, values, declared)


def note_unknown(turn: Turn, where: str, expression: str, verdict: Verdict) -> None:
    """Say once that a condition cannot be evaluated."""
    if where in turn.state.unevaluated:
        return
    turn.state.unevaluated = (*turn.state.unevaluated, where)
    text = f"The condition of {where} cannot be evaluated ({verdict.why}): {expression}"
    turn.note("condition.unknown", text)
