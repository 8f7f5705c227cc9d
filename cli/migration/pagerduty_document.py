"""The fields of PagerDuty's REST v2 answers that an import reads.

Decides which fields count, and that a file may hold one list or several.
"""

from datetime import time
from pathlib import Path
from typing import Any

from pydantic import Field

from cli.migration.exports import (
    Exported,
    Minutes,
    Moment,
    Reference,
    Said,
    Seconds,
    Several,
    Times,
    distinct,
    lists_in,
    parsed,
    read_json,
)


class ContactExport(Exported):
    """One contact method of a user, or a reference to one."""

    id: Said = ""
    type: Said = ""
    address: Said = ""
    country_code: int | None = None


class RuleExport(Exported):
    """One notification rule of a user."""

    start_delay_in_minutes: Minutes = 0
    urgency: Said = "high"
    contact_method: ContactExport | None = None


class UserExport(Exported):
    """A user, with contact methods and rules if they were asked for."""

    id: str
    name: Said = ""
    email: Said = ""
    time_zone: Said = ""
    contact_methods: Several[ContactExport] = ()
    notification_rules: Several[RuleExport] = ()
    teams: Several[Reference] = ()


class MemberExport(Exported):
    """A member of a team or a layer."""

    user: Reference | None = None
    role: Said = ""


class TeamExport(Exported):
    """A team; its members, where /teams/{id}/members was added."""

    id: str
    name: Said = ""
    members: Several[MemberExport] = ()


class RestrictionExport(Exported):
    """When a layer is on call; weekdays count from Monday, 1."""

    type: str
    start_time_of_day: time
    duration_seconds: Seconds
    start_day_of_week: int | None = Field(default=None, ge=1, le=7)


class LayerExport(Exported):
    """One layer of a schedule."""

    id: Said = ""
    name: Said = ""
    start: Moment
    end: Moment | None = None
    rotation_virtual_start: Moment
    rotation_turn_length_seconds: Seconds
    users: Several[MemberExport] = ()
    restrictions: Several[RestrictionExport] = ()


class EntryExport(Exported):
    """Somebody serves from one moment to another: an override, or a rendered entry."""

    start: Moment
    end: Moment
    user: Reference | None = None


class RenderedExport(Exported):
    """A schedule as PagerDuty renders it."""

    rendered_schedule_entries: Several[EntryExport] = ()


class ScheduleExport(Exported):
    """A schedule; PagerDuty lists the layer that wins first."""

    id: str
    name: Said = ""
    time_zone: str = "UTC"
    schedule_layers: Several[LayerExport] = ()
    overrides: Several[EntryExport] = ()
    overrides_subschedule: RenderedExport | None = None
    final_schedule: RenderedExport | None = None


class EscalationRuleExport(Exported):
    """One level of an escalation policy."""

    escalation_delay_in_minutes: Minutes
    targets: Several[Reference] = ()


class PolicyExport(Exported):
    """An escalation policy."""

    id: str
    name: Said = ""
    num_loops: Times = 0
    escalation_rules: Several[EscalationRuleExport] = ()
    teams: Several[Reference] = ()


class UrgencyExport(Exported):
    """How loud a service is: constant, or by support hours."""

    type: Said = ""
    urgency: Said = ""
    during_support_hours: "UrgencyExport | None" = None
    outside_support_hours: "UrgencyExport | None" = None


class HoursExport(Exported):
    """Support hours; weekdays count from Monday, 1."""

    time_zone: Said = ""
    days_of_week: Several[int] = ()
    start_time: time | None = None
    end_time: time | None = None


class GroupingExport(Exported):
    """How alerts become incidents."""

    type: Said = ""
    config: dict[str, Any] | None = None


class ServiceExport(Exported):
    """A service."""

    id: str
    name: Said = ""
    status: Said = ""
    escalation_policy: Reference | None = None
    incident_urgency_rule: UrgencyExport | None = None
    support_hours: HoursExport | None = None
    acknowledgement_timeout: Seconds | None = None
    auto_resolve_timeout: Seconds | None = None
    alert_grouping_parameters: GroupingExport | None = None
    teams: Several[Reference] = ()


class PagerdutyExport(Exported):
    """Everything of all files."""

    users: Several[UserExport] = ()
    teams: Several[TeamExport] = ()
    schedules: Several[ScheduleExport] = ()
    escalation_policies: Several[PolicyExport] = ()
    services: Several[ServiceExport] = ()


_KINDS = {
    "users": "users",
    "user": "users",
    "teams": "teams",
    "team": "teams",
    "schedules": "schedules",
    "schedule": "schedules",
    "escalation_policies": "escalation_policies",
    "escalation_policy": "escalation_policies",
    "services": "services",
    "service": "services",
}


def read_pagerduty(paths: list[Path]) -> tuple[PagerdutyExport, list[str]]:
    """Everything of these files, and those that are one page of several."""
    lists: dict[str, list[Any]] = {name: [] for name in PagerdutyExport.model_fields}
    cut: list[str] = []
    for path in paths:
        document = read_json(path)
        if isinstance(document, dict) and document.get("more"):
            cut.append(path.name)
        for kind, inner, under in lists_in(path, document, kinds=_KINDS, guess=_guess):
            whole = [inner] if isinstance(inner, dict) else inner
            field = {kind: whole} if kind else {}
            read = parsed(PagerdutyExport, field, path=path, renamed={kind: under} if kind else {})
            for name in lists:
                lists[name] += getattr(read, name)
    once = {name: distinct(known) for name, known in lists.items()}
    return PagerdutyExport.model_validate(once), cut


def _guess(first: object) -> str:
    kind = first.get("type") if isinstance(first, dict) else None
    return _KINDS.get(str(kind), "")
