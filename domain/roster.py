"""The roster: people, teams, services, destinations and schedules.

Decides its shape. Who is on call at a moment is `domain.on_call`; reading it from YAML
is the compiler's. Unlike a plan it is never frozen into an incident.
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict


class RosterPart(BaseModel):
    """A frozen part of the roster."""

    model_config = ConfigDict(frozen=True)


class Method(StrEnum):
    """A way to reach a person."""

    PUSH = "push"
    SMS = "sms"
    PHONE = "phone"
    EMAIL = "email"
    SLACK = "slack"
    TEAMS = "teams"
    WEBHOOK = "webhook"


WAKING = (Method.PUSH, Method.SMS, Method.PHONE, Method.WEBHOOK)
"""Methods that can wake a person."""


class NotifyRule(RosterPart):
    """Use this method so long after the page began."""

    via: Method
    after: timedelta = timedelta(0)


class User(RosterPart):
    """A person; `tz` is an IANA zone. `contact` values are addresses or URLs: secrets stay here."""

    id: str
    name: str
    tz: str = "UTC"
    contact: dict[Method, str]
    high: tuple[NotifyRule, ...]
    low: tuple[NotifyRule, ...] = ()


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Hours(RosterPart):
    """When a team is at work: windows of local time that start on these days.

    A window whose end is not after its start runs into the next day.
    """

    tz: str
    days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    between: tuple[time, time] = (time(9, 0), time(17, 0))


class Team(RosterPart):
    """A team; without a manager it falls to its members."""

    id: str
    members: tuple[str, ...]
    manager: str | None = None
    hours: Hours | None = None


class Service(RosterPart):
    """What people run."""

    id: str
    owner: str
    tier: int | None = None
    depends_on: tuple[str, ...] = ()


class Destination(RosterPart):
    """Where announcements go; any of its ways that is set is used."""

    id: str
    email: tuple[str, ...] = ()
    webhook: str | None = None
    push: str | None = None
    slack: str | None = None
    teams: str | None = None


class Rotation(RosterPart):
    """People take turns, changing at wall-clock time in the schedule's zone.

    `every` units `count` times (every 2 weeks: unit week, count 2). `hands_over` is the
    local time of the change; `weekday` for weeks, `day` of the month for months (a month
    that is too short changes on its last day). `first` is the local date from which the
    first user serves.
    """

    users: tuple[str, ...]
    unit: Literal["hour", "day", "week", "month"]
    count: int = 1
    hands_over: time = time(9, 0)
    weekday: Weekday | None = None
    day: int | None = None
    first: date


class Layer(RosterPart):
    """A window of local time in which these people serve instead; wins over the rotation.

    `days` is the day a window starts on; a window whose end is not after its start runs
    into the next day. `rotate` lets the layer's users take turns; without it all of
    `users` serve together.
    """

    users: tuple[str, ...]
    days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    between: tuple[time, time] = (time(0, 0), time(0, 0))
    rotate: Rotation | None = None


class Override(RosterPart):
    """One person serves from one moment to another; wins over layers.

    As written, moments are local times without a zone; accepted through the API, aware.
    """

    user: str
    start: datetime
    end: datetime


class CalendarImport(RosterPart):
    """An iCalendar address that says who serves, instead of a rotation."""

    ical: str
    refresh: timedelta = timedelta(minutes=15)


class Imported(RosterPart):
    """One event of an imported calendar; moments are aware UTC."""

    users: tuple[str, ...]
    start: datetime
    end: datetime


class Schedule(RosterPart):
    """Who serves when, in one IANA zone. Local times of layers and overrides are naive.

    `imported` is what the calendar of `imports` says, as far as it is known; it stands
    where a rotation would.
    """

    id: str
    tz: str
    coverage: Literal["always", "business_hours", "best_effort"] = "always"
    rotate: Rotation | None = None
    layers: tuple[Layer, ...] = ()
    overrides: tuple[Override, ...] = ()
    imports: CalendarImport | None = None
    imported: tuple[Imported, ...] = ()


class Roster(RosterPart):
    """Everybody and everything that playbooks refer to."""

    users: dict[str, User] = {}
    teams: dict[str, Team] = {}
    services: dict[str, Service] = {}
    destinations: dict[str, Destination] = {}
    schedules: dict[str, Schedule] = {}
