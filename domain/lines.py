"""Which line of a schedule holds at a moment, and until when at the longest.

Decides precedence: overrides win over layers, layers over the rotation or the imported
calendar; of two that overlap the later line wins. What it means in words and over a
span of time is `domain.on_call`; whose turn it is in a rotation, `domain.rotation`.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.roster import Imported, Layer, Override, Rotation, Schedule
from domain.rotation import WEEKDAYS, Turn, begins_at, moment_at, turn_at

_DAYS_TO_A_WINDOW = 9
"""A layer's next window starts within eight local days, whatever its days are."""


class LineKind(StrEnum):
    """What a line is; `none` is the want of any."""

    OVERRIDE = "override"
    LAYER = "layer"
    ROTATION = "rotation"
    CALENDAR = "calendar"
    NONE = "none"


class Line(NamedTuple):
    """The line that holds. Nobody serves by `none`.

    `ends` is its own end, such as a turn's; `until` the moment at which it is to be asked
    again, None if never: before it the same people serve. `number` is a layer's, from 1.
    `turn` is whose it is in a rotation.
    """

    kind: LineKind
    users: tuple[str, ...] = ()
    number: int = 0
    ends: datetime | None = None
    until: datetime | None = None
    turn: Turn | None = None


def line_at(schedule: Schedule, at: datetime) -> Line:
    """The line that holds at this moment (aware); moments are aware UTC."""
    zone = ZoneInfo(schedule.tz)
    ahead: list[datetime] = []
    for override in reversed(schedule.overrides):
        start, end = span_of(override, zone)
        if start <= at < end:
            return _until(Line(LineKind.OVERRIDE, (override.user,), ends=end), end, ahead)
        if at < start < end:
            ahead.append(start)
    for number in range(len(schedule.layers), 0, -1):
        users, change = _layer_at(schedule.layers[number - 1], zone, at)
        if users:
            line = Line(LineKind.LAYER, users, number=number, ends=change)
            return _until(line, change, ahead)
        if change is not None:
            ahead.append(change)
    if schedule.imports is not None or schedule.imported:
        return _calendar(schedule.imported, at, ahead)
    return _rotation(schedule.rotate, zone, at, ahead)


def _until(line: Line, ends: datetime | None, ahead: list[datetime]) -> Line:
    """The line with the moment at which it ends or a line that wins over it begins."""
    if ends is not None:
        ahead.append(ends)
    return line._replace(until=min(ahead, default=None))


def _rotation(
    rotation: Rotation | None, zone: ZoneInfo, at: datetime, ahead: list[datetime]
) -> Line:
    if rotation is None:
        return _until(Line(LineKind.NONE), None, ahead)
    turn = turn_at(rotation, zone, at)
    if turn is None:
        return _until(Line(LineKind.NONE), begins_at(rotation, zone), ahead)
    line = Line(LineKind.ROTATION, (turn.user,), ends=turn.end, turn=turn)
    return _until(line, _handed_over(rotation, turn), ahead)


def _handed_over(rotation: Rotation, turn: Turn) -> datetime | None:
    """When somebody else's turn may begin; never where one person takes all turns."""
    return turn.end if any(user != turn.user for user in rotation.users) else None


def _calendar(imported: tuple[Imported, ...], at: datetime, ahead: list[datetime]) -> Line:
    """Everybody whom an event names now."""
    now = [event for event in imported if event.start <= at < event.end]
    ahead += [event.start for event in imported if event.start > at]
    if not now:
        return _until(Line(LineKind.NONE), None, ahead)
    users = tuple(dict.fromkeys(user for event in now for user in event.users))
    ends = min(event.end for event in now)
    return _until(Line(LineKind.CALENDAR, users, ends=ends), ends, ahead)


def span_of(override: Override, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The override's moments, aware UTC."""
    return _moment(override.start, zone), _moment(override.end, zone)


def _moment(written: datetime, zone: ZoneInfo) -> datetime:
    """The moment of a local time as the roster writes it, or of one that is aware already."""
    return moment_at(written, zone) if written.tzinfo is None else written


def _layer_at(
    layer: Layer, zone: ZoneInfo, at: datetime
) -> tuple[tuple[str, ...], datetime | None]:
    """Who serves by the layer, and when that ends; or nobody, and when somebody may."""
    opens = closes = None
    if not _is_always_open(layer):
        opens, closes = _window_at(layer, zone, at)
    if opens is not None:
        return (), opens
    if layer.rotate is None:
        return layer.users, closes
    turn = turn_at(layer.rotate, zone, at)
    if turn is None:
        return (), begins_at(layer.rotate, zone)
    changes = (closes, _handed_over(layer.rotate, turn))
    return (turn.user,), min((each for each in changes if each), default=None)


def _is_always_open(layer: Layer) -> bool:
    return layer.between[0] == layer.between[1] and len(set(layer.days)) == len(WEEKDAYS)


def _window_at(
    layer: Layer, zone: ZoneInfo, at: datetime
) -> tuple[datetime | None, datetime | None]:
    """When the next window opens, or None inside one; and when that one closes.

    A window that a clock change swallows is none; without any the next day is asked again.
    """
    for opens, closes in _windows(layer, zone, at.astimezone(zone).date() - timedelta(days=1)):
        if at < opens < closes:
            return opens, None
        if opens <= at < closes:
            return None, closes
    return at + timedelta(days=1), None


def _windows(layer: Layer, zone: ZoneInfo, first: date) -> Iterator[tuple[datetime, datetime]]:
    """The layer's windows in order, from the one that starts on this local day."""
    opens, closes = layer.between
    over_midnight = timedelta(days=0 if closes > opens else 1)
    for days in range(_DAYS_TO_A_WINDOW + 1):
        day = first + timedelta(days=days)
        if WEEKDAYS[day.weekday()] in layer.days:
            start = moment_at(datetime.combine(day, opens), zone)
            yield start, moment_at(datetime.combine(day + over_midnight, closes), zone)


def named_in(schedule: Schedule) -> frozenset[str]:
    """Everybody whom any line names, whenever they serve."""
    rotations = [schedule.rotate, *(layer.rotate for layer in schedule.layers)]
    named = [each.users for each in (*rotations, *schedule.layers, *schedule.imported) if each]
    named.append(tuple(override.user for override in schedule.overrides))
    return frozenset(user for users in named for user in users)
