"""Writes shifts as an iCalendar text that calendar programs subscribe to.

Decides what an event of a feed says. Its id comes from the schedule, the start and the
people, so that a program that asks again updates what it has.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from icalendar import Calendar, Event

from domain.calendar_events import USERS_FIELD
from domain.on_call import Shift
from domain.roster import User

ASK_AGAIN = timedelta(minutes=15)
"""How often a calendar program is asked to look again; most take their own time."""


class FeedShift(NamedTuple):
    """A shift and the schedule it is of."""

    schedule: str
    shift: Shift


def feed(
    title: str, shifts: Sequence[FeedShift], users: Mapping[str, User], *, now: datetime
) -> bytes:
    """The calendar of these shifts (RFC 5545), in order; `now` is when it was made."""
    calendar = Calendar()
    calendar.add("PRODID", "-//Watchbill//On call//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("NAME", title)
    calendar.add("X-WR-CALNAME", title)
    calendar.add("REFRESH-INTERVAL", ASK_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", "PT15M")
    for each in sorted(shifts, key=lambda one: (one.shift.start, one.schedule)):
        calendar.add_component(_event(each, users, now))
    return bytes(calendar.to_ical())


def _event(each: FeedShift, users: Mapping[str, User], now: datetime) -> Event:
    shift = each.shift
    names = [users[user].name if user in users else user for user in shift.users]
    event = Event()
    event.add("UID", _uid(each))
    event.add("DTSTAMP", now.astimezone(UTC).replace(microsecond=0))
    event.add("DTSTART", shift.start.astimezone(UTC))
    event.add("DTEND", shift.end.astimezone(UTC))
    event.add("SUMMARY", f"On call: {', '.join(names)}")
    event.add("DESCRIPTION", f"Schedule {each.schedule}")
    event.add("CATEGORIES", [each.schedule])
    event.add("TRANSP", "TRANSPARENT")
    event.add(USERS_FIELD, ",".join(shift.users))
    return event


def _uid(each: FeedShift) -> str:
    named = f"{each.schedule} {each.shift.start:%Y%m%dT%H%M%S} {' '.join(each.shift.users)}"
    return f"{hashlib.sha256(named.encode()).hexdigest()[:32]}@watchbill"
