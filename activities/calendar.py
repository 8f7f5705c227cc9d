"""Reads an imported calendar from its address and keeps it if it is a good one.

Decides what a good copy is: an iCalendar text of at most 2 MiB that names somebody of the
roster. Whatever else comes is an error, and the last good copy stays. The address may
hold a token: it comes from the roster, and only its host is ever said.
"""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import NoReturn

import httpx
from pydantic import BaseModel, ConfigDict
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.channels.answers import host_of, one_line
from domain.calendar_events import (
    Named,
    NotACalendar,
    People,
    in_words_of,
    read_events,
    span_around,
)
from domain.roster import CalendarImport, Roster, Schedule
from ledger.writer import Writer

FETCH_S = 10.0
"""The whole request; calendars are files."""

LIMIT_BYTES = 2 * 1024 * 1024

STRANGERS_TOLD = 3


class ReadCalendar(BaseModel):
    """Read the calendar that this schedule imports."""

    model_config = ConfigDict(frozen=True)

    schedule: str


class CalendarRead(BaseModel):
    """What came of it. `refresh` is None if the schedule imports no calendar any more."""

    model_config = ConfigDict(frozen=True)

    refresh: timedelta | None
    sentence: str


class CalendarActivities:
    """Imports. A repeat reads the address again and keeps what is there then."""

    def __init__(
        self, roster: Callable[[], Roster], writer: Writer, http: httpx.AsyncClient
    ) -> None:
        self._roster = roster
        self._writer = writer
        self._http = http

    @activity.defn
    async def read_calendar(self, asked: ReadCalendar) -> CalendarRead:
        """The calendar as it is now is the schedule's good copy, or the failure is on record.

        Keyed by the schedule: the newest good text wins.
        """
        roster = self._roster()
        schedule = roster.schedules.get(asked.schedule)
        if schedule is None or schedule.imports is None:
            return CalendarRead(refresh=None, sentence=f"{asked.schedule} imports no calendar.")
        imports = schedule.imports
        try:
            text = await self._fetch(imports.ical)
            named = await asyncio.to_thread(_understood, text, schedule, roster)
        except (_Unusable, NotACalendar) as error:
            await self._fail(schedule.id, imports, f"{host_of(imports.ical)}: {error}")
        await self._writer.write(
            lambda ledger: ledger.keep_calendar(schedule.id, _hash(imports), text)
        )
        return CalendarRead(refresh=imports.refresh, sentence=_sentence(named))

    async def _fetch(self, address: str) -> str:
        """The text at the address. Raises _Unusable."""
        body = bytearray()
        try:
            async with (
                asyncio.timeout(FETCH_S),
                self._http.stream(
                    "GET",
                    address,
                    follow_redirects=True,
                    timeout=FETCH_S,
                    headers={"Accept": "text/calendar, text/plain;q=0.5"},
                ) as answer,
            ):
                if answer.status_code != HTTPStatus.OK:
                    raise _Unusable(f"it answered {answer.status_code}")
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > LIMIT_BYTES:
                        raise _Unusable("it is longer than 2 MiB")
        except TimeoutError as error:
            raise _Unusable(f"no answer within {FETCH_S:.0f} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise _Unusable(one_line(f"no answer ({type(error).__name__})")) from error
        return body.decode("utf-8-sig", errors="replace").replace("\0", "")

    async def _fail(self, schedule: str, imports: CalendarImport, error: str) -> NoReturn:
        said = one_line(error)
        await self._writer.write(
            lambda ledger: ledger.calendar_failed(schedule, _hash(imports), said)
        )
        raise ApplicationError(
            f"The calendar of {schedule} cannot be used: {said}", type="calendar"
        )


class _Unusable(Exception):  # noqa: N818  # an outcome
    """Nothing at the address can be used; why, without the address."""


def _understood(text: str, schedule: Schedule, roster: Roster) -> Named:
    """What the calendar says in the roster's words. Raises _Unusable or NotACalendar."""
    events = read_events(text, *span_around(datetime.now(UTC)))
    named = in_words_of(People(roster.users), events, schedule.tz)
    if not named.imported:
        found = f", only {_listed(named.strangers)}" if named.strangers else ""
        raise _Unusable(f"no event of the next 90 days names anybody of the roster{found}")
    return named


def _sentence(named: Named) -> str:
    count = len(named.imported)
    said = f"{count} shift{'' if count == 1 else 's'} of people in the roster."
    if named.strangers:
        said += f" Left out, since they name nobody of it: {_listed(named.strangers)}."
    return said


def _listed(titles: tuple[str, ...]) -> str:
    shown = ", ".join(f"'{title[:60]}'" for title in titles[:STRANGERS_TOLD])
    more = len(titles) - STRANGERS_TOLD
    return f"{shown} and {more} more" if more > 0 else shown


def _hash(imports: CalendarImport) -> str:
    return hashlib.sha256(imports.ical.encode()).hexdigest()
