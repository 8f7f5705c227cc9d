"""Why an incident opens at its severity: each rule with its verdict, and the house's row.

Decides nothing about severities: `domain.incident.severity_rules` does, and what it said is
repeated here with what it saw.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.alert import DEFAULT_SEVERITY_TABLE
from domain.condition_parts import false_parts
from domain.declared import facts_and_params
from domain.incident.conditions import values_of, verdict_on
from domain.incident.turn import Turn
from domain.plan import Plan, SeverityRule
from domain.rehearsal.rehearsal import Rehearsal
from domain.scope import Scope
from domain.severity import Severity


class RuleTold(BaseModel):
    """One rule: `holds`, `false`, `unknown` (it cannot be evaluated) or `not_asked`."""

    model_config = ConfigDict(frozen=True)

    set: Severity
    when: str
    criteria: str = ""
    verdict: Literal["holds", "false", "unknown", "not_asked"]
    why: str = ""


class SeverityTold(BaseModel):
    """The severity it opens at, the reason on the timeline, and all that was looked at.

    `label` is the row of the house's table that the alert's labels hit: `severity: critical`.
    """

    model_config = ConfigDict(frozen=True)

    severity: Severity
    reason: str
    rules: tuple[RuleTold, ...] = ()
    label: str | None = None
    label_severity: Severity | None = None
    default: Severity | None = None


_BY_LABEL = "the alert's severity label"


def severity_told(rehearsal: Rehearsal) -> SeverityTold:
    """Of a rehearsal in the moment of its opening."""
    plan, labels = rehearsal.plan, rehearsal.state.labels
    set_by = [one.text for one in rehearsal.record.entries if one.kind == "severity"]
    reason = set_by[-1].partition(": ")[2].rstrip(".") if set_by else ""
    label, row = _row(plan, labels)
    if label is None and plan.severity.default is None and reason == _BY_LABEL:
        reason = "no label severity or priority that the house's table has"
    return SeverityTold(
        severity=rehearsal.state.severity,
        reason=reason,
        rules=tuple(_rules(rehearsal)),
        label=label,
        label_severity=row,
        default=plan.severity.default,
    )


def _rules(rehearsal: Rehearsal) -> list[RuleTold]:
    """The rules in their order; after one that holds none is asked."""
    told: list[RuleTold] = []
    is_set = False
    for rule in rehearsal.plan.severity.rules:
        found = _told(rule, "not_asked") if is_set else _judged(rehearsal, rule)
        is_set = is_set or found.verdict == "holds"
        told.append(found)
    return told


def _judged(rehearsal: Rehearsal, rule: SeverityRule) -> RuleTold:
    turn = Turn(rehearsal.plan, rehearsal.state, rehearsal.now)
    verdict = verdict_on(turn, rule.when)
    if verdict.holds is None:
        return _told(rule, "unknown", verdict.why)
    if verdict.holds:
        return _told(rule, "holds")
    declared = facts_and_params(rehearsal.plan)
    parts = false_parts(rule.when, Scope.INCIDENT, values_of(turn), declared)
    return _told(rule, "false", "; ".join(map(str, parts)))


def _told(
    rule: SeverityRule,
    verdict: Literal["holds", "false", "unknown", "not_asked"],
    why: str = "",
) -> RuleTold:
    return RuleTold(set=rule.set, when=rule.when, criteria=rule.criteria, verdict=verdict, why=why)


def _row(plan: Plan, labels: dict[str, str]) -> tuple[str | None, Severity | None]:
    """The label that names a severity by the house's table, and which."""
    table = DEFAULT_SEVERITY_TABLE | plan.severity.table
    for name in ("severity", "priority"):
        found = table.get(labels.get(name, "").strip().lower())
        if found is not None:
            return f"{name}: {labels[name]}", found
    return None, None
