"""How an incident looks at its start: its title, search attributes and priority.

Decides what the engine and its UI know of an incident before its first task has run,
whoever starts it. The incident itself keeps them up to date from then on.
"""

from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict
from temporalio.common import (
    Priority,
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
)

from domain.alert import Alert, severity_from_labels
from domain.expressions import evaluate
from domain.incident.input import IncidentInput
from domain.incident.opening import guard_of
from domain.incident.view import Phase
from domain.scope import Scope, incident_values
from domain.severity import Severity, worst
from domain.templates import neutralised, render
from workflows.search_attributes import NAMES

SUMMARY_BYTES = 380
"""The engine takes 400 bytes of static summary."""


class Face(BaseModel):
    """How an incident looks from outside at its start."""

    model_config = ConfigDict(frozen=True)

    title: str
    severity: Severity
    phase: Phase = Phase.TRIGGERED
    service: str | None = None


def face_of(start: IncidentInput, alert: Alert | None = None) -> Face:
    """Title and severity as the playbook has them for this alert, or for a declaration.

    The incident works out its own from all its first alerts; this is for the UI's list
    and the queue's order before that has happened.
    """
    labels = alert.labels if alert else {}
    if start.declaration:
        labels = start.declaration.labels
    severity = _severity(start, labels)
    values = _values(start, labels, severity)
    return Face(
        title=one_line(_title(start, alert, values)) or start.plan.name,
        severity=severity,
        phase=_phase(start, alert),
        service=start.plan.service or labels.get("service"),
    )


def _severity(start: IncidentInput, labels: dict[str, str]) -> Severity:
    if start.declaration and start.declaration.severity:
        return start.declaration.severity
    plan = start.plan.severity
    told = severity_from_labels(labels, plan.table)
    values = _values(start, labels, told or plan.default or Severity.SEV3)
    for rule in plan.rules:
        holds = evaluate(rule.when, Scope.INCIDENT, values).holds
        if holds:
            return rule.set
        if holds is None:
            known = [one for one in (told, plan.default) if one is not None]
            return worst(known) or Severity.SEV3
    return plan.default or told or Severity.SEV3


def _phase(start: IncidentInput, alert: Alert | None) -> Phase:
    """What its first task will most likely say, so that it need not correct the engine."""
    is_guarded = alert is not None and guard_of(start.plan, alert) > timedelta(0)
    return Phase.PENDING if is_guarded else Phase.TRIGGERED


def _title(start: IncidentInput, alert: Alert | None, values: dict[str, Any]) -> str:
    if start.declaration:
        return neutralised(start.declaration.title)
    if start.plan.title is not None:
        return render(start.plan.title, values).text
    if alert is None:
        return ""
    return neutralised(alert.summary or alert.labels.get("alertname") or alert.fingerprint)


def _values(start: IncidentInput, labels: dict[str, str], severity: Severity) -> dict[str, Any]:
    count = 0 if start.declaration else 1
    return incident_values(
        labels=labels,
        firing_labels=[labels] * count,
        firing=count,
        total=count,
        incident={
            "severity": severity.value,
            "phase": Phase.PENDING.value,
            "title": "",
            "reference": start.reference,
            "id": "",
            "elapsed": timedelta(0),
        },
    )


def attributes_of(start: IncidentInput, face: Face) -> TypedSearchAttributes:
    """What the UI's list can be searched and sorted by from the first moment."""
    kind, _, team = start.plan.owner.partition(":")
    told = {
        "IncidentSeverity": face.severity.value,
        "IncidentPhase": face.phase.value,
        "IncidentReference": start.reference,
        "IncidentTitle": face.title,
        "IncidentDrill": "true" if start.drill else "false",
        "IncidentTeam": team if kind == "team" else "",
        "IncidentService": one_line(face.service or ""),
    }
    return TypedSearchAttributes(
        [
            SearchAttributePair(SearchAttributeKey.for_keyword(name), told[name])
            for name in NAMES
            if told.get(name)
        ]
    )


def details_of(start: IncidentInput) -> str:
    """What stands beside the live document in the UI: what does not change."""
    plan = start.plan
    lines = [
        (
            f"Incident **{start.reference}** of playbook `{plan.name}` version {plan.version}, "
            f"plan `{plan.sha256[:12]}`, owner {plan.owner}."
        ),
        f"From a shell: `watchbill show {start.reference}`, `watchbill ack {start.reference}`",
    ]
    if plan.bridge:
        lines.append(f"Bridge: {plan.bridge}")
    return "\n\n".join(lines)


def priority_of(face: Face) -> Priority:
    """Worst severities first, where the engine orders by priority."""
    return Priority(priority_key=face.severity.rank)


def one_line(text: str, limit_bytes: int = SUMMARY_BYTES) -> str:
    """The text without line breaks, cut to what the engine takes."""
    return " ".join(text.split()).encode()[:limit_bytes].decode(errors="ignore")
