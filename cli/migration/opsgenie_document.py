"""The fields of Opsgenie's REST answers that an import reads.

Decides which fields count, and that a file may hold one list or several.
"""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from cli.migration.exports import (
    Exported,
    Minutes,
    Moment,
    Reference,
    Said,
    Several,
    Times,
    distinct,
    lists_in,
    parsed,
    read_json,
)

_UNITS = {"minutes": 1, "hours": 60, "days": 1440}


class AmountExport(Exported):
    """A length of time."""

    amount: int = Field(default=0, ge=0, le=100_000, alias="timeAmount")
    unit: Said = Field(default="minutes", alias="timeUnit")

    @property
    def length(self) -> timedelta:
        """The length; what has no unit is minutes."""
        return timedelta(minutes=self.amount * _UNITS.get(self.unit or "minutes", 1))


class ContactExport(Exported):
    """One contact of a user."""

    to: Said = ""
    method: Said = ""
    contact_method: Said = Field(default="", alias="contactMethod")
    enabled: bool = True


class StepExport(Exported):
    """One step of a notification rule."""

    contact: ContactExport = ContactExport()
    send_after: AmountExport = Field(default=AmountExport(), alias="sendAfter")
    enabled: bool = True


class RuleExport(Exported):
    """One notification rule of a user."""

    name: Said = ""
    action_type: Said = Field(default="", alias="actionType")
    steps: Several[StepExport] = ()
    enabled: bool = True


class UserExport(Exported):
    """A user; contacts with ?expand=contact."""

    id: str
    username: Said = ""
    full_name: Said = Field(default="", alias="fullName")
    time_zone: Said = Field(default="", alias="timeZone")
    blocked: bool = False
    user_contacts: Several[ContactExport] = Field(default=(), alias="userContacts")


class HoursExport(Exported):
    """From one time to another; days in words where it is by weekday."""

    start_day: Said = Field(default="", alias="startDay")
    end_day: Said = Field(default="", alias="endDay")
    start_hour: int = Field(alias="startHour", ge=0, le=24)
    start_min: int = Field(default=0, alias="startMin", ge=0, le=59)
    end_hour: int = Field(alias="endHour", ge=0, le=24)
    end_min: int = Field(default=0, alias="endMin", ge=0, le=59)


class TimesExport(Exported):
    """`timeRestriction` of a rotation or a routing rule."""

    type: Said = ""
    restriction: HoursExport | None = None
    restrictions: Several[HoursExport] = ()


class RotationExport(Exported):
    """One rotation of a schedule."""

    id: Said = ""
    name: Said = ""
    start: Moment = Field(alias="startDate")
    end: Moment | None = Field(default=None, alias="endDate")
    type: str
    length: int = Field(default=1, ge=1, le=9999)
    participants: Several[Reference] = ()
    times: TimesExport | None = Field(default=None, alias="timeRestriction")


class OverrideExport(Exported):
    """An override; `_parent` is its schedule where overrides are listed alone."""

    parent: Reference = Field(default=Reference(), alias="_parent")
    alias: Said = ""
    user: Reference
    start: Moment = Field(alias="startDate")
    end: Moment = Field(alias="endDate")
    rotations: Several[Reference] = ()


class ScheduleExport(Exported):
    """A schedule, with ?expand=rotation."""

    id: str
    name: Said = ""
    timezone: str = "UTC"
    enabled: bool = True
    rotations: Several[RotationExport] = ()
    overrides: Several[OverrideExport] = ()


class EscalationRuleExport(Exported):
    """One rule of an escalation."""

    condition: Said = "if-not-acked"
    notify_type: Said = Field(default="default", alias="notifyType")
    delay: AmountExport = AmountExport()
    recipient: Reference


class RepeatExport(Exported):
    """How an escalation repeats."""

    wait_interval: Minutes = Field(default=0, alias="waitInterval")
    count: Times = 0


