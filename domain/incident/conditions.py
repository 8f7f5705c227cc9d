"""Evaluating a playbook's conditions against one incident.

Decides which values a condition sees. How CEL is evaluated is `domain.expressions`.
A condition that cannot be evaluated is never a silent false: it is noted once.
"""

from typing import Any

from domain.expressions import Scope, Verdict, evaluate, incident_values
from domain.incident.turn import Turn


def values_of(turn: Turn, *, alert_labels: bool = True) -> dict[str, Any]:
    """The names `labels`, `alerts` and `incident` for conditions and templates.

    Without `alert_labels` the alerts are only counted: a thousand of them take long to
    gather, and this runs at every event.
    """
    state = turn.state
    firing = state.firing
    return dict(
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


def verdict_on(turn: Turn, expression: str) -> Verdict:
    """Whether the condition holds now; None in it means that nobody can say."""
    values = values_of(turn, alert_labels="labels" in expression)
    return evaluate(expression, Scope.INCIDENT, values)


def note_unknown(turn: Turn, where: str, expression: str, verdict: Verdict) -> None:
    """Say once that a condition cannot be evaluated."""
    if where in turn.state.unevaluated:
        return
    turn.state.unevaluated = (*turn.state.unevaluated, where)
    text = f"The condition of {where} cannot be evaluated ({verdict.why}): {expression}"
    turn.note("condition.unknown", text)
