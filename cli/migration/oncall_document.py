"""The fields of Grafana OnCall's API answers that an import reads.

Decides which fields count, and that a file may hold one list or several. The attributes of
its Terraform resources have the same names.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from cli.migration.exports import (
    Exported,
    LocalMoment,
    Said,
    Seconds,
    Several,
    distinct,
    lists_in,
    parsed,
    read_json,
)


class SlackExport(Exported):
    """A user's Slack account."""

    user_id: Said = ""


def _one_or_more(value: object) -> object:
    if value is None:
        return ()
    return (value,) if isinstance(value, dict) else value


class UserExport(Exported):
    """A user. OnCall gives out no telephone numbers."""

    id: str
    email: Said = ""
    username: Said = ""
    name: Said = ""
    timezone: Said = ""
    slack: Annotated[tuple[SlackExport, ...], BeforeValidator(_one_or_more)] = ()
    is_phone_number_verified: bool = False
    teams: Several[str] = ()


class RuleExport(Exported):
    """One step of somebody's personal notification rules."""

    user_id: str
    position: int = 0
    type: Said = ""
    duration: Annotated[float, Field(ge=0, le=10_000_000)] | None = None
    important: bool = False


class TeamExport(Exported):
    """A team of Grafana."""

    id: str
    name: Said = ""


class ShiftExport(Exported):
    """An on-call shift; `start` is local to its zone, or the schedule's."""

    id: str
    name: Said = ""
    type: str
    schedule: Said = ""
    time_zone: Said = ""
    level: int = Field(default=0, ge=0, le=1000)
    start: LocalMoment
    duration: Seconds
    rotation_start: LocalMoment | None = None
    until: LocalMoment | None = None
    frequency: Literal["hourly", "daily", "weekly", "monthly"] | None = None
    interval: int | None = Field(default=None, ge=1, le=9999)
    week_start: Said = "SU"
    by_day: Several[str] = ()
    by_month: Several[int] = ()
    by_monthday: Several[int] = ()
    users: Several[str] = ()
    rolling_users: Several[Several[str]] = ()
    start_rotation_from_user_index: int | None = Field(default=None, ge=0)


class ScheduleExport(Exported):
    """A schedule: `web` and `calendar` have shifts, `ical` has a calendar elsewhere."""

    id: str
    name: Said = ""
    type: Said = "calendar"
    team_id: Said = ""
    time_zone: Said = "UTC"
    shifts: Several[str] = ()
    ical_url_primary: Said = ""
    ical_url_overrides: Said = ""


class ChainExport(Exported):
    """An escalation chain."""

    id: str
    name: Said = ""
    team_id: Said = ""


class StepExport(Exported):
    """One step of an escalation chain."""

    escalation_chain_id: str
    position: int = 0
    type: Said = ""
    duration: Annotated[float, Field(ge=0, le=10_000_000)] | None = None
    important: bool = False
    persons_to_notify: Several[str] = ()
    persons_to_notify_next_each_time: Several[str] = ()
    notify_on_call_from_schedule: Said = ""
    team_to_notify: Said = ""
    notify_if_time_from: Said = ""
    notify_if_time_to: Said = ""


class DefaultRouteExport(Exported):
    """The route of an integration that takes the rest."""

    escalation_chain_id: Said = ""


class IntegrationExport(Exported):
    """An integration; its link is a secret and not read."""

    id: str
    name: Said = ""
    team_id: Said = ""
    type: Said = ""
    default_route: DefaultRouteExport | None = None


class RouteExport(Exported):
    """A route of an integration; the first that matches takes an alert."""

    integration_id: str
    escalation_chain_id: Said = ""
    routing_type: Said = "regex"
    routing_regex: Said = ""
    position: int = 0
    is_the_last_route: bool = False


class OncallExport(Exported):
    """Everything of all files."""

    users: Several[UserExport] = ()
    personal_notification_rules: Several[RuleExport] = ()
    teams: Several[TeamExport] = ()
    on_call_shifts: Several[ShiftExport] = ()
    schedules: Several[ScheduleExport] = ()
    escalation_chains: Several[ChainExport] = ()
    escalation_policies: Several[StepExport] = ()
    integrations: Several[IntegrationExport] = ()
    routes: Several[RouteExport] = ()


_KINDS = {name: name for name in OncallExport.model_fields}
_TOLD_BY = (
    ("routing_regex", "routes"),
    ("default_route", "integrations"),
    ("escalation_chain_id", "escalation_policies"),
    ("username", "users"),
    ("user_id", "personal_notification_rules"),
    ("duration", "on_call_shifts"),
    ("on_call_now", "schedules"),
)


def read_oncall(paths: list[Path]) -> tuple[OncallExport, list[str]]:
    """Everything of these files, and those that are one page of several."""
    found: dict[str, Any] = {}
    cut: list[str] = []
    for path in paths:
        document = read_json(path)
        if isinstance(document, dict) and document.get("next"):
            cut.append(path.name)
        for kind, inner, under in lists_in(path, document, kinds=_KINDS, guess=_guess):
            if not kind:
                continue
            whole = inner
            if isinstance(inner, dict):
                whole = inner.get("results", [inner])
            read = parsed(OncallExport, {kind: whole}, path=path, renamed={kind: under})
            found[kind] = distinct((*found.get(kind, ()), *getattr(read, kind)))
    return OncallExport().model_copy(update=found), cut


def _guess(first: object) -> str:
    if not isinstance(first, dict):
        return ""
    return next((kind for field, kind in _TOLD_BY if field in first), "")