class EscalationExport(Exported):
    """An escalation."""

    id: str
    name: Said = ""
    owner: Reference = Field(default=Reference(), alias="ownerTeam")
    rules: Several[EscalationRuleExport] = ()
    repeat: RepeatExport | None = None


class ConditionExport(Exported):
    """One condition of a routing rule."""

    field: Said = ""
    key: Said = ""
    operation: Said = ""
    negated: bool = Field(default=False, alias="not")
    expected: Said = Field(default="", alias="expectedValue")


class CriteriaExport(Exported):
    """The conditions of a routing rule, all or any of them."""

    type: Said = "match-all"
    conditions: Several[ConditionExport] = ()


class RoutingRuleExport(Exported):
    """Where alerts of a team go."""

    id: Said = ""
    name: Said = ""
    order: int = 0
    is_default: bool = Field(default=False, alias="isDefault")
    criteria: CriteriaExport = CriteriaExport()
    times: TimesExport | None = Field(default=None, alias="timeRestriction")
    notify: Reference = Reference()


class MemberExport(Exported):
    """A member of a team."""

    user: Reference
    role: Said = ""


class TeamExport(Exported):
    """A team; its routing rules where they were added."""

    id: str
    name: Said = ""
    members: Several[MemberExport] = ()
    routing_rules: Several[RoutingRuleExport] = Field(default=(), alias="routingRules")


class ServiceExport(Exported):
    """A service."""

    id: str
    name: Said = ""
    team_id: Said = Field(default="", alias="teamId")


Rules = Annotated[
    dict[str, Several[RuleExport]], BeforeValidator(lambda value: {} if value is None else value)
]
"""Notification rules by user; null is none."""


class OpsgenieExport(Exported):
    """Everything of all files."""

    users: Several[UserExport] = ()
    notification_rules: Rules = Field(default_factory=dict)
    teams: Several[TeamExport] = ()
    schedules: Several[ScheduleExport] = ()
    overrides: Several[OverrideExport] = ()
    escalations: Several[EscalationExport] = ()
    services: Several[ServiceExport] = ()


_KINDS = {
    "users": "users",
    "notificationRules": "notification_rules",
    "notification_rules": "notification_rules",
    "teams": "teams",
    "schedules": "schedules",
    "overrides": "overrides",
    "escalations": "escalations",
    "services": "services",
}
_TOLD_BY = (
    ("rotations", "schedules"),
    ("rules", "escalations"),
    ("username", "users"),
    ("members", "teams"),
    ("teamId", "services"),
    ("_parent", "overrides"),
)


def read_opsgenie(paths: list[Path]) -> tuple[OpsgenieExport, list[str]]:
    """Everything of these files, and those that are one page of several."""
    found: dict[str, Any] = {}
    cut: list[str] = []
    for path in paths:
        document = read_json(path)
        if isinstance(document, dict) and _has_more(document):
            cut.append(path.name)
        for kind, inner, under in lists_in(path, document, kinds=_KINDS, guess=_guess):
            if not kind:
                continue
            is_one = isinstance(inner, dict) and kind != "notification_rules"
            whole = [inner] if is_one else inner
            read = parsed(OpsgenieExport, {kind: whole}, path=path, renamed={kind: under})
            value = getattr(read, kind)
            before = found.get(kind)
            found[kind] = value if before is None else _joined(before, value)
    return OpsgenieExport.model_construct(**{**_empty(), **found}), cut


def _empty() -> dict[str, Any]:
    return {name: getattr(OpsgenieExport(), name) for name in OpsgenieExport.model_fields}


def _joined(before: Any, value: Any) -> Any:
    return before | value if isinstance(before, dict) else distinct((*before, *value))


def _has_more(document: dict[str, Any]) -> bool:
    paging = document.get("paging")
    return isinstance(paging, dict) and bool(paging.get("next"))


def _guess(first: object) -> str:
    if not isinstance(first, dict):
        return ""
    return next((kind for field, kind in _TOLD_BY if field in first), "")
