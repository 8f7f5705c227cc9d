"""What becomes of a payload's alerts, without a server: the answer of `explain --alert`.

Decides which alerts are one incident and what is said of each; also the shape of `--json`.
Routing is `domain.matching`, severities, roles and pages are a rehearsal's, so that every
rule is production's. How it reads in a terminal is `cli.explain.text`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from api.limits import kept
from api.sources.parsed import Parsed
from compiler.compile import Compiled
from domain.alert import Alert, trimmed
from domain.matching import DEFAULT_KEY_LABELS, PlaybookVerdict, Routing, match_alert
from domain.plan import Plan
from domain.rehearsal.cast import Cast
from domain.rehearsal.outlook import Course, Outlook, foresee
from domain.rehearsal.rehearsal import Rehearsal
from domain.rehearsal.severity_told import SeverityTold, severity_told
from domain.rehearsal.staffing import RoleTold, Serving, roles_told, who_serves
from domain.values import Value


class Told(BaseModel):
    """A frozen part of the answer; field names are stable."""

    model_config = ConfigDict(frozen=True)


class AlertTold(Told):
    """One alert as it was read."""

    source: str
    fingerprint: str
    status: str
    summary: str
    labels: dict[str, str]
    notes: tuple[str, ...] = ()


class OtherTold(Told):
    """A playbook that does not take it: its trigger does not match, or another one wins."""

    playbook: str
    matches: bool
    reason: str


class IncidentTold(Told):
    """What one or several alerts would open; without a playbook nobody is paged.

    `others` are the playbooks that do not take it, those that lost against the winner first.
    `plan` is the paging, `at` its first moment (aware).
    """

    playbook: str | None
    is_fallback: bool = False
    reason: str = ""
    alerts: tuple[AlertTold, ...]
    others: tuple[OtherTold, ...]
    notes: tuple[str, ...] = ()
    dedup_key: str = ""
    dedup_from: str = ""
    workflow_id: str = ""
    hold: timedelta = timedelta(0)
    timezone: str = "UTC"
    at: datetime | None = None
    title: str = ""
    severity: SeverityTold | None = None
    serving: tuple[Serving, ...] = ()
    roles: tuple[RoleTold, ...] = ()
    plan: Outlook | None = None


class Explanation(Told):
    """Everything about one payload. `left_out` are files with errors."""

    incidents: tuple[IncidentTold, ...]
    resolved: tuple[AlertTold, ...] = ()
    notes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    not_known: tuple[str, ...] = ()

    @property
    def is_untaken(self) -> bool:
        """Whether a firing alert is taken by nothing."""
        return any(one.playbook is None for one in self.incidents)


@dataclass(frozen=True, slots=True)
class Asked:
    """What else was asked: a moment (naive is the playbook's zone), what others do, facts."""

    at: datetime | None = None
    course: Course = field(default_factory=Course)
    facts: Mapping[str, Value] = field(default_factory=dict)


def explained(parsed: Parsed, compiled: Compiled, asked: Asked) -> Explanation:
    """What the alerts of a payload would open, in the order of their arrival.

    Raises EndlessRehearsalError for a playbook that goes round in circles.
    """
    alerts, dropped = kept(parsed.alerts)
    notes = list(parsed.notes)
    if dropped:
        notes.append(f"{len(dropped)} alerts are over the limit of one request: left out")
    groups: dict[str, list[tuple[Alert, Routing]]] = {}
    for alert in alerts:
        if alert.is_firing:
            routing = match_alert(alert, compiled.plans, compiled.fallback)
            groups.setdefault(routing.workflow_id or alert.key, []).append((alert, routing))
    incidents = tuple(_incident(group, compiled, asked) for group in groups.values())
    broken = {each.path for each in compiled.diagnostics if each.is_error}
    return Explanation(
        incidents=incidents,
        resolved=tuple(_told(alert) for alert in alerts if not alert.is_firing),
        notes=tuple(notes),
        left_out=tuple(sorted(broken)),
        not_known=tuple(_not_known(incidents, compiled, asked)),
    )


def moment_in(asked: datetime | None, timezone: str) -> datetime:
    """The moment, aware: a naive one is local time of the zone; None is now."""
    if asked is None:
        return datetime.now(UTC).replace(microsecond=0)
    return asked if asked.tzinfo else asked.replace(tzinfo=ZoneInfo(timezone))


def _incident(group: list[tuple[Alert, Routing]], compiled: Compiled, asked: Asked) -> IncidentTold:
    routing = group[0][1]
    told = tuple(_told(alert) for alert, _ in group)
    others = _others(routing, compiled.plans)
    notes = tuple(dict.fromkeys(note for _, each in group for note in each.notes))
    if routing.playbook is None:
        return IncidentTold(playbook=None, alerts=told, others=others, notes=notes)
    plan = compiled.plans[routing.playbook]
    alerts = [trimmed(alert) for alert, _ in group]
    at = moment_in(asked.at, plan.timezone)
    rehearsal = Rehearsal(plan, Cast(compiled.roster), at, dedup_key=routing.dedup_key)
    rehearsal.measure(asked.facts)
    found: list[SeverityTold] = []

    def open_it() -> None:
        rehearsal.fire(*alerts, notes=notes)
        found.append(severity_told(rehearsal))

    outlook = foresee(rehearsal, open_it, asked.course, gone=alerts)
    severity = found[0]
    return IncidentTold(
        playbook=plan.name,
        is_fallback=routing.is_fallback,
        reason=_reason(routing),
        alerts=told,
        others=others,
        notes=notes,
        dedup_key=routing.dedup_key,
        dedup_from=_key_from(plan, group[0][0], routing),
        workflow_id=routing.workflow_id,
        hold=routing.hold,
        timezone=plan.timezone,
        at=at,
        title=rehearsal.state.title,
        severity=severity,
        serving=who_serves(plan, severity.severity, rehearsal.cast, at),
        roles=roles_told(plan, severity.severity),
        plan=outlook,
    )


def _reason(routing: Routing) -> str:
    """Why this playbook takes it, against those that match as well."""
    if routing.is_fallback:
        return "nothing matches, and it is the house's fallback"
    winner = next(one for one in routing.verdicts if one.name == routing.playbook)
    return winner.reason


def _others(routing: Routing, plans: Mapping[str, Plan]) -> tuple[OtherTold, ...]:
    winner = next((one for one in routing.verdicts if one.name == routing.playbook), None)
    return tuple(
        OtherTold(
            playbook=one.name,
            matches=one.matched,
            reason=_lost_by(one, winner, plans) if one.matched and winner else one.reason,
        )
        for one in routing.verdicts
        if one.name != routing.playbook
    )


def _lost_by(one: PlaybookVerdict, winner: PlaybookVerdict, plans: Mapping[str, Plan]) -> str:
    """By what a playbook that matches as well comes after the winner."""
    if one.labels_matched < winner.labels_matched:
        why = f"by {one.labels_matched} labels against {winner.labels_matched}"
    elif plans[one.name].priority < plans[winner.name].priority:
        why = f"its priority is {plans[one.name].priority}, not {plans[winner.name].priority}"
    else:
        why = f"its name comes after {winner.name}"
    return f"matches too ({one.reason}), but {why}"


def _key_from(plan: Plan, alert: Alert, routing: Routing) -> str:
    if plan.dedup.key is not None:
        is_told = routing.dedup_key != alert.fingerprint
        return plan.dedup.key if is_told else f"the fingerprint, instead of {plan.dedup.key}"
    named = [name for name in DEFAULT_KEY_LABELS if alert.labels.get(name)]
    if not named:
        return "the alert's fingerprint: it has no label service, cluster, namespace or env"
    return f"the label{'s' if len(named) > 1 else ''} {', '.join(named)}, by default"


def _told(alert: Alert) -> AlertTold:
    return AlertTold(
        source=alert.source,
        fingerprint=alert.fingerprint,
        status=alert.status.value,
        summary=alert.summary,
        labels=alert.labels,
        notes=alert.notes,
    )


def _not_known(incidents: Iterable[IncidentTold], compiled: Compiled, asked: Asked) -> list[str]:
    """What only a server knows, as far as it matters here."""
    incidents = tuple(incidents)
    refs = {serving.ref for incident in incidents for serving in incident.serving}
    read = [
        name
        for name, schedule in compiled.roster.schedules.items()
        if schedule.imports is not None and f"schedule:{name}" in refs
    ]
    told = ["open incidents", "maintenance windows", "accepted overrides"]
    plans = [compiled.plans[one.playbook] for one in incidents if one.playbook]
    facts = [name for plan in plans for name, fact in plan.facts.items() if fact.query]
    unsaid = dict.fromkeys(name for name in facts if name not in asked.facts)
    if unsaid:
        told.append(f"what is measured (say it: --fact NAME=VALUE; {', '.join(unsaid)})")
    if read:
        told.append(f"the imported calendar{'s' if len(read) > 1 else ''} of {', '.join(read)}")
    return told
