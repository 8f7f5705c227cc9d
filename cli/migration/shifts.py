"""Shifts of other systems as rotations and layers of our schedules.

Decides how windows are cut into days, and how people who serve side by side become
schedules side by side: with us one line of a schedule holds at a time, and the later wins.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple

from cli.migration.draft import Fields
from compiler.roster_checks import gap_text, uncovered
from compiler.roster_document import ScheduleForm
from compiler.roster_lower import lower_schedule
from domain.roster import Weekday
from domain.rotation import WEEKDAYS

DAY = 24 * 60
WEEK = 7 * DAY
DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Window(NamedTuple):
    """Minutes of the day from `opens` to `closes` on these days; not after it, the next day."""

    days: tuple[Weekday, ...]
    opens: int
    closes: int

    def spans(self) -> Iterator[tuple[int, int]]:
        """The window as minutes of the week; over its end it is cut in two."""
        length = (self.closes - self.opens) % DAY or DAY
        for day in self.days:
            start = WEEKDAYS.index(day) * DAY + self.opens
            yield start, min(start + length, WEEK)
            if start + length > WEEK:
                yield 0, start + length - WEEK


class Turns(NamedTuple):
    """People take turns from `first` (local) on, each for `number` units."""

    unit: str
    number: int
    first: datetime
    changes_on: int | None = None
    """The weekday (Monday 0) on which weeks change, if it is not that of `first`."""

    def fields(self) -> Fields:
        """As `rotate:` says it, without the people."""
        every = self.unit if self.number == 1 else f"{self.number} {self.unit}s"
        at = f"{self.first:%H:%M}"
        if self.unit == "week":
            day = self.first.weekday() if self.changes_on is None else self.changes_on
            at = f"{DAY_NAMES[day]} {at}"
        return {"every": every, "hands_over": at, "from": self.first.date().isoformat()}


@dataclass(frozen=True)
class Shift:
    """Who serves when: in turns, or all together; without windows always.

    Of shifts at different levels the higher holds; those of one level serve side by side.
    """

    name: str
    users: tuple[str, ...]
    level: int = 0
    turns: Turns | None = None
    windows: tuple[Window, ...] = ()
    remark: str = ""

    def overlaps(self, other: "Shift") -> bool:
        """Whether both hold at some minute of the week."""
        mine, theirs = self.spans(), other.spans()
        return any(a < d and c < b for a, b in mine for c, d in theirs)

    def spans(self) -> list[tuple[int, int]]:
        """The minutes of the week in which it holds."""
        if not self.windows:
            return [(0, WEEK)]
        return [span for window in self.windows for span in window.spans()]

    def layers(self) -> list[Fields]:
        """The shift as layers of a schedule, one for each window."""
        who: Fields = {"users": list(self.users)}
        if self.turns and len(set(self.users)) > 1:
            how: Fields = {"rotate": self.turns.fields()}
        else:
            who = {"users": list(dict.fromkeys(self.users))}
            how = {}
        if not self.windows:
            return [who | how]
        return [who | _window_fields(window) | how for window in self.windows]


def _window_fields(window: Window) -> Fields:
    fields: Fields = {}
    if len(window.days) < len(WEEKDAYS):
        fields["days"] = list(window.days)
    if (window.opens, window.closes) != (0, 0):
        closes = "24:00" if window.closes == 0 else clock(window.closes)
        fields["between"] = [clock(window.opens), closes]
    return fields


def clock(minute: int) -> str:
    """`09:30` for a minute of the day."""
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def daily(opens: int, length: int) -> tuple[Window, ...]:
    """A window of each day, `length` minutes from minute `opens` on; a whole day is always."""
    if length >= DAY:
        return ()
    return (Window(WEEKDAYS, opens % DAY, (opens + length) % DAY),)


def from_weekdays(starts: Sequence[int], opens: int, length: int) -> tuple[Window, ...]:
    """Windows that start on these weekdays (Monday 0) and last `length` minutes.

    Longer ones are cut into whole days and a rest, for ours last a day at most.
    """
    if length >= WEEK:
        return ()
    whole, rest = divmod(length, DAY)
    full = {(start + day) % 7 for start in starts for day in range(whole)}
    found = []
    if full:
        found.append(Window(_named(full), opens, opens))
    if rest:
        ends = {(start + whole) % 7 for start in starts}
        found.append(Window(_named(ends), opens, (opens + rest) % DAY))
    return tuple(found)


def merged(windows: Sequence[Window]) -> tuple[Window, ...]:
    """Windows at the same hours as one, in their order."""
    days: dict[tuple[int, int], set[int]] = {}
    for window in windows:
        hours = days.setdefault((window.opens, window.closes), set())
        hours |= {WEEKDAYS.index(day) for day in window.days}
    return tuple(Window(_named(each), *hours) for hours, each in days.items())


def _named(days: set[int]) -> tuple[Weekday, ...]:
    return tuple(WEEKDAYS[day] for day in sorted(days))


def lanes(shifts: Sequence[Shift]) -> list[list[Shift]]:
    """The shifts as schedules side by side, each a list in which the later wins.

    Everybody who serves at a moment is the one who serves in some lane: those that overlap
    at one level have a lane each, and the others stand below them there.
    """
    own: list[list[Shift]] = []
    for shift in sorted(shifts, key=lambda each: each.level):
        free = [
            lane
            for lane in own
            if not any(each.level == shift.level and each.overlaps(shift) for each in lane)
        ]
        if free:
            free[0].append(shift)
        else:
            own.append([shift])
    levels = sorted({shift.level for shift in shifts})
    return [[each for level in levels for each in _at(level, shifts, lane)] for lane in own]


def _at(level: int, shifts: Sequence[Shift], lane: list[Shift]) -> list[Shift]:
    """The lane's own shifts of this level above the others, which an open-ended one hides."""
    own = [shift for shift in shifts if shift.level == level and shift in lane]
    others = [shift for shift in shifts if shift.level == level and shift not in lane]
    return own if any(not shift.windows for shift in own) else [*others, *own]


