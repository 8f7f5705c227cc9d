"""Who serves by each vendor's documented rules, worked out from raw answers.

The tests hold imported schedules against these. Nothing here is shared with the import: an
export is read as the JSON that it is. All of them count by the wall clock of a schedule.
"""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Answer = dict[str, Any]

_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_ICAL = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
_DAY = timedelta(days=1)


def _local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _written(text: str, zone: str) -> datetime:
    return _local(datetime.fromisoformat(text), zone)


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def pagerduty(schedule: Answer, moment: datetime) -> set[str]:
    """The user's id: overrides first, then the first layer listed that holds."""
    zone = schedule["time_zone"]
    at = _local(moment, zone)
    rendered = schedule.get("overrides_subschedule") or {}
    for entry in rendered.get("rendered_schedule_entries", []):
        start, end = (datetime.fromisoformat(entry[key]) for key in ("start", "end"))
        if start <= moment < end:
            return {entry["user"]["id"]}
    for layer in schedule["schedule_layers"]:
        if datetime.fromisoformat(layer["start"]) > moment:
            continue
        if layer["end"] and datetime.fromisoformat(layer["end"]) <= moment:
            continue
        restrictions = layer["restrictions"]
        if restrictions and not any(_is_open(each, at) for each in restrictions):
            continue
        virtual = _written(layer["rotation_virtual_start"], zone)
        turn = (at - virtual) // timedelta(seconds=layer["rotation_turn_length_seconds"])
        users = layer["users"]
        return {users[turn % len(users)]["user"]["id"]}
    return set()


def _is_open(restriction: Answer, at: datetime) -> bool:
    hour, minute, second = (int(part) for part in restriction["start_time_of_day"].split(":"))
    opens = _midnight(at) + timedelta(hours=hour, minutes=minute, seconds=second)
    days = 1
    if restriction["type"] == "weekly_restriction":
        opens -= _DAY * ((at.weekday() - (restriction["start_day_of_week"] - 1)) % 7)
        days = 7
    length = timedelta(seconds=restriction["duration_seconds"])
    return any(start <= at < start + length for start in (opens, opens - days * _DAY))


def opsgenie(schedule: Answer, overrides: list[Answer], moment: datetime) -> set[str]:
    """The ids of all participants of all rotations; an override stands in for its rotations."""
    zone = schedule["timezone"]
    at = _local(moment, zone)
    found = set()
    for rotation in schedule["rotations"]:
        replaced = [
            each["user"]["id"]
            for each in overrides
            if each["_parent"]["id"] == schedule["id"]
            and rotation["id"] in [one["id"] for one in each["rotations"]]
            and datetime.fromisoformat(each["startDate"])
            <= moment
            < datetime.fromisoformat(each["endDate"])
        ]
        if replaced:
            found.add(replaced[-1])
        elif participant := _participant(rotation, zone, at):
            found.add(participant)
    return found


def _holds(override: Answer, moment: datetime) -> bool:
    start, end = (datetime.fromisoformat(override[key]) for key in ("startDate", "endDate"))
    return start <= moment < end


def _participant(rotation: Answer, zone: str, at: datetime) -> str | None:
    start = _written(rotation["startDate"], zone)
    end = rotation.get("endDate")
    if at < start or (end and at >= _written(end, zone)) or not _is_allowed(rotation, at):
        return None
    unit = {"hourly": 1, "daily": 24, "weekly": 168}[rotation["type"]]
    turn = (at - start) // timedelta(hours=unit * rotation["length"])
    who = rotation["participants"][turn % len(rotation["participants"])]
    return who["id"] if who["type"] == "user" else "decide_who"


def _is_allowed(rotation: Answer, at: datetime) -> bool:
    times = rotation.get("timeRestriction")
    if not times:
        return True
    for hours in times.get("restrictions") or [times["restriction"]]:
        opens = _midnight(at) + timedelta(hours=hours["startHour"], minutes=hours["startMin"])
        length = timedelta(hours=hours["endHour"], minutes=hours["endMin"])
        length -= timedelta(hours=hours["startHour"], minutes=hours["startMin"])
        days = 1
        if "startDay" in hours:
            first, last = (_WEEKDAYS.index(hours[key]) for key in ("startDay", "endDay"))
            opens -= _DAY * ((at.weekday() - first) % 7)
            length += _DAY * (last - first)
            days = 7
        if length <= timedelta(0):
            length += days * _DAY
        if any(start <= at < start + length for start in (opens, opens - days * _DAY)):
            return True
    return False


def oncall(schedule: Answer, shifts: list[Answer], moment: datetime) -> set[str]:
    """The ids of everybody in the shifts of the highest level that hold now."""
    active: dict[int, set[str]] = {}
    for shift in shifts:
        if shift["id"] in schedule["shifts"]:
            at = _local(moment, shift.get("time_zone") or schedule["time_zone"])
            found = oncall_shift(shift, at)
            if found:
                active.setdefault(shift["level"], set()).update(found)
    return active[max(active)] if active else set()


def oncall_shift(shift: Answer, at: datetime) -> set[str]:
    """Who serves by this shift: its events one by one, as an iCalendar rule repeats them."""
    start = datetime.fromisoformat(shift["start"])
    length = timedelta(seconds=shift["duration"])
    if shift["type"] == "single_event":
        return set(shift["users"]) if start <= at < start + length else set()
    groups = shift.get("rolling_users") or [shift["users"]]
    first = shift.get("start_rotation_from_user_index") or 0
    for number, begins in _events(shift, start, at):
        if begins <= at < begins + length:
            return set(groups[(first + number) % len(groups)])
    return set()


def _events(shift: Answer, start: datetime, at: datetime) -> list[tuple[int, datetime]]:
    """The latest events that began before `at`, with the number of their turn."""
    interval = shift.get("interval") or 1
    if shift["frequency"] == "monthly":
        days = [_midnight(at) - day * _DAY for day in (0, 1)]
        clock = timedelta(hours=start.hour, minutes=start.minute)
        return [
            (0, day + clock)
            for day in days
            if day.day in shift["by_monthday"] and _ICAL[day.weekday()] in shift["by_day"]
        ]
    if shift["frequency"] == "weekly" and shift.get("by_day"):
        return _by_day(shift, start, at)
    step = {"hourly": timedelta(hours=1), "daily": _DAY, "weekly": 7 * _DAY}[shift["frequency"]]
    number = (at - start) // (step * interval)
    return [(each, start + each * step * interval) for each in (number, number - 1) if each >= 0]


def _by_day(shift: Answer, start: datetime, at: datetime) -> list[tuple[int, datetime]]:
    week_start = _ICAL.index(shift["week_start"])
    week_of_start = _midnight(start) - _DAY * ((start.weekday() - week_start) % 7)
    found = []
    for back in (0, 1):
        day = _midnight(at) - back * _DAY
        begins = day + timedelta(hours=start.hour, minutes=start.minute)
        if _ICAL[day.weekday()] in shift["by_day"] and begins >= start:
            found.append(((day - week_of_start) // (7 * _DAY), begins))
    return found
