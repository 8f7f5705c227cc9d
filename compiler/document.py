"""A playbook as its author writes it, field by field.

Decides which fields exist, which are required and what their values look like. Defaults
are `compiler.lower`'s, what belongs together is checked in `compiler.checks`.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from compiler.document_calls import ResultName
from compiler.document_drill import DrillForm
from compiler.document_errors import Written, described
from compiler.document_facts import FactForm, OutputForm, ParamForm, ReassessForm
from compiler.document_steps import Step
from compiler.document_tests import TestForm
from compiler.durations import read_duration, refusal
from compiler.written_values import (
    Confirms,
    Counts,
    Day,
    DestinationRef,
    Flag,
    Id,
    Level,
    PageList,
    PolicyRef,
    Sev,
    SevList,
    Span,
    TeamRef,
    Text,
    Timers,
    Urgencies,
    Whole,
    Zone,
    one_or_more,
)
from domain.heartbeat import SHORTEST
from domain.plan import AnnounceOn

LATER = "remove it; this version has no such construct"


def label_values(value: object) -> object:
    """The texts that a label may have, from one text or a list."""
    listed = one_or_more(value)
    if isinstance(listed, list):
        for each in listed:
            if isinstance(each, bool | int | float):
                raise refusal("E112", f"a label's value is text, not {each}", f'quote it: "{each}"')
    return listed


LabelValues = Annotated[tuple[str, ...], BeforeValidator(label_values)]
Match = Annotated[dict[str, LabelValues], Field(min_length=1)]


class AlertForm(Written):
    """`alert:` of a trigger."""

    match: dict[str, LabelValues] = Field(default_factory=dict)
    when: Text | None = None
    hold: Span | None = None


def read_silence(value: object) -> timedelta:
    """How long a heartbeat may stay away; E115 where a slow network would be a silence."""
    silence = read_duration(value)
    if silence < SHORTEST:
        message = f"'{value}' is too short for a heartbeat"
        raise refusal("E115", message, "write at least 10s, and beat two or three times in it")
    return silence


class HeartbeatForm(Written):
    """`heartbeat:` of a trigger."""

    name: Id
    missing_after: Annotated[timedelta, BeforeValidator(read_silence)]


class ManualForm(Written):
    """`manual:` of a trigger."""

    allow: PageList | None = None


class TriggerForm(Written):
    """One entry of `triggers`; its key is its kind."""

    alert: AlertForm | None = None
    heartbeat: HeartbeatForm | None = None
    manual: ManualForm | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "TriggerForm":
        kinds = ("alert", "heartbeat", "manual")
        named = [kind for kind in kinds if kind in self.model_fields_set]
        if len(named) > 1:
            message = f"one trigger has two kinds: {' and '.join(named)}"
            raise refusal("E103", message, "make it two", named[-1])
        if not named:
            raise refusal("E102", "the trigger says no kind", "write alert:, heartbeat: or manual:")
        return self


class DedupForm(Written):
    """`dedup:`."""

    key: Text | None = None
    reopen_within: Span | None = None


class RuleForm(Written):
    """One entry of `severity.rules`."""

    set: Sev
    when: Text
    criteria: str = ""


class SeverityForm(Written):
    """`severity:`."""

    default: Sev | None = None
    rules: tuple[RuleForm, ...] = ()
    reassess: ReassessForm | None = None


class ExhaustedForm(Written):
    """`exhausted:` of an escalation."""

    page: PageList | None = None
    again_every: Timers | None = None


class CriterionForm(Written):
    """One entry of `escalation.criteria`."""

    after: Timers | None = None
    when: Text | None = None
    unless: Literal["mitigated"] | None = None
    raise_: Sev | None = Field(default=None, alias="raise")
    page: PageList | None = None
    because: Text

    @model_validator(mode="after")
    def _one_cause_and_an_effect(self) -> "CriterionForm":
        if (self.after is None) == (self.when is None):
            hint = "'after' is a time since the incident was triggered, 'when' a condition"
            raise refusal("E103", "a criterion needs either 'after' or 'when'", hint)
        if self.raise_ is None and self.page is None:
            raise refusal("E102", "the criterion does nothing", "add 'page:' or 'raise:'")
        return self


class PolicyForm(Written):
    """What a policy of the house may say of an escalation."""

    ack_within: Timers | None = None
    levels: Annotated[tuple[Level, ...], BeforeValidator(one_or_more)] | None = None
    repeat: Counts | None = None
    exhausted: ExhaustedForm | None = None
    ack_expires: Timers | None = None


class EscalationForm(PolicyForm):
    """`escalation:`; what it does not say comes from the policy it uses."""

    use: PolicyRef | None = None
    criteria: tuple[CriterionForm, ...] = ()


class PickForm(Written):
    """One entry of a role's `pick`."""

    when: Text
    page: PageList
    at: SevList | None = None