def schedule_of(tz: str, shifts: Sequence[Shift], overrides: Sequence[Fields]) -> Fields:
    """The fields of a schedule; the first shift is its rotation where it can be."""
    fields: Fields = {"tz": tz}
    rest = list(shifts)
    first = rest[0] if rest else None
    if first and first.turns and not first.windows and len(set(first.users)) > 1:
        fields["rotate"] = {"users": list(first.users)} | first.turns.fields()
        rest = rest[1:]
    layers = [layer for shift in rest for layer in shift.layers()]
    if layers:
        fields["layers"] = layers
    if overrides:
        fields["overrides"] = list(overrides)
    return fields


def gap_in(fields: Fields) -> str:
    """The first weekly gap in words, empty if somebody always serves."""
    schedule = lower_schedule("probe", ScheduleForm.model_validate(fields))
    found = uncovered(schedule)
    return gap_text(schedule, found[0]) if found else ""


def override(user: str, start: datetime, end: datetime) -> Fields:
    """One entry of `overrides`, from local times."""
    return {"user": user, "from": f"{start:%Y-%m-%dT%H:%M}", "to": f"{end:%Y-%m-%dT%H:%M}"}


def last_change(first: datetime, length: timedelta, at: datetime) -> tuple[int, datetime]:
    """The last change of turns at or before `at`: its number, and when (all local)."""
    number = (at - first) // length
    return number, first + number * length


def turned(users: Sequence[str], by: int) -> tuple[str, ...]:
    """The users, beginning with the one whose turn it is after so many changes."""
    start = by % len(users)
    return (*users[start:], *users[:start])


def minutes_of(at: time) -> int:
    """The minute of the day."""
    return at.hour * 60 + at.minute
