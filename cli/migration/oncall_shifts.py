"""Grafana OnCall's shifts as ours: rolling users, events, overrides.

Decides which recurrences have a counterpart here: those whose windows repeat by the day or
the week while people take turns. Shifts begin and end by the wall clock of their zone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cli.migration.draft import Fields
from cli.migration.oncall_document import ShiftExport
from cli.migration.shifts import (
    DAY,
    WEEK,
    Shift,
    Turns,
    Window,
    daily,
    from_weekdays,
    minutes_of,
    override,
)

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_UNITS = {"hourly": ("hour", 60), "daily": ("day", DAY), "weekly": ("week", WEEK)}


class CannotSayError(Exception):
    """A recurrence that our schedules have no words for; the message says which."""


@dataclass
class Converted:
    """What one shift became; `over` says why it is nothing any more."""

    shifts: list[Shift] = field(default_factory=list)
    overrides: list[Fields] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    over: str = ""


@dataclass(frozen=True)
class Surroundings:
    """The schedule around a shift: its zone, its highest level, the moment of the import."""

    zone: ZoneInfo
    highest: int
    now: datetime
    user_of: Callable[[str], str]


def converted(export: ShiftExport, around: Surroundings) -> Converted:
    """The shift as shifts or overrides of ours. Raises CannotSayError."""
    start = export.start.replace(tzinfo=None)
    if export.time_zone and export.time_zone != around.zone.key:
        own = start.replace(tzinfo=ZoneInfo(export.time_zone))
        start = own.astimezone(around.zone).replace(tzinfo=None)
    now = around.now.astimezone(around.zone).replace(tzinfo=None)
    if export.type in ("single_event", "override"):
        return _once(export, around, start, now)
    until = export.until.replace(tzinfo=None) if export.until else None
    if until and until <= now:
        return Converted(over=f"it ended on {until:%Y-%m-%d}")
    return Converted(_recurring(export, around, start), asked=_doubts(export, around, now))


def _recurring(export: ShiftExport, around: Surroundings, start: datetime) -> list[Shift]:
    if export.frequency is None:
        raise CannotSayError("it has no frequency")
    if export.by_month or export.by_monthday or export.frequency == "monthly":
        raise CannotSayError("it recurs by the month, and windows here recur by the week")
    if export.type == "rolling_users":
        return _rolling(export, around, start)
    if export.type != "recurrent_event":
        raise CannotSayError(f"unknown type '{export.type}'")
    users = tuple(dict.fromkeys(around.user_of(each) for each in export.users))
    if not users:
        raise CannotSayError("it names nobody")
    return [Shift(export.name, users, export.level, windows=_windows(export, start))]


def _doubts(export: ShiftExport, around: Surroundings, now: datetime) -> list[str]:
    found = []
    if export.until:
        found.append(f"it ends on {export.until:%Y-%m-%d}; ours have no end: remove it then")
    if export.rotation_start and export.rotation_start.replace(tzinfo=None) > now:
        found.append(f"its rotation begins on {export.rotation_start:%Y-%m-%d} only")
    if export.time_zone and export.time_zone != around.zone.key:
        found.append(f"its own zone was {export.time_zone}; hours may differ by season")
    return found


def _once(export: ShiftExport, around: Surroundings, start: datetime, now: datetime) -> Converted:
    """A single event or an override as overrides of ours, which win over everything."""
    end = start + timedelta(seconds=export.duration)
    if end <= now:
        return Converted(over="it is over")
    groups = export.rolling_users[0] if export.rolling_users else export.users
    users = list(dict.fromkeys(around.user_of(each) for each in groups))
    if not users:
        raise CannotSayError("it names nobody")
    found = Converted(overrides=[override(users[0], start, end)])
    if len(users) > 1:
        said = f"an override has one person here; also served: {', '.join(users[1:])}"
        found.asked.append(said)
    if export.type == "single_event" and export.level <= around.highest:
        found.asked.append(
            f"single event {export.name} is an override here and wins; at its level "
            f"({export.level}) it did not win over everything"
        )
    return found


def _rolling(export: ShiftExport, around: Surroundings, start: datetime) -> list[Shift]:
    """One shift for each person of a group who serves beside the others."""
    groups = [list(group) for group in export.rolling_users]
    if not any(groups):
        raise CannotSayError("it names nobody")
    begin = (export.start_rotation_from_user_index or 0) % len(groups)
    named = [
        [around.user_of(each) for each in group] or [around.user_of("")]
        for group in (*groups[begin:], *groups[:begin])
    ]
    turns = _turns(export, start)
    windows = _windows(export, start, is_rolling=len(named) > 1)
    wide = max(len(group) for group in named)
    return [
        Shift(
            export.name,
            tuple(group[side] if side < len(group) else group[0] for group in named),
            export.level,
            turns,
            windows,
        )
        for side in range(wide)
    ]


def _turns(export: ShiftExport, start: datetime) -> Turns:
    unit, _ = _UNITS[export.frequency or "daily"]
    number = export.interval or 1
    changes_on = None
    if export.frequency == "weekly" and export.by_day:
        changes_on = _DAYS.index(export.week_start) if export.week_start in _DAYS else 6
    return Turns(unit, number, start, changes_on)


def _windows(
    export: ShiftExport, start: datetime, *, is_rolling: bool = False
) -> tuple[Window, ...]:
    """The windows in which the shift holds; none is always."""
    length = round(export.duration / 60)
    opens = minutes_of(start.time())
    _, period = _UNITS[export.frequency or "daily"]
    number = export.interval or 1
    unknown = [day for day in export.by_day if day not in _DAYS]
    if unknown:
        raise CannotSayError(f"by_day says {', '.join(unknown)}")
    days = [_DAYS.index(day) for day in export.by_day]
    if not days and length >= period * number:
        if length > period * number and is_rolling:
            raise CannotSayError("a turn goes on into the next one")
        return ()
    if number > 1:
        raise CannotSayError(f"it leaves out times between every {number} ({export.frequency})")
    if length > DAY and days:
        raise CannotSayError("its windows by weekday last longer than a day")
    match export.frequency:
        case "weekly":
            return from_weekdays(days or [start.weekday()], opens, length)
        case "daily" if days and is_rolling:
            raise CannotSayError("people take turns by the day on some weekdays only")
        case "daily":
            return from_weekdays(days, opens, length) if days else daily(opens, length)
    raise CannotSayError("it recurs by the hour with pauses")