def read_fill(value: object) -> str:
    """`first_acknowledger` or a role; E113 for anything else."""
    if value == "first_acknowledger":
        return "first_acknowledger"
    if isinstance(value, str) and value.startswith("role:"):
        return value
    raise refusal(
        "E113", f"{described(value)} cannot fill a role", "allowed: first_acknowledger, role:<id>"
    )


class RoleForm(Written):
    """One role of `roles`."""

    page: PageList | None = None
    fill: Annotated[str, BeforeValidator(read_fill)] | None = None
    at: SevList | None = None
    many: Flag = False
    pick: tuple[PickForm, ...] = ()


class AnnounceForm(Written):
    """`announce:`: one line per change."""

    to: Annotated[tuple[DestinationRef, ...], BeforeValidator(one_or_more)]
    on: Annotated[tuple[AnnounceOn, ...], BeforeValidator(one_or_more)] | None = None


HandoffField = Literal[
    "state_now", "actions_in_flight", "decisions_pending", "risks", "next_update_due"
]


class HandoffForm(Written):
    """`handoff:`."""

    max_shift: Timers | None = None
    warn_before: Span | None = None
    require: tuple[HandoffField, ...] | None = None
    offer_also: tuple[HandoffField, ...] | None = None
    accept_within: Span | None = None


class MitigatedForm(Written):
    """`mitigated:`."""

    when: Text
    hold: Span | None = None


class ResolveForm(Written):
    """`resolve:`."""

    when: Text | None = None
    hold: Span | None = None
    confirm: Confirms | None = None
    confirm_within: Span | None = None
    on_timeout: Literal["remind"] | None = None


class PlaybookForm(Written):
    """One playbook file."""

    not_yet: ClassVar[Mapping[str, str]] = {
        "comms": "use announce: for one line per change",
        "review": LATER,
        "statuses": LATER,
    }

    language: Whole
    name: Id
    version: Annotated[int, Field(strict=True, ge=1)] = 1
    title: Text | None = None
    owner: TeamRef
    service: Id | None = None
    review_by: Day | None = None
    bridge: Text | None = None
    timezone: Zone | None = None
    priority: Whole = 0
    on_alert: Match | None = None
    triggers: Annotated[tuple[TriggerForm, ...], BeforeValidator(one_or_more)] | None = None
    dedup: DedupForm | None = None
    severity: SeverityForm | None = None
    urgency: Urgencies | None = None
    page: Annotated[tuple[Level, ...], BeforeValidator(one_or_more)] | None = None
    escalation: EscalationForm | None = None
    roles: dict[Id, RoleForm] = Field(default_factory=dict)
    facts: dict[Id, FactForm] = Field(default_factory=dict)
    params: dict[Id, ParamForm] = Field(default_factory=dict)
    outputs: dict[ResultName, OutputForm] = Field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    announce: Annotated[tuple[AnnounceForm, ...], BeforeValidator(one_or_more)] = ()
    handoff: HandoffForm | None = None
    mitigated: MitigatedForm | None = None
    resolve: ResolveForm | None = None
    drill: DrillForm | None = None
    tests: tuple[TestForm, ...] = ()
