"""A roster file as its author writes it, field by field.

Decides which fields exist and which are required. What belongs together is checked in
`compiler.roster_checks`, defaults are `compiler.roster_lower`'s.
"""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from compiler.document_errors import Written
from compiler.durations import refusal
from compiler.roster_values import (
    CalendarUrl,
    Days,
    EveryTurn,
    HandOverTime,
    LocalMoment,
    Mail,
    Mails,
    PhoneAddress,
    PushUrl,
    Refresh,
    SlackAddress,
    SmsAddress,
    UserId,
    UserIds,
    Via,
    WebUrl,
    Window,
)
from compiler.written_values import Day, Id, Span, TeamRef, Text, Whole, Zone
from domain.roster import Method


class ContactForm(Written):
    """`contact:` of a user, one address a method."""

    push: PushUrl | None = None
    sms: SmsAddress | None = None
    phone: PhoneAddress | None = None
    email: Mail | None = None
    slack: SlackAddress | None = None
    teams: WebUrl | None = None
    webhook: WebUrl | None = None

    def addresses(self) -> dict[Method, str]:
        """What is written, by method."""
        written = ((method, getattr(self, method.value)) for method in Method)
        return {method: address for method, address in written if address is not None}


class RuleForm(Written):
    """One line of `notify`: the method, and how long after the page began."""

    via: Via
    after: Span | None = None


def _rule(value: object) -> object:
    """`push` is short for `{ via: push }`."""
    return {"via": value} if isinstance(value, str) else value


Rules = tuple[Annotated[RuleForm, BeforeValidator(_rule)], ...]


class NotifyForm(Written):
    """`notify:` of a user, by urgency."""

    high: Rules | None = None
    low: Rules | None = None


class UserForm(Written):
    """One entry of `users`."""

    name: Text | None = None
    tz: Zone | None = None
    contact: ContactForm = ContactForm()
    notify: NotifyForm = NotifyForm()


class HoursForm(Written):
    """`hours:` of a team: when it is at work, by its own wall clock."""

    tz: Zone
    days: Days | None = None
    between: Window | None = None


class TeamForm(Written):
    """One entry of `teams`."""

    members: UserIds
    manager: UserId | None = None
    hours: HoursForm | None = None


class ServiceForm(Written):
    """One entry of `services`."""

    owner: TeamRef
    tier: Annotated[int, Field(strict=True, ge=1)] | None = None
    depends_on: tuple[Id, ...] = ()


class DestinationForm(Written):
    """One entry of `destinations`; every way that is written is used."""

    email: Mails | None = None
    webhook: WebUrl | None = None
    push: PushUrl | None = None
    slack: SlackAddress | None = None
    teams: WebUrl | None = None

    @model_validator(mode="after")
    def _goes_somewhere(self) -> "DestinationForm":
        if not self.model_fields_set:
            hint = "add one of email, webhook, push, slack, teams"
            raise refusal("E102", "the destination has no address", hint)
        return self


class TurnsForm(Written):
    """`rotate:` of a layer: its own users take turns."""

    every: EveryTurn
    hands_over: HandOverTime | None = None
    from_: Day = Field(alias="from")


class RotateForm(TurnsForm):
    """`rotate:` of a schedule."""

    users: UserIds


class LayerForm(Written):
    """One entry of `layers`."""

    users: UserIds
    days: Days | None = None
    between: Window | None = None
    rotate: TurnsForm | None = None


class OverrideForm(Written):
    """One entry of `overrides`, in the schedule's local time."""

    user: UserId
    from_: LocalMoment = Field(alias="from")
    to: LocalMoment


class ImportForm(Written):
    """`import:` of a schedule: a calendar that says who serves."""

    ical: CalendarUrl
    refresh: Refresh | None = None


class ScheduleForm(Written):
    """One entry of `schedules`."""

    tz: Zone
    coverage: Literal["always", "business_hours", "best_effort"] = "always"
    rotate: RotateForm | None = None
    imports: ImportForm | None = Field(default=None, alias="import")
    layers: tuple[LayerForm, ...] = ()
    overrides: tuple[OverrideForm, ...] = ()

    @model_validator(mode="after")
    def _somebody_serves(self) -> "ScheduleForm":
        if self.rotate is not None and self.imports is not None:
            hint = "keep the one that says who serves; layers and overrides go with either"
            raise refusal("E103", "the schedule has both rotate and import", hint, "import")
        if self.rotate is None and self.imports is None and not self.layers:
            raise refusal("E102", "nobody serves in the schedule", "add rotate, import or layers")
        return self


class RosterForm(Written):
    """A file in `roster/`."""

    language: Whole
    users: dict[Id, UserForm] = Field(default_factory=dict)
    teams: dict[Id, TeamForm] = Field(default_factory=dict)
    services: dict[Id, ServiceForm] = Field(default_factory=dict)
    destinations: dict[Id, DestinationForm] = Field(default_factory=dict)
    schedules: dict[Id, ScheduleForm] = Field(default_factory=dict)
