"""Opsgenie's schedules: rotations side by side, time restrictions, overrides.

Decides what becomes of a rotation that ended, and of turns that belong to no person.
"""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from cli.migration.draft import Draft, Fields, listed
from cli.migration.exports import Reference
from cli.migration.opsgenie_document import (
    HoursExport,
    OverrideExport,
    RotationExport,
    ScheduleExport,
    TimesExport,
)
from cli.migration.rosters import add_schedules, known_zone
from cli.migration.shifts import (
    DAY,
    DAY_NAMES,
    WEEK,
    Shift,
    Turns,
    Window,
    daily,
    from_weekdays,
    merged,
    override,
)

_UNITS = {"hourly": "hour", "daily": "day", "weekly": "week"}

UserOf = Callable[[Reference], str | None]


def add_schedule(draft: Draft, export: ScheduleExport, user_of: UserOf, now: datetime) -> list[str]:
    """The ids of our schedules for this one of theirs."""
    tz = export.timezone if known_zone(export.timezone) else "UTC"
    zone = ZoneInfo(tz)
    shifts = []
    for rotation in export.rotations:
        what = f"rotation {rotation.name} of schedule {export.name}"
        if rotation.end is not None and rotation.end <= now:
            draft.leave_out(what, f"it ended on {rotation.end:%Y-%m-%d}")
        elif rotation.type not in _UNITS:
            draft.leave_out(what, f"unknown type '{rotation.type}'")
        else:
            shifts.append(_shift(draft, rotation, zone, user_of))
    entries = [each for each in export.overrides if each.end > now]
    overrides = [_override(draft, each, zone, user_of) for each in _in_order(entries)]
    ids = add_schedules(draft, export.name, tz, shifts, overrides)
    where = draft.in_roster("schedules", ids[0])
    if tz != export.timezone:
        draft.decide(where, f"unknown time zone '{export.timezone}'; UTC stands in")
    if not export.enabled:
        draft.decide(where, "it was disabled; remove it, and who pages it?")
    for each in entries:
        if each.rotations and len(each.rotations) < len(shifts):
            names = listed(rotation.said for rotation in each.rotations)
            said = f"the override from {each.start:%Y-%m-%d} was for the rotation {names} only"
            draft.decide(where, said)
    return ids


def _in_order(entries: list[OverrideExport]) -> list[OverrideExport]:
    return sorted(entries, key=lambda entry: entry.start)


def _override(draft: Draft, each: OverrideExport, zone: ZoneInfo, user_of: UserOf) -> Fields:
    start, end = (at.astimezone(zone).replace(tzinfo=None) for at in (each.start, each.end))
    return override(user_of(each.user) or draft.somebody(), start, end)


def _shift(draft: Draft, rotation: RotationExport, zone: ZoneInfo, user_of: UserOf) -> Shift:
    remarks = []
    users = []
    for participant in rotation.participants:
        user = user_of(participant)
        if user is None:
            what = (
                "nobody" if participant.type == "none" else f"{participant.type} {participant.said}"
            )
            remarks.append(
                f"a turn belonged to {what}; turns are people's here, somebody stands in"
            )
        users.append(user or draft.somebody())
    if not users:
        remarks.append("it had no participants; somebody stands in")
        users = [draft.somebody()]
    if rotation.end is not None:
        said = f"this rotation ends on {rotation.end:%Y-%m-%d}; ours have no end: remove it then"
        remarks.append(said)
    first = rotation.start.astimezone(zone).replace(tzinfo=None)
    return Shift(
        name=rotation.name,
        users=tuple(users),
        turns=Turns(_UNITS[rotation.type], rotation.length, first),
        windows=windows_of(rotation.times),
        remark="; ".join(dict.fromkeys(remarks)),
    )


def windows_of(times: TimesExport | None) -> tuple[Window, ...]:
    """The windows of a time restriction; none is always."""
    if times is None:
        return ()
    listed_hours = (times.restriction, *times.restrictions)
    found: list[Window] = []
    for hours in listed_hours:
        if hours is None:
            continue
        part = _window(hours)
        if not part:
            return ()
        found += part
    return merged(found)


def _window(hours: HoursExport) -> tuple[Window, ...]:
    opens = (hours.start_hour * 60 + hours.start_min) % DAY
    closes = (hours.end_hour * 60 + hours.end_min) % DAY
    start, end = hours.start_day.lower(), hours.end_day.lower()
    if start not in DAY_NAMES:
        return daily(opens, (closes - opens) % DAY or DAY)
    first = DAY_NAMES.index(start)
    last = DAY_NAMES.index(end) if end in DAY_NAMES else first
    length = ((last - first) * DAY + closes - opens) % WEEK or WEEK
    return from_weekdays([first], opens, length)
