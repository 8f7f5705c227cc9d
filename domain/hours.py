"""When a team is at work, by the wall clock of its zone.

Decides whether a moment lies within a team's hours and when that changes. Pure, but
asked only from activities: zone files differ between hosts, so the answer is recorded.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.incident.people import HoursNow
from domain.roster import Hours, Roster
from domain.rotation import WEEKDAYS, moment_at

_DAYS_AHEAD = 9
"""A week, and what clock changes may add: a further window starts within it."""


def hours_now(hours: Hours, at: datetime) -> HoursNow:
    """Whether the team is at work at this moment (aware), and when that changes.

    Windows that touch or overlap are one; a team that is always at work never changes.
    """
    closes: datetime | None = None
    for opens, ends in _windows(hours, at):
        if closes is None and at < opens:
            return HoursNow(open=False, changes_at=opens)
        if opens <= (closes or at) < ends:
            closes = ends
    if closes is None:
        return HoursNow(open=False)
    goes_on = closes - at > timedelta(days=_DAYS_AHEAD - 1)
    return HoursNow(open=True, changes_at=None if goes_on else closes)


def hours_of(roster: Roster, ref: str, *, timezone: str, at: datetime) -> HoursNow:
    """The same for `team:<id>`; a team without hours works Monday to Friday, 09:00 to 17:00.

    That is in `timezone`, as is a team that the roster no longer has.
    """
    team = roster.teams.get(ref.removeprefix("team:"))
    hours = team.hours if team is not None else None
    return hours_now(hours or Hours(tz=timezone), at)


def _windows(hours: Hours, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The windows from the day before on that have not ended, in order, aware UTC."""
    zone = ZoneInfo(hours.tz)
    first = at.astimezone(zone).date() - timedelta(days=1)
    for days in range(_DAYS_AHEAD + 1):
        day = first + timedelta(days=days)
        if WEEKDAYS[day.weekday()] not in hours.days:
            continue
        window = _window(hours, day, zone)
        if window[1] > at.astimezone(UTC) and window[0] < window[1]:
            yield window


def _window(hours: Hours, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The window that starts on this local day."""
    opens, closes = hours.between
    last = day if closes > opens else day + timedelta(days=1)
    start = moment_at(datetime.combine(day, opens), zone)
    return start, moment_at(datetime.combine(last, closes), zone)
