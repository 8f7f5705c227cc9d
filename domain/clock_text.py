"""Moments and durations as people read them, in a given IANA zone.

Decides wording only. Zone files may differ between hosts, so nothing here may decide
anything; the rules compare aware UTC moments.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def local_time(moment: datetime, zone: str) -> str:
    """`03:04` in the zone; UTC is said where the zone is unknown or is UTC."""
    try:
        local = moment.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return f"{moment.astimezone(UTC):%H:%M} UTC"
    return f"{local:%H:%M} UTC" if zone in ("UTC", "Etc/UTC") else f"{local:%H:%M}"


def local_moment(moment: datetime, zone: str) -> str:
    """`2026-11-22 03:04:05 CET` in the zone, UTC where it is unknown."""
    try:
        local = moment.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        local = moment.astimezone(UTC)
    return f"{local:%Y-%m-%d %H:%M:%S %Z}"


def duration_text(duration: timedelta) -> str:
    """`45 s`, `5 min`, `1 h 30 min`, `2 d`: at most two units, rounded to seconds."""
    seconds = max(0, round(duration.total_seconds()))
    parts: list[str] = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"
