"""Relief for whoever was woken twice in one night: when it is offered, and by whom.

Decides what a night is (22:00 to 07:00 where the person lives) and who could take over:
the next in each schedule that the person serves in. Asked from activities and the API
only, since zone files differ between hosts.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict

from domain.cover_text import Said, day_and_time
from domain.on_call import next_change, shifts, who_is_on_call
from domain.roster import Roster, Schedule
from domain.rotation import moment_at

NIGHT_BEGINS, NIGHT_ENDS = time(22), time(7)

WAKE_UPS = 2
"""Incidents that woke a person in one night before relief is offered."""

LONGEST = timedelta(days=31)
"""The longest cover that can be asked for."""


class ReliefPart(BaseModel):
    """A frozen part of a relief."""

    model_config = ConfigDict(frozen=True)


class Night(ReliefPart):
    """One night of one person: the local date on which it began, and its end (aware UTC)."""

    began_on: date
    ends_at: datetime


class Woken(ReliefPart):
    """Somebody was woken by a page of this incident."""

    reference: str


class ReliefStart(ReliefPart):
    """One person and the end (aware UTC) of the night in which they were woken."""

    person: str
    person_name: str
    night_ends: datetime


class ReliefAsked(ReliefPart):
    """Offer this person relief, as things are at this moment (aware UTC)."""

    person: str
    at: datetime


class Relief(ReliefPart):
    """One schedule that the person serves in, and who could take over until when."""

    schedule: str
    to: str
    to_name: str
    until: datetime


def night_of(at: datetime, zone: str) -> Night | None:
    """The night of this zone that a moment (aware) falls into; None by day."""
    try:
        known = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        known = ZoneInfo("UTC")
    local = at.astimezone(known)
    if NIGHT_ENDS <= local.time() < NIGHT_BEGINS:
        return None
    began = local.date() if local.time() >= NIGHT_BEGINS else local.date() - timedelta(days=1)
    ends = datetime.combine(began + timedelta(days=1), NIGHT_ENDS)
    return Night(began_on=began, ends_at=moment_at(ends, known))


def reliefs(roster: Roster, person: str, at: datetime) -> tuple[Relief, ...]:
    """For each schedule in which the person serves at `at`, who is next, if anybody is."""
    found = (_relief(roster, schedule, person, at) for schedule in roster.schedules.values())
    return tuple(each for each in found if each is not None)


def said_of_relief(offers: tuple[Relief, ...], zone: str) -> Said:
    """What the person reads, in their zone."""
    first = offers[0]
    until = day_and_time(first.until, zone)
    title = (
        f"You were woken twice tonight. Ask {first.to_name} "
        f"(next in {first.schedule}) to cover until {until}?"
    )
    more = tuple(
        f"Or {each.to_name} for {each.schedule} until {day_and_time(each.until, zone)}."
        for each in offers[1:]
    )
    return Said(title=title, lines=("One tap asks; you serve on until they accept.", *more))


def _relief(roster: Roster, schedule: Schedule, person: str, at: datetime) -> Relief | None:
    now = who_is_on_call(schedule, at).users
    if person not in now:
        return None
    latest = at.astimezone(UTC) + LONGEST
    until = next_change(schedule, at, LONGEST) or latest
    ahead = (user for shift in shifts(schedule, until, latest) for user in shift.users)
    for user in ahead:
        if user not in now and user in roster.users:
            name = roster.users[user].name
            return Relief(schedule=schedule.id, to=user, to_name=name, until=until)
    return None
