"""Who is on call: now, at a moment, and shift by shift.

Decides the shape of the answers. Who serves is `domain.on_call`, asked of the roster
that holds now: the files, imported calendars and accepted overrides.
"""

# ruff: noqa: FAST003  # a dependency reads the path

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel

from api.people import stranger
from api.problems import Problem
from api.security import Reader
from api.services import Parts
from domain.on_call import Gap, Shift, gaps, next_change, shifts, who_is_on_call
from domain.roster import Roster, Schedule
from domain.rotation import moment_at

router = APIRouter(prefix="/v1", tags=["schedules"])

AHEAD = timedelta(days=14)
"""Shifts that a schedule shows unless it is asked for others."""

LONGEST = timedelta(days=366)
"""The longest stretch of shifts in one answer."""

LOOK_AHEAD = timedelta(days=60)
"""How far ahead the next change is looked for."""


class Someone(BaseModel):
    """A person, by id and name."""

    id: str
    name: str


class OnCallNow(BaseModel):
    """Who serves in one schedule at a moment; `next` serve from `until` on.

    `until` is null where no change is in sight for 60 days; `reason` says by which line.
    """

    id: str
    tz: str
    on_call: list[Someone]
    until: datetime | None
    next: list[Someone]
    reason: str


class OnCallAt(BaseModel):
    """Every schedule at one moment."""

    at: datetime
    schedules: list[OnCallNow]


class ScheduleList(BaseModel):
    """Every schedule, as it is now."""

    items: list[OnCallNow]


class ShiftItem(BaseModel):
    """The same people from one moment to another."""

    start: datetime
    end: datetime
    people: list[Someone]


class GapItem(BaseModel):
    """A stretch of time in which nobody serves."""

    start: datetime
    end: datetime


class ShiftList(BaseModel):
    """Shifts and gaps of a schedule, in order."""

    shifts: list[ShiftItem]
    gaps: list[GapItem]


class ScheduleDocument(OnCallNow, ShiftList):
    """One schedule: now, and the next 14 days."""

    coverage: str


def schedule_named(
    parts: Parts, name: Annotated[str, Path(alias="id", max_length=200)]
) -> Schedule:
    """The schedule that the path names; 404 with near names."""
    known = parts.snapshot.roster.schedules
    if name not in known:
        text = stranger("schedule", name, sorted(known))
        raise Problem(404, f"{text[:1].upper()}{text[1:]}")
    return known[name]


Named = Annotated[Schedule, Depends(schedule_named)]
Moment = Annotated[
    str | None,
    Query(description="ISO moment; without an offset it is local time of the schedule."),
]


@router.get("/oncall", operation_id="get_on_call")
async def get_on_call(
    parts: Parts,
    caller: Reader,
    at: Annotated[str | None, Query(description="ISO moment; now unless given.")] = None,
) -> OnCallAt:
    """Who is on call in every schedule, now or at a moment."""
    del caller
    moment = read_moment("at", at, "UTC") if at else datetime.now(UTC)
    found = await asyncio.to_thread(everybody_at, parts.snapshot.roster, moment)
    return OnCallAt(at=moment, schedules=found)


@router.get("/schedules", operation_id="list_schedules")
async def list_schedules(parts: Parts, caller: Reader) -> ScheduleList:
    """Every schedule: who is on call now, until when, and who then."""
    del caller
    found = await asyncio.to_thread(everybody_at, parts.snapshot.roster, datetime.now(UTC))
    return ScheduleList(items=found)


@router.get("/schedules/{id}", operation_id="get_schedule")
async def get_schedule(parts: Parts, caller: Reader, schedule: Named) -> ScheduleDocument:
    """One schedule: who is on call now, and the shifts and gaps of the next 14 days."""
    del caller
    roster, now = parts.snapshot.roster, datetime.now(UTC)
    listed = await asyncio.to_thread(shifts_between, roster, schedule, now, now + AHEAD)
    seen = on_call_at(roster, schedule, now)
    return ScheduleDocument(**dict(seen), **dict(listed), coverage=schedule.coverage)


@router.get("/schedules/{id}/shifts", operation_id="get_shifts")
async def get_shifts(
    parts: Parts,
    caller: Reader,
    schedule: Named,
    start: Annotated[Moment, Query(alias="from")] = None,
    end: Annotated[Moment, Query(alias="to")] = None,
) -> ShiftList:
    """Shifts and gaps between two moments; 14 days from now unless given, 366 at most."""
    del caller
    begins = read_moment("from", start, schedule.tz) if start else datetime.now(UTC)
    ends = read_moment("to", end, schedule.tz) if end else begins + AHEAD
    if ends <= begins:
        raise wrong("to", "the end is not after the start")
    if ends - begins > LONGEST:
        raise wrong("to", "ask for 366 days at most")
    # A year of hourly turns takes a while, and alerts must not wait for it.
    roster = parts.snapshot.roster
    return await asyncio.to_thread(shifts_between, roster, schedule, begins, ends)


def everybody_at(roster: Roster, at: datetime) -> list[OnCallNow]:
    """Every schedule at this moment (aware), by id."""
    return [on_call_at(roster, schedule, at) for _, schedule in sorted(roster.schedules.items())]


def on_call_at(roster: Roster, schedule: Schedule, at: datetime) -> OnCallNow:
    """Who serves in the schedule at this moment (aware), until when, and who then."""
    now = who_is_on_call(schedule, at)
    until = next_change(schedule, at, LOOK_AHEAD)
    follow = who_is_on_call(schedule, until).users if until else ()
    return OnCallNow(
        id=schedule.id,
        tz=schedule.tz,
        on_call=_people(roster, now.users),
        until=until,
        next=_people(roster, follow),
        reason=now.reason,
    )


def shifts_between(roster: Roster, schedule: Schedule, start: datetime, end: datetime) -> ShiftList:
    """Shifts and gaps of the schedule between two aware moments."""

    def item(shift: Shift) -> ShiftItem:
        return ShiftItem(start=shift.start, end=shift.end, people=_people(roster, shift.users))

    def gap_item(gap: Gap) -> GapItem:
        return GapItem(start=gap.start, end=gap.end)

    return ShiftList(
        shifts=[item(shift) for shift in shifts(schedule, start, end)],
        gaps=[gap_item(gap) for gap in gaps(schedule, start, end)],
    )


def read_moment(field: str, text: str, zone: str) -> datetime:
    """The moment (aware UTC) that an ISO text means; a wall time is the zone's. 422 if none."""
    try:
        # A plus sign in an address is a space unless it is escaped, which people forget.
        moment = datetime.fromisoformat(text.strip().replace(" ", "+"))
        if moment.tzinfo is None:
            return moment_at(moment, ZoneInfo(zone))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong(
            field, f"{text!r} is no moment: give 2026-12-24T18:00 or 2026-12-24T17:00:00Z"
        ) from None


def wrong(field: str, message: str) -> Problem:
    """422 naming the field."""
    return Problem(422, f"{field}: {message}", errors=[(field, message)])


def _people(roster: Roster, users: tuple[str, ...]) -> list[Someone]:
    known = roster.users
    return [Someone(id=each, name=known[each].name if each in known else each) for each in users]
