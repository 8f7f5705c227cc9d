"""What each line of a schedule says at a moment, and when it may next say otherwise.

Decides the moments of overrides, windows of layers and imported events. Which line wins
is `domain.on_call`; whose turn it is in a rotation, `domain.rotation`.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.roster import Imported, Layer, Override, Rotation, Schedule
from domain.rotation import WEEKDAYS, begins_at, moment_at, turn_at

_DAYS_TO_A_WINDOW = 9
"""A layer's next window starts within eight local days, whatever its days are."""


def span_of(override: Override, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The override's moments, aware UTC."""
    return _moment(override.start, zone), _moment(override.end, zone)


def _moment(written: datetime, zone: ZoneInfo) -> datetime:
    """The moment of a local time as the roster writes it, or of one that is aware already."""
    return moment_at(written, zone) if written.tzinfo is None else written


def layer_users(layer: Layer, zone: ZoneInfo, at: datetime) -> tuple[str, ...]:
    """Who serves by this layer, none outside its windows or before its turns begin."""
    today = at.astimezone(zone).date()
    windows = (_window(layer, today + timedelta(days=days), zone) for days in (0, -1, 1))
    if not any(window and window[0] <= at < window[1] for window in windows):
        return ()
    if layer.rotate is None:
        return layer.users
    turn = turn_at(layer.rotate, zone, at)
    return (turn.user,) if turn else ()


def imported_at(imported: tuple[Imported, ...], at: datetime) -> tuple[Imported, ...]:
    """The events of an imported calendar that hold at this moment."""
    return tuple(event for event in imported if event.start <= at < event.end)


def next_line(schedule: Schedule, at: datetime) -> datetime | None:
    """The first moment after `at` (aware) at which another line may hold; None if never.

    The same people may serve then: this is where to look again, not what changed.
    """
    zone = ZoneInfo(schedule.tz)
    ahead = (moment for moment in _moments(schedule, zone, at) if moment > at)
    return min(ahead, default=None)


def _moments(schedule: Schedule, zone: ZoneInfo, at: datetime) -> Iterator[datetime]:
    for override in schedule.overrides:
        yield from span_of(override, zone)
    for event in schedule.imported:
        yield event.start
        yield event.end
    for layer in schedule.layers:
        yield from _next_edge(layer, zone, at)
    for rotation in (schedule.rotate, *(layer.rotate for layer in schedule.layers)):
        if rotation is not None:
            yield from _next_turn(rotation, zone, at)


def _next_turn(rotation: Rotation, zone: ZoneInfo, at: datetime) -> Iterator[datetime]:
    if at < (begins := begins_at(rotation, zone)):
        yield begins
    elif len(set(rotation.users)) > 1 and (turn := turn_at(rotation, zone, at)):
        yield turn.end


def _next_edge(layer: Layer, zone: ZoneInfo, at: datetime) -> Iterator[datetime]:
    """The first start or end of one of the layer's windows after `at`."""
    yesterday = at.astimezone(zone).date() - timedelta(days=1)
    for days in range(_DAYS_TO_A_WINDOW + 1):
        window = _window(layer, yesterday + timedelta(days=days), zone)
        for edge in window or ():
            if edge > at:
                yield edge
                return


def _window(layer: Layer, day: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """The layer's window that starts on this local day, None if it has none that day."""
    if WEEKDAYS[day.weekday()] not in layer.days:
        return None
    opens, closes = layer.between
    last = day if closes > opens else day + timedelta(days=1)
    start = moment_at(datetime.combine(day, opens), zone)
    return start, moment_at(datetime.combine(last, closes), zone)
