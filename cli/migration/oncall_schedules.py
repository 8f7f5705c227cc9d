"""Grafana OnCall's schedules: shifts by level, and calendars elsewhere.

Decides in which zone a schedule is kept, and what is said of shifts that cannot be.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from cli.migration.addresses import open_url
from cli.migration.draft import Draft, Fields
from cli.migration.oncall_document import ScheduleExport, ShiftExport
from cli.migration.oncall_shifts import CannotSayError, Surroundings, converted
from cli.migration.rosters import add_schedules, known_zone
from cli.migration.shifts import Shift

UserOf = Callable[[str], str]

_PLACEHOLDER = "https://calendar.example/"


def add_schedule(
    draft: Draft,
    export: ScheduleExport,
    shifts: Mapping[str, ShiftExport],
    *,
    user_of: UserOf,
    now: datetime,
) -> list[str]:
    """The ids of our schedules for this one of theirs."""
    if export.type == "ical" and export.ical_url_primary:
        return [_calendar(draft, export)]
    own = [shifts[each] for each in export.shifts if each in shifts]
    own += [each for each in shifts.values() if each.schedule == export.id and each not in own]
    tz = _zone_of(export, own)
    highest = max((each.level for each in own), default=0)
    around = Surroundings(ZoneInfo(tz), highest, now, user_of)
    found, overrides, asked = _converted(draft, export, own, around)
    ids = add_schedules(draft, export.name, tz, found, overrides)
    where = draft.in_roster("schedules", ids[0])
    if not known_zone(export.time_zone or "UTC"):
        asked.append(f"unknown time zone '{export.time_zone}'; {tz} stands in")
    lacking = [each for each in export.shifts if each not in shifts]
    if lacking:
        asked.append(f"the export lacks its shifts {', '.join(lacking)}")
    if export.ical_url_overrides:
        asked.append("its overrides are kept in a calendar; write those to come under overrides:")
    for said in asked:
        draft.decide(where, said)
    return ids


def _zone_of(export: ScheduleExport, shifts: Sequence[ShiftExport]) -> str:
    """The zone that all shifts share, else the schedule's."""
    own = {each.time_zone or export.time_zone for each in shifts}
    zone = own.pop() if len(own) == 1 else export.time_zone
    return zone if known_zone(zone) else "UTC"


def _converted(
    draft: Draft, export: ScheduleExport, shifts: Sequence[ShiftExport], around: Surroundings
) -> tuple[list[Shift], list[Fields], list[str]]:
    found: list[Shift] = []
    overrides: list[Fields] = []
    asked: list[str] = []
    for shift in shifts:
        what = f"shift {shift.name or shift.id}"
        if shift.time_zone and not known_zone(shift.time_zone):
            asked.append(f"{what} is missing: unknown time zone '{shift.time_zone}'")
            continue
        try:
            now_ours = converted(shift, around)
        except CannotSayError as error:
            asked.append(f"{what} is missing: {error}")
            continue
        if now_ours.over:
            draft.leave_out(f"{what} of schedule {export.name}", now_ours.over)
        found += now_ours.shifts
        overrides += now_ours.overrides
        asked += [f"{what}: {said}" for said in now_ours.asked]
    return found, sorted(overrides, key=lambda each: str(each["from"])), asked


def _calendar(draft: Draft, export: ScheduleExport) -> str:
    """A schedule that reads a calendar; an address that lets anybody in is not copied."""
    schedule = draft.names.unique("schedule", export.name)
    where = draft.in_roster("schedules", schedule)
    url = open_url(export.ical_url_primary)
    if url is None:
        url = f"{_PLACEHOLDER}{schedule}.ics"
        said = "the calendar's address lets in whoever has it, and is not copied; put it here"
        draft.decide((*where, "import"), said)
    zone = export.time_zone if known_zone(export.time_zone or "?") else "UTC"
    draft.roster["schedules"][schedule] = {"tz": zone, "import": {"ical": url}}
    if export.ical_url_overrides:
        said = "its overrides are kept in another calendar; write those to come under overrides:"
        draft.decide(where, said)
    return schedule
