"""The Plan: one playbook, compiled, with every default filled in.

Decides the shape that travels in a workflow's input: immutable, canonical JSON,
hashed. Writing it is the compiler's, acting on it is `domain.incident`. Readers
tolerate unknown fields (an old worker meets a new plan), but refuse a newer
`plan_format`.

References carry their kind: `user:ann`, `team:payments`, `schedule:dba`, `role:scribe`,
`destination:desk`. A duration of None means never.
"""

import hashlib
import json
from datetime import date, timedelta
from typing import Literal

from domain.plan_facts import FactPlan, OutputPlan, ParamPlan
from domain.plan_part import Duration, PlanPart, Ref
from domain.plan_steps import Step
from domain.severity import PerSeverity, Severity

PLAN_FORMAT = 3

COMMANDER = "incident_commander"
OPERATIONS = "operations_lead"
"""The two roles the rules themselves know: who leads, and who works on it."""


class AlertTrigger(PlanPart):
    """An alert opens an incident: label -> accepted values, then a condition (CEL)."""

    match: dict[str, tuple[str, ...]] = {}
    when: str | None = None
    hold: timedelta = timedelta(0)


class HeartbeatTrigger(PlanPart):
    """A beat that must not stay away: silence for `missing_after` since the last opens."""

    name: str
    missing_after: timedelta


class ManualTrigger(PlanPart):
    """Who may declare by hand; None means any responder."""

    allow: tuple[Ref, ...] | None = None


class Dedup(PlanPart):
    """`key` is a template over `labels` and `alert`; None is the default key.

    The default: those of the labels service, cluster, namespace, env that exist, else
    the alert's fingerprint.
    """

    key: str | None = None
    reopen_within: timedelta = timedelta(minutes=30)


Urgency = Literal["high", "high_in_hours", "low"]
"""How loudly people are called: `high` wakes, `high_in_hours` wakes while the owner team
is at work, `low` never does."""

URGENCY = PerSeverity[Urgency](SEV1="high", SEV2="high", SEV3="high", SEV4="low", SEV5="low")


class SeverityRule(PlanPart):
    """The first rule whose condition holds sets the severity."""

    set: Severity
    when: str
    criteria: str = ""


class ReassessPlan(PlanPart):
    """What follows when the rules give another severity than before.

    `raise_by` and `lower_by` are `auto`, `never` or the role that is asked. A better
    severity must have stood for `lower_after`; a refused one is not proposed again within
    `every`.
    """

    every: timedelta = timedelta(minutes=5)
    raise_by: str = "auto"
    lower_by: str = "never"
    lower_after: timedelta = timedelta(minutes=15)


class SeverityPlan(PlanPart):
    """`default` None means: from the alert's labels by `table`, else SEV3."""

    default: Severity | None = None
    rules: tuple[SeverityRule, ...] = ()
    table: dict[str, Severity] = {}
    reassess: ReassessPlan = ReassessPlan()


class Exhausted(PlanPart):
    """Who is paged when the ladder ends in silence, and how often again."""

    page: tuple[Ref, ...] = ()
    again_every: PerSeverity[Duration]


class EscalationCriterion(PlanPart):
    """When more people come in although somebody acknowledged; fires once.

    Either `after` (from the moment the incident was triggered) or `when` (CEL).
    """

    after: PerSeverity[Duration] | None = None
    when: str | None = None
    unless: Literal["mitigated"] | None = None
    raise_to: Severity | None = None
    page: tuple[Ref, ...] = ()
    because: str = ""


class Escalation(PlanPart):
    """The ladder: each level is a tuple of references paged together.

    `repeat` is how many further rounds follow the first.
    """

    levels: tuple[tuple[Ref, ...], ...]
    ack_within: PerSeverity[Duration]
    repeat: PerSeverity[int]
    exhausted: Exhausted
    ack_expires: PerSeverity[Duration]
    criteria: tuple[EscalationCriterion, ...] = ()


class RolePick(PlanPart):
    """One way a role is staffed when a condition holds (subject-matter experts)."""

    when: str
    page: tuple[Ref, ...]
    at: tuple[Severity, ...]


class RolePlan(PlanPart):
    """How a role is filled: by its own small ladder, by rule, or by who joins.

    `page` is one level an entry. `fill` is `first_acknowledger` or `role:<name>`.
    """

    page: tuple[Ref, ...] = ()
    fill: str | None = None
    at: tuple[Severity, ...] = tuple(Severity)
    many: bool = False
    pick: tuple[RolePick, ...] = ()


AnnounceOn = Literal["opened", "severity", "commander", "mitigated", "resolved"]


class Announce(PlanPart):
    """One line to these destinations per change."""

    to: tuple[Ref, ...]
    on: tuple[AnnounceOn, ...]


class HandoffPlan(PlanPart):
    """What a handoff must say, and how long it may wait.

    Nobody holds a role alone for longer than `max_shift`; the end of a shift is told
    `warn_before`.
    """

    max_shift: PerSeverity[Duration]
    warn_before: timedelta = timedelta(minutes=30)
    require: tuple[str, ...] = ("state_now",)
    offer_also: tuple[str, ...] = ()
    accept_within: timedelta = timedelta(minutes=10)


class Mitigated(PlanPart):
    """When the harm is stopped by itself; a person may say so at any time."""

    when: str
    hold: timedelta = timedelta(0)


Confirm = str
"""`nobody` or a `role:` reference."""


class ResolvePlan(PlanPart):
    """When it is over: the condition holds for `hold`, then a person confirms."""

    when: str = "alerts.firing == 0"
    hold: timedelta = timedelta(minutes=5)
    confirm: PerSeverity[Confirm]
    confirm_within: timedelta = timedelta(hours=1)
    on_timeout: Literal["remind"] = "remind"


class Plan(PlanPart):
    """One compiled playbook.

    `sha256` is over the canonical JSON of all other fields. `title` is a template; None
    takes the alert's summary. `timezone` (IANA) is what people read times in. `subplans` are
    the sealed plans of the playbooks that its steps call, by name.
    """

    plan_format: int = PLAN_FORMAT
    language: int = 1
    name: str
    version: int = 1
    sha256: str = ""
    title: str | None = None
    owner: Ref
    service: str | None = None
    bridge: str | None = None
    review_by: date | None = None
    timezone: str = "UTC"
    priority: int = 0
    triggers: tuple[AlertTrigger, ...] = ()
    heartbeats: tuple[HeartbeatTrigger, ...] = ()
    manual: ManualTrigger = ManualTrigger()
    dedup: Dedup = Dedup()
    severity: SeverityPlan = SeverityPlan()
    urgency: PerSeverity[Urgency] = URGENCY
    pages_nobody_at: tuple[Severity, ...] = (Severity.SEV5,)
    escalation: Escalation
    roles: dict[str, RolePlan]
    facts: dict[str, FactPlan] = {}
    params: dict[str, ParamPlan] = {}
    outputs: dict[str, OutputPlan] = {}
    steps: tuple[Step, ...] = ()
    subplans: dict[str, "Plan"] = {}
    announce: tuple[Announce, ...] = ()
    handoff: HandoffPlan
    mitigated: Mitigated | None = None
    resolve: ResolvePlan


def canonical_json(plan: Plan) -> str:
    """The plan without its hash as JSON with sorted keys and no spaces."""
    fields = plan.model_dump(mode="json", exclude={"sha256"})
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sealed(plan: Plan) -> Plan:
    """The same plan carrying the sha256 of its canonical JSON."""
    digest = hashlib.sha256(canonical_json(plan).encode()).hexdigest()
    return plan.model_copy(update={"sha256": digest})
