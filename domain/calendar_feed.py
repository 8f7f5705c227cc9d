"""Writes who serves when as an iCalendar text that calendar programs subscribe to.

Decides which shifts a feed has and what an event says. An event's id comes from the
schedule, the start and the people, so that a program that asks again updates what it has.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from icalendar import Calendar, Event

from domain.calendar_events import USERS_FIELD
from domain.lines import named_in
from domain.on_call import Shift, shifts
from domain.roster import Roster, Schedule, User

BACK, AHEAD = timedelta(days=14), timedelta(days=90)
"""What a feed covers, from now."""

_BEGAN = timedelta(days=31)
"""How far before that a shift's own start is looked for."""

ASK_AGAIN = timedelta(minutes=15)
"""How often a calendar program is asked to look again; most take their own time."""


class _Entry(NamedTuple):
    title: str
    schedule: str
    shift: Shift
    began_earlier: bool


def schedule_feed(schedule: Schedule, users: Mapping[str, User], now: datetime) -> bytes:
    """Everybody's shifts in this schedule, as a calendar (RFC 5545)."""
    entries = [
        each._replace(title=f"On call: {_names(each.shift, users)}")
        for each in _entries(schedule, now)
    ]
    return _written(f"On call: {schedule.id}", entries, now)


def personal_feed(user: User, roster: Roster, now: datetime) -> bytes:
    """The person's shifts in every schedule, as a calendar (RFC 5545)."""
    schedules = (each for each in roster.schedules.values() if user.id in named_in(each))
    mine = [
        each._replace(shift=each.shift.model_copy(update={"users": (user.id,)}))
        for schedule in schedules
        for each in _entries(schedule, now)
        if user.id in each.shift.users
    ]
    return _written(f"On call: {user.name}", mine, now)


def _entries(schedule: Schedule, now: datetime) -> Iterator[_Entry]:
    since = (now - BACK - _BEGAN).astimezone(UTC)
    for shift in shifts(schedule, since, now + AHEAD):
        if shift.end > now - BACK:
            yield _Entry(f"On call: {schedule.id}", schedule.id, shift, shift.start == since)


def _names(shift: Shift, users: Mapping[str, User]) -> str:
    return ", ".join(users[user].name if user in users else user for user in shift.users)


def _written(title: str, entries: Iterable[_Entry], now: datetime) -> bytes:
    calendar = Calendar()
    calendar.add("PRODID", "-//Watchbill//On call//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("NAME", title)
    calendar.add("X-WR-CALNAME", title)
    calendar.add("REFRESH-INTERVAL", ASK_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", "PT15M")
    for entry in sorted(entries, key=lambda one: (one.shift.start, one.schedule)):
        calendar.add_component(_event(entry, now))
    return bytes(calendar.to_ical())


def _event(entry: _Entry, now: datetime) -> Event:
    event = Event()
    event.add("UID", _uid(entry))
    event.add("DTSTAMP", now.astimezone(UTC).replace(microsecond=0))
    event.add("DTSTART", entry.shift.start)
    event.add("DTEND", entry.shift.end)
    event.add("SUMMARY", entry.title)
    event.add("DESCRIPTION", f"Schedule {entry.schedule}")
    event.add("TRANSP", "TRANSPARENT")
    event.add(USERS_FIELD, ",".join(entry.shift.users))
    return event


def _uid(entry: _Entry) -> str:
    start = "earlier" if entry.began_earlier else entry.shift.start.isoformat()
    named = f"{entry.schedule} {start} {' '.join(entry.shift.users)}"
    return f"{hashlib.sha256(named.encode()).hexdigest()[:32]}@watchbill"
