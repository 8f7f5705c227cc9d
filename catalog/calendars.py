"""Lays the last good copies of imported calendars over the roster of the files.

Decides what a copy says about who serves: its events from a week back to 90 days ahead,
in the words of the roster as it is. A copy is read once and again every few hours, never
by a look-up; reading calendars from their addresses is `activities.calendar`'s.
"""

import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import structlog

from domain.calendar_events import (
    CalendarEvent,
    NotACalendar,
    People,
    in_words_of,
    read_events,
    span_around,
)
from domain.roster import Imported, Roster, User
from ledger.calendar_book import CalendarState
from ledger.store import Ledger

log = structlog.get_logger(__name__)

READ_AGAIN = timedelta(hours=6)
"""How long the 90 days that a copy was read for may be short by."""

KEPT = 1_000

Events = tuple[CalendarEvent, ...]


class _Read(NamedTuple):
    fetched_at: datetime
    read_at: datetime
    events: Events


class _Said(NamedTuple):
    """What events say in the words of a roster's people."""

    events: Events
    users: Mapping[str, User]
    tz: str
    imported: tuple[Imported, ...]

    def is_of(self, events: Events, users: Mapping[str, User], tz: str) -> bool:
        return self.events is events and self.users is users and self.tz == tz


class Copies:
    """The events of every good copy, read when the copy or the day is another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read: dict[str, _Read] = {}
        self._said: dict[str, _Said] = {}

    def events(self, ledger: Ledger, now: datetime) -> Mapping[str, Events]:
        """The events by schedule; the same objects as long as nothing is new. Not for the loop."""
        with self._lock:
            found = {}
            for state in ledger.calendar_states():
                if state.fetched_at is not None:
                    found[state.schedule] = self._of(ledger, state, state.fetched_at, now)
            while len(self._read) > KEPT:
                self._read.pop(next(iter(self._read)))
            return found

    def lay_over(self, roster: Roster, events: Mapping[str, Events]) -> Roster:
        """The roster with what its schedules import, as far as it is known.

        What was said of the same events and people before is not worked out again.
        """
        people: People | None = None
        schedules = dict(roster.schedules)
        for name, schedule in roster.schedules.items():
            if schedule.imports is None or not events.get(name):
                continue
            said = self._said.get(name)
            if said is None or not said.is_of(events[name], roster.users, schedule.tz):
                people = people or People(roster.users)
                imported = in_words_of(people, events[name], schedule.tz).imported
                said = _Said(events[name], roster.users, schedule.tz, imported)
                self._said[name] = said
            schedules[name] = schedule.model_copy(update={"imported": said.imported})
        return roster.model_copy(update={"schedules": schedules})

    def _of(
        self, ledger: Ledger, state: CalendarState, fetched_at: datetime, now: datetime
    ) -> Events:
        known = self._read.get(state.schedule)
        is_same = known is not None and known.fetched_at == fetched_at
        if known and is_same and now - known.read_at < READ_AGAIN:
            return known.events
        try:
            events = read_events(ledger.calendar_text(state.schedule) or "", *span_around(now))
        except NotACalendar as error:
            log.warning("calendar_copy_unreadable", schedule=state.schedule, reason=str(error))
            events = known.events if known and is_same else ()
        if known and is_same and known.events == events:
            events = known.events
        self._read[state.schedule] = _Read(fetched_at, now, events)
        return events


def imported_over(ledger: Ledger, roster: Roster, span: tuple[datetime, datetime]) -> Roster:
    """The roster with what its calendars say of another span. Slow: not for the event loop."""
    schedules = dict(roster.schedules)
    for name, schedule in roster.schedules.items():
        text = ledger.calendar_text(name) if schedule.imports is not None else None
        if text is not None:
            with suppress(NotACalendar):
                said = in_words_of(People(roster.users), read_events(text, *span), schedule.tz)
                schedules[name] = schedule.model_copy(update={"imported": said.imported})
    return roster.model_copy(update={"schedules": schedules})


class CalendarReport(NamedTuple):
    """How an import stands, for people: `warning` is empty where all is well."""

    schedule: str
    warning: str
    age: timedelta | None


def report(
    roster: Roster, states: Mapping[str, CalendarState], now: datetime
) -> list[CalendarReport]:
    """One line for each schedule that reads a calendar, in order of their names."""
    found = []
    for name, schedule in sorted(roster.schedules.items()):
        if schedule.imports is not None:
            state = states.get(name)
            age = now - state.fetched_at if state and state.fetched_at else None
            found.append(CalendarReport(name, _warning(state, schedule.imports.refresh, now), age))
    return found


def _warning(state: CalendarState | None, refresh: timedelta, now: datetime) -> str:
    if state is None:
        return "its calendar has not been read yet: nobody is on call by it"
    copy = "nobody is on call by it"
    if state.fetched_at is not None:
        copy = f"the copy of {state.fetched_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC stays in service"
    if state.error:
        return f"its calendar cannot be read: {state.error}; {copy}"
    if now - state.checked_at > 3 * refresh + timedelta(minutes=5):
        checked = state.checked_at.astimezone(UTC)
        return f"its calendar has not been read since {checked:%Y-%m-%d %H:%M} UTC; {copy}"
    return ""
