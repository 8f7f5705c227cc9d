"""What a test gives: its moment, its alert, the answers of machines, a caller.

Decides what holds where an author says nothing: a Wednesday at ten, and machines that
succeed without a word.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.alert import Alert, AlertStatus
from domain.incident.input import Called, ParentLink
from domain.incident.step_effects import CallResult, ChildResult, MakeCall, OpenChild, ParentNews
from domain.plan import Plan
from domain.rehearsal.case import Given, TestCase
from domain.rehearsal.machines import SIMULATED
from domain.roster import Roster
from domain.severity import Severity

EARLIEST = date(2026, 1, 7)
"""A Wednesday: the day of a test that says none, once every schedule has begun."""

OPENS_AT = time(10, 0)

REFERENCE = "INC-TEST00"
"""Of the incident; those that it calls have others."""

_WEDNESDAY = 2


def start_of(case: TestCase, plan: Plan, roster: Roster) -> datetime:
    """When the test begins, aware: as it says, else a Wednesday at ten in the morning.

    That day is the first on which every schedule of the roster has begun.
    """
    zone = ZoneInfo(plan.timezone)
    if case.at is not None:
        return case.at.replace(tzinfo=zone)
    begun = [each.rotate.first for each in roster.schedules.values() if each.rotate]
    begun += [
        layer.rotate.first
        for each in roster.schedules.values()
        for layer in each.layers
        if layer.rotate
    ]
    day = max([EARLIEST, *(first + timedelta(days=1) for first in begun)])
    day += timedelta(days=(_WEDNESDAY - day.weekday()) % 7)
    return datetime.combine(day, OPENS_AT, zone)


def an_alert(
    given: Given, at: datetime, *, labels: Mapping[str, str], annotations: Mapping[str, str]
) -> Alert:
    """A firing alert as its sender's parser would give it."""
    identity = "\0".join(f"{name}={labels[name]}" for name in sorted(labels))
    fingerprint = hashlib.sha256(identity.encode(errors="surrogatepass")).hexdigest()[:16]
    told = annotations.get("summary") or annotations.get("description")
    return Alert(
        source=given.source,
        fingerprint=fingerprint,
        status=AlertStatus.FIRING,
        starts_at=at.astimezone(UTC).isoformat(),
        labels=dict(labels),
        annotations=dict(annotations),
        summary=given.summary or told or labels.get("alertname") or fingerprint,
    )


def machine_answers(answers: Mapping[str, CallResult]) -> Callable[[MakeCall], CallResult | None]:
    """Each step's answer by its address, else by its id; what is not given succeeds."""

    def answer(call: MakeCall) -> CallResult | None:
        if not call.id.startswith(f"{REFERENCE}/"):
            return SIMULATED
        return answers.get(call.step) or answers.get(call.step.partition("@")[0]) or SIMULATED

    return answer


def child_answers(answers: Mapping[str, CallResult]) -> Callable[[OpenChild], ChildResult | None]:
    """Called playbooks that are answered for; the others are rehearsed."""

    def answer(child: OpenChild) -> ChildResult | None:
        known = answers.get(child.step) or answers.get(child.step.partition("@")[0])
        if known is None or not child.id.startswith(f"{REFERENCE}/"):
            return None
        return ChildResult(outcome=known.outcome, detail=known.detail, values=known.values)

    return answer


def call_of(plan: Plan, given: Given) -> Called:
    """How the playbook is called where a test gives parameters: nobody leads yet."""
    severity = plan.severity.default or Severity.SEV3
    return Called(
        link=ParentLink(workflow_id="caller", reference="INC-CALLER", step="call", call="call"),
        title=plan.title or plan.name,
        params=given.params or {},
        labels=given.labels,
        news=ParentNews(severity=severity),
    )
