"""The wording of what people are told about covers: asked, accepted, relieved, over.

Decides what a person reads, with moments in their own zone.
"""

from datetime import datetime
from typing import assert_never
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.cover import CoverStart, CoverWord
from domain.incident.effect_part import EffectPart


class Said(EffectPart):
    """A title and lines, for one person."""

    title: str
    lines: tuple[str, ...] = ()


def day_and_time(moment: datetime, zone: str) -> str:
    """`Mon 23 Nov 09:30 CET` in the zone; UTC where it is unknown."""
    try:
        known = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        known = ZoneInfo("UTC")
    return f"{moment.astimezone(known):%a %d %b %H:%M %Z}"


def span_text(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """`from Mon 23 Nov 09:30 CET to Tue 24 Nov 09:30 CET`."""
    return f"from {day_and_time(starts_at, zone)} to {day_and_time(ends_at, zone)}"


def said_of_cover(word: CoverWord, zone: str) -> Said:
    """What this person reads, in this zone."""
    start = word.start
    what = start.schedule
    when = span_text(start.starts_at, start.ends_at, zone)
    because = (f"Because: {word.reason}.",) if word.reason else ()
    match word.about:
        case "asked" | "reminded":
            return _asked(word, zone, when)
        case "accepted":
            title = f"{start.person_name} covers {what}"
            return Said(title=title, lines=(f"You asked for it: {when}.",))
        case "relieved":
            line = f"{start.person_name} serves {when}."
            return Said(title=f"You are relieved in {what}", lines=(line,))
        case "declined":
            line = f"You asked for cover {when}. Nothing has changed."
            return Said(title=f"{start.person_name} does not cover {what}", lines=(line, *because))
        case "expired":
            return _expired(word, zone, when)
        case "withdrawn":
            by = f"{word.by_name} withdrew it: {start.person_name} does not serve {when}."
            lines = (by, "The schedule holds as if nobody had been asked.", *because)
            return Said(title=f"Cover of {what} is withdrawn", lines=lines)
        case _:
            assert_never(word.about)


def _asked(word: CoverWord, zone: str, when: str) -> Said:
    start = word.start
    lines = [f"{start.requested_by_name} asks you to cover {start.schedule} {when}."]
    if start.reason:
        lines.append(f"Because: {start.reason}.")
    until = day_and_time(start.answer_by, zone)
    lines.append(f"Answer until {until}; without an answer nothing changes.")
    lines.append(f"By command: watchbill override accept {start.override}")
    title = f"Cover {start.schedule}?"
    if word.about == "reminded":
        title = f"Still waiting for your answer: cover {start.schedule}?"
    return Said(title=title, lines=tuple(lines))


def _expired(word: CoverWord, zone: str, when: str) -> Said:
    start = word.start
    until = day_and_time(start.answer_by, zone)
    if word.to == start.person:
        line = f"You were asked until {until} to cover it {when}. Nothing has changed."
        return Said(title=f"No longer asked: cover {start.schedule}", lines=(line,))
    line = f"No answer until {until}. You asked for cover {when}. Nothing has changed."
    return Said(title=f"{start.person_name} does not cover {start.schedule}", lines=(line,))


def outcome_text(start: CoverStart, status: str) -> str:
    """The last sentence of a cover, in the UI."""
    return f"{start.person_name} for {start.schedule} {start.when}: {status}."
