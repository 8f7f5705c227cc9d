"""Moments as a request says them: with an offset, or as a wall clock in a person's zone.

Decides which of two days a bare time means: the next such time for what is to come, the
last one for what has been.
"""

import re
from datetime import UTC, datetime, time, timedelta, tzinfo

from pydantic_core import PydanticCustomError

from api.problems import Problem
from compiler.durations import read_duration

_WALL = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


def read_moment(text: str, zone: tzinfo, now: datetime, *, ahead: bool) -> datetime | None:
    """The aware moment that the text means, None if it means none.

    A time without an offset is the zone's. A bare `06:30` is the next one `ahead` of now,
    else the last one before; where the clock is set, the one that a wall shows.
    """
    said = text.strip()
    wall = _WALL.fullmatch(said)
    if wall is not None:
        return _nearest(time(int(wall[1]), int(wall[2])), zone, now, ahead=ahead)
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    return aware.astimezone(UTC)


def _nearest(wall: time, zone: tzinfo, now: datetime, *, ahead: bool) -> datetime:
    today = now.astimezone(zone).date()
    days = (today + timedelta(days=day) for day in (-1, 0, 1, 2))
    moments = [datetime.combine(day, wall, zone).astimezone(UTC) for day in days]
    if ahead:
        return min(moment for moment in moments if moment > now)
    return max(moment for moment in moments if moment <= now)


def moment_of(field: str, text: str, zone: tzinfo, *, ahead: bool) -> datetime:
    """As `read_moment`, from now; 422 naming the field where the text means no moment."""
    try:
        moment = read_moment(text, zone, datetime.now(UTC), ahead=ahead)
    except OverflowError:
        moment = None
    if moment is None:
        message = f"{text!r} is no moment: write 06:30, or 2026-11-22T06:30+01:00"
        raise Problem(422, f"{field}: {message}", errors=[(f"body.{field}", message)])
    return moment


def duration_of(text: str) -> timedelta | None:
    """`30m` as a duration, None if the text is none."""
    try:
        return read_duration(text)
    except PydanticCustomError:
        return None
