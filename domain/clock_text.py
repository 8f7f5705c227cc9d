"""Moments and durations as people read them, in a given IANA zone.

Decides wording only. Zone files may differ between hosts, so nothing here may decide
anything; the rules compare aware UTC moments.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def wall_time(moment: datetime, zone: str) -> str:
    """`03:04` in the zone, for lists that name the zone once; UTC where it is unknown."""
    return f"{_local(moment, zone):%H:%M}"


def local_time(moment: datetime, zone: str) -> str:
    """`03:04 CET`: the time with its zone, so that nobody takes it for another's."""
    return f"{_local(moment, zone):%H:%M %Z}"


def local_date_time(moment: datetime, zone: str) -> str:
    """`2026-11-22 03:04 CET`: for a moment that may be of another day."""
    return f"{_local(moment, zone):%Y-%m-%d %H:%M %Z}"


def local_week_time(moment: datetime, zone: str) -> str:
    """`Mon 09:15 CET`: for a moment within the next days."""
    return f"{_local(moment, zone):%a %H:%M %Z}"


def local_moment(moment: datetime, zone: str) -> str:
    """`2026-11-22 03:04:05 CET` in the zone, UTC where it is unknown."""
    return f"{_local(moment, zone):%Y-%m-%d %H:%M:%S %Z}"


def _local(moment: datetime, zone: str) -> datetime:
    try:
        return moment.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return moment.astimezone(UTC)


def duration_text(duration: timedelta) -> str:
    """`45 s`, `5 min`, `1 h 30 min`, `2 d`: at most two units, rounded to seconds."""
    seconds = max(0, round(duration.total_seconds()))
    parts: list[str] = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"
