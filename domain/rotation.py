"""Wall-clock hand-overs in an IANA zone: whose turn it is, and when it changes.

Decides the moments of a rotation and how local times that do not exist, or exist twice,
become moments. Who serves in the end, with layers and overrides, is `domain.on_call`.
Never used inside a workflow: zone files differ between hosts.
"""

import calendar
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.roster import Rotation, Weekday

WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_SECOND = timedelta(seconds=1)


class Turn(NamedTuple):
    """One person's turn in a rotation; moments are aware UTC."""

    user: str
    start: datetime
    end: datetime
    next_user: str


def moment_at(local: datetime, zone: ZoneInfo) -> datetime:
    """The UTC moment of a naive wall-clock time.

    A time that exists twice is the first; one that the clocks skip is the moment they
    jump. So a later wall-clock time is never an earlier moment.
    """
    early = local.replace(tzinfo=zone, fold=0)
    late = local.replace(tzinfo=zone, fold=1)
    moment = early.astimezone(UTC)
    if early.utcoffset() == late.utcoffset() or moment < late.astimezone(UTC):
        return moment
    return _jump(late.astimezone(UTC), moment, zone)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first moment in (before, after] with the offset that holds at `after`."""
    offset = after.astimezone(zone).utcoffset()
    low, high = 0, int((after - before) / _SECOND)
    while high - low > 1:
        middle = (low + high) // 2
        if (before + middle * _SECOND).astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return before + high * _SECOND


def begins_at(rotation: Rotation, zone: ZoneInfo) -> datetime:
    """The moment (aware UTC) of the rotation's first turn."""
    return moment_at(hand_over(rotation, 0), zone)


def turn_at(rotation: Rotation, zone: ZoneInfo, at: datetime) -> Turn | None:
    """Whose turn it is at this moment, or None before the rotation begins.

    A turn that lies in an hour which the clocks skip is nobody's.
    """
    if not rotation.users or at < begins_at(rotation, zone):
        return None
    index = _guess(rotation, at.astimezone(zone).replace(tzinfo=None))
    while (start := _starts(rotation, zone, index)) > at:
        index -= 1
    while (end := _starts(rotation, zone, index + 1)) <= at:
        index, start = index + 1, end
    following = index + 1
    while _starts(rotation, zone, following + 1) <= end:
        following += 1
    users = rotation.users
    return Turn(users[index % len(users)], start, end, users[following % len(users)])


def _starts(rotation: Rotation, zone: ZoneInfo, index: int) -> datetime:
    return moment_at(hand_over(rotation, index), zone)


def hand_overs(
    rotation: Rotation, zone: ZoneInfo, start: datetime, end: datetime
) -> Iterator[datetime]:
    """Every moment of change within (start, end), in order."""
    index = max(0, _guess(rotation, start.astimezone(zone).replace(tzinfo=None)) - 1)
    while (moment := moment_at(hand_over(rotation, index), zone)) < end:
        if moment > start:
            yield moment
        index += 1


def hand_over(rotation: Rotation, index: int) -> datetime:
    """The naive local time at which turn `index` begins; turn 0 begins the rotation.

    A first turn that begins between two hand-overs counts as a whole one.
    """
    start = datetime.combine(rotation.first, rotation.hands_over)
    if index == 0:
        return start
    steps = index * rotation.count
    match rotation.unit:
        case "hour":
            return start + timedelta(hours=steps)
        case "day":
            return start + timedelta(days=steps)
        case "week":
            return _week_start(rotation) + timedelta(weeks=steps)
        case "month":
            return _month_start(rotation, steps)


def _week_start(rotation: Rotation) -> datetime:
    """The hand-over of the week in which the rotation begins: on or before its first day."""
    first = rotation.first
    weekday = WEEKDAYS.index(rotation.weekday) if rotation.weekday else first.weekday()
    back = (first.weekday() - weekday) % 7
    return datetime.combine(first - timedelta(days=back), rotation.hands_over)


def _month_start(rotation: Rotation, months: int) -> datetime:
    """The hand-over so many months after the month in which the rotation begins."""
    first, day = rotation.first, rotation.day or rotation.first.day
    begins_before = first.day < _day_in(first.year, first.month, day)
    year, month = divmod(first.year * 12 + first.month - 1 + months - begins_before, 12)
    return datetime.combine(
        date(year, month + 1, _day_in(year, month + 1, day)), rotation.hands_over
    )


def _day_in(year: int, month: int, day: int) -> int:
    return min(day, calendar.monthrange(year, month)[1])


_DAYS = {"hour": 1 / 24, "day": 1, "week": 7, "month": 30.44}


def _guess(rotation: Rotation, local: datetime) -> int:
    """About which turn the local time falls into; at most a few off."""
    days = (local - hand_over(rotation, 0)) / timedelta(days=1)
    return max(0, int(days / (_DAYS[rotation.unit] * rotation.count)))
