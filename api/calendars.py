"""Calendars to subscribe to: who serves when, by schedule and by person.

Decides who may read a feed: whoever has its address, because calendar programs send no
keys. The address holds a token for one feed, signed by us; it ends with the schedule or
person, or when the link secret changes.
"""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from itsdangerous import BadData, URLSafeSerializer
from pydantic import BaseModel

from activities.secrets import read_or_create_secret
from api.calendar_watch import calendar_reports
from api.people import stranger
from api.problems import Problem
from api.security import Reader
from api.services import Parts
from domain.calendar_feed import personal_feed, schedule_feed
from settings import Settings

router = APIRouter(prefix="/v1", tags=["schedules"])

SALT = "watchbill-calendar-feed"
MEDIA_TYPE = "text/calendar"

Kind = Literal["schedules", "users"]
Token = Annotated[str, Query(description="The token of the feed's address.")]

_CALENDAR: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}, "description": "iCalendar."}
}


class ImportedCalendar(BaseModel):
    """How a schedule's import stands; `warning` is empty where all is well.

    `age_s` is the age of the copy in service, null if there never was a good one.
    """

    schedule: str
    warning: str
    age_s: float | None


class ImportedCalendars(BaseModel):
    """Every schedule that reads a calendar."""

    items: list[ImportedCalendar]


class FeedAddress(BaseModel):
    """Where a calendar program subscribes; who knows it can read it."""

    url: str


@router.get(
    "/schedules/{schedule}.ics",
    operation_id="get_schedule_calendar",
    response_class=Response,
    responses=_CALENDAR,
)
async def get_schedule_calendar(parts: Parts, schedule: str, token: Token) -> Response:
    """Everybody's shifts in a schedule: 14 days back, 90 ahead."""
    _require(parts.settings, "schedules", schedule, token)
    roster = parts.snapshot.roster
    found = roster.schedules.get(schedule)
    if found is None:
        raise Problem(404, _gone("schedule", schedule, roster.schedules))
    return _answer(await asyncio.to_thread(schedule_feed, found, roster.users, datetime.now(UTC)))


@router.get(
    "/users/{user}.ics",
    operation_id="get_user_calendar",
    response_class=Response,
    responses=_CALENDAR,
)
async def get_user_calendar(parts: Parts, user: str, token: Token) -> Response:
    """A person's shifts in every schedule: 14 days back, 90 ahead."""
    _require(parts.settings, "users", user, token)
    roster = parts.snapshot.roster
    found = roster.users.get(user)
    if found is None:
        raise Problem(404, _gone("user", user, roster.users))
    return _answer(await asyncio.to_thread(personal_feed, found, roster, datetime.now(UTC)))


@router.get("/calendars", operation_id="list_imported_calendars")
async def list_imported_calendars(parts: Parts, caller: Reader) -> ImportedCalendars:
    """How every imported calendar stands, by schedule; never its address."""
    del caller
    return ImportedCalendars(
        items=[
            ImportedCalendar(
                schedule=each.schedule,
                warning=each.warning,
                age_s=each.age.total_seconds() if each.age is not None else None,
            )
            for each in await calendar_reports(parts)
        ]
    )


@router.get("/schedules/{schedule}/feed", operation_id="get_schedule_feed")
async def get_schedule_feed(parts: Parts, caller: Reader, schedule: str) -> FeedAddress:
    """The address of a schedule's calendar."""
    del caller
    known = parts.snapshot.roster.schedules
    if schedule not in known:
        raise Problem(404, _gone("schedule", schedule, known))
    return FeedAddress(url=feed_address(parts.settings, "schedules", schedule))


@router.get("/users/{user}/feed", operation_id="get_user_feed")
async def get_user_feed(parts: Parts, caller: Reader, user: str) -> FeedAddress:
    """The address of a person's calendar."""
    del caller
    known = parts.snapshot.roster.users
    if user not in known:
        raise Problem(404, _gone("user", user, known))
    return FeedAddress(url=feed_address(parts.settings, "users", user))


def feed_address(settings: Settings, kind: Kind, name: str) -> str:
    """The address of one feed, with its token."""
    token = _serializer(settings).dumps({"k": kind, "n": name})
    return f"{settings.public_address}/v1/{kind}/{name}.ics?token={token}"


def _require(settings: Settings, kind: Kind, name: str, token: str) -> None:
    """403 unless the token is of this feed."""
    try:
        said = _serializer(settings).loads(token)
    except BadData:
        said = None
    if said != {"k": kind, "n": name}:
        mend = f"`watchbill oncall feed {name}` prints its address"
        raise Problem(403, f"The token is not of this calendar; {mend}.")


def _serializer(settings: Settings) -> URLSafeSerializer:
    secret = settings.link_secret or read_or_create_secret(settings.data_dir / "link-secret")
    return URLSafeSerializer(secret, salt=SALT)


def _answer(calendar: bytes) -> Response:
    headers = {"Cache-Control": "private, max-age=300"}
    return Response(calendar, media_type=f"{MEDIA_TYPE}; charset=utf-8", headers=headers)


def _gone(kind: str, name: str, known: Iterable[str]) -> str:
    text = stranger(kind, name, sorted(known))
    return f"{text[:1].upper()}{text[1:]}."
