"""PagerDuty's schedules: layers with turns and restrictions, overrides.

Decides what becomes of a layer that ended, and which layer wins: PagerDuty lists the top one
first. Where an export holds its final schedule, ours is compared with that.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cli.migration.draft import Draft, Fields
from cli.migration.exports import Reference
from cli.migration.pagerduty_document import EntryExport, LayerExport, ScheduleExport
from cli.migration.rosters import add_schedules, known_zone
from cli.migration.shifts import (
    Shift,
    Turns,
    Window,
    daily,
    from_weekdays,
    last_change,
    merged,
    minutes_of,
    override,
    schedule_of,
    turned,
)
from compiler.roster_document import ScheduleForm
from compiler.roster_lower import lower_schedule
from domain.on_call import who_is_on_call

_UNITS = (("week", 7 * 86400), ("day", 86400), ("hour", 3600))

UserOf = Callable[[Reference | None], str]


def add_schedule(draft: Draft, export: ScheduleExport, user_of: UserOf, now: datetime) -> list[str]:
    """The ids of our schedules for this one of theirs."""
    tz = export.time_zone if known_zone(export.time_zone) else "UTC"
    zone = ZoneInfo(tz)
    live = [layer for layer in export.schedule_layers if layer.end is None or layer.end > now]
    for layer in export.schedule_layers:
        if layer not in live:
            said = f"layer {layer.name} of schedule {export.name}"
            draft.leave_out(said, f"it ended on {layer.end:%Y-%m-%d}")
    shifts = [_shift(layer, zone, user_of) for layer in reversed(live)]
    overrides = _overrides(export, zone, user_of, now)
    shifts, doubt = _in_their_order(export, tz, shifts, (overrides, user_of))
    ordered = [_at_level(shift, level) for level, shift in enumerate(shifts)]
    ids = add_schedules(draft, export.name, tz, ordered, overrides)
    where = draft.in_roster("schedules", ids[0])
    if tz != export.time_zone:
        draft.decide(where, f"unknown time zone '{export.time_zone}'; UTC stands in")
    if doubt:
        draft.decide(where, doubt)
    return ids


def _at_level(shift: Shift, level: int) -> Shift:
    return Shift(shift.name, shift.users, level, shift.turns, shift.windows, shift.remark)


def _shift(layer: LayerExport, zone: ZoneInfo, user_of: UserOf) -> Shift:
    users = [user_of(member.user) for member in layer.users] or [user_of(None)]
    virtual = layer.rotation_virtual_start.astimezone(zone).replace(tzinfo=None)
    begins = layer.start.astimezone(zone).replace(tzinfo=None)
    seconds = layer.rotation_turn_length_seconds
    unit, size = next((each for each in _UNITS if seconds % each[1] == 0), _UNITS[-1])
    count = max(1, round(seconds / size))
    length = timedelta(seconds=size * count)
    number, first = last_change(virtual, length, max(begins, virtual))
    remarks = []
    if size * count != seconds:
        remarks.append(f"turns of {seconds} seconds were rounded to {count} hours")
    if layer.end is not None:
        remarks.append(f"this layer ends on {layer.end:%Y-%m-%d}; ours have no end: remove it then")
    if first.second:
        remarks.append("turns changed at odd seconds; the minute is taken")
    return Shift(
        name=layer.name,
        users=turned(users, number),
        turns=Turns(unit, count, first),
        windows=_windows(layer),
        remark="; ".join(remarks),
    )


def _windows(layer: LayerExport) -> tuple[Window, ...]:
    found: list[Window] = []
    for each in layer.restrictions:
        opens = minutes_of(each.start_time_of_day)
        length = max(1, round(each.duration_seconds / 60))
        if each.start_day_of_week is None:
            part = daily(opens, length)
        else:
            part = from_weekdays([each.start_day_of_week - 1], opens, length)
        if not part:
            return ()
        found += part
    return merged(found)


def _overrides(
    export: ScheduleExport, zone: ZoneInfo, user_of: UserOf, now: datetime
) -> list[Fields]:
    """Those that are not over yet, in order."""
    rendered = export.overrides_subschedule
    entries = list(export.overrides)
    entries += rendered.rendered_schedule_entries if rendered else ()
    found = []
    for each in sorted(entries, key=lambda entry: entry.start):
        if each.end > now:
            start, end = (at.astimezone(zone).replace(tzinfo=None) for at in (each.start, each.end))
            written = override(user_of(each.user), start, end)
            if written not in found:
                found.append(written)
    return found


def _in_their_order(
    export: ScheduleExport,
    tz: str,
    shifts: list[Shift],
    rest: tuple[list[Fields], UserOf],
) -> tuple[list[Shift], str]:
    """The shifts in the order that PagerDuty's final schedule shows, and what differs."""
    overrides, user_of = rest
    entries = export.final_schedule.rendered_schedule_entries if export.final_schedule else ()
    known = [entry for entry in entries if entry.user and entry.end > entry.start]
    if not known or not shifts:
        return shifts, ""
    best = min(
        (shifts, shifts[::-1]),
        key=lambda each: len(_differing(tz, each, overrides, known, user_of=user_of)),
    )
    differing = _differing(tz, best, overrides, known, user_of=user_of)
    if not differing:
        return best, ""
    said = f"PagerDuty's final schedule names other people at {len(differing)} of {len(known)}"
    return best, f"{said} shifts, first at {differing[0].start.isoformat()}; compare them"


def _differing(
    tz: str,
    shifts: Sequence[Shift],
    overrides: list[Fields],
    entries: Sequence[EntryExport],
    *,
    user_of: UserOf,
) -> list[EntryExport]:
    fields = schedule_of(tz, shifts, overrides)
    schedule = lower_schedule("probe", ScheduleForm.model_validate(fields))
    return [
        each
        for each in entries
        if who_is_on_call(schedule, each.start + (each.end - each.start) / 2).users
        != (user_of(each.user),)
    ]
