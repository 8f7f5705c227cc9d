"""How loudly people are called: by severity, the owner team's hours, and who asked.

Decides whether a page wakes, waits to be seen, or has to wait for the hours of the team
that owns the incident. Suspending a ladder is `domain.incident.suspension`.
"""

from datetime import datetime
from typing import NamedTuple

from domain.incident.effects import Loudness
from domain.incident.people import HoursNow
from domain.incident.turn import Turn
from domain.plan import Urgency
from domain.severity import Severity


class Sound(NamedTuple):
    """How a call sounds; a loud one sends nothing at or after `until`, None is no end.

    `asked` says that a person wanted it: no severity and no hour makes it quieter.
    """

    urgency: Loudness
    until: datetime | None = None
    asked: bool = False


ASKED = Sound("high", asked=True)
"""Whatever the hours, because a person asked."""

LOUD = Sound("high")
"""Whatever the hours, because the severity wants it."""

QUIET = Sound("low")
"""By each person's rules for low urgency, which wake nobody."""


def urgency_at(turn: Turn, severity: Severity) -> Urgency:
    """The urgency that the playbook gives to this severity."""
    urgency: Urgency = turn.plan.urgency.at(severity)
    return urgency


def asks_for_hours(turn: Turn) -> bool:
    """Whether it matters if the owner team is at work."""
    return urgency_at(turn, turn.state.severity) != "high"


def is_closed(turn: Turn, hours: HoursNow) -> bool:
    """Whether the team is not at work, as far as the answer still tells.

    A team that would never be at work again is not waited for.
    """
    return not hours.open and hours.changes_at is not None and hours.changes_at > turn.now


def is_stale(turn: Turn, hours: HoursNow | None) -> bool:
    """Whether the hours have to be asked for (again) before anybody is called."""
    if hours is None:
        return True
    return hours.changes_at is not None and hours.changes_at <= turn.now


def sound_in_hours(turn: Turn, hours: HoursNow | None) -> Sound:
    """How people are called while the team is at work, or where nobody waits for it."""
    match urgency_at(turn, turn.state.severity):
        case "high":
            return LOUD
        case "high_in_hours":
            return Sound("high", hours.changes_at if hours is not None else None)
        case "low":
            return QUIET


def sound_at_once(turn: Turn, hours: HoursNow | None) -> Sound:
    """How people are called who come in without a ladder: quietly outside the hours."""
    if not asks_for_hours(turn):
        return LOUD
    if is_stale(turn, hours) or hours is None or is_closed(turn, hours):
        return QUIET
    return sound_in_hours(turn, hours)
