"""When each level of a ladder is paged if nobody answers, at each severity.

Decides the arithmetic that `domain.incident.ladder` carries out; a test plays both. Times
count from the first page.
"""

from collections.abc import Callable
from datetime import timedelta

from domain.clock_text import duration_text
from domain.picture.wording import time_text
from domain.plan import Escalation, Plan
from domain.severity import Severity

NOTHING = "–"


def page_times(plan: Plan, level: int) -> tuple[str, ...]:
    """How long after the first page this level (from 0) is paged, per severity."""
    return tuple(_said(plan, severity, level) for severity in Severity)


def _said(plan: Plan, severity: Severity, level: int) -> str:
    if severity in plan.pages_nobody_at:
        return NOTHING
    after = level_after(plan.escalation, severity, level)
    if after is None:
        return "never"
    return duration_text(after) if after else "at once"


def level_after(ladder: Escalation, severity: Severity, level: int) -> timedelta | None:
    """The time until this level's first page; None for never."""
    within = ladder.ack_within.at(severity)
    if level == 0:
        return timedelta(0)
    return None if within is None else within * level


def exhausted_after(ladder: Escalation, severity: Severity) -> timedelta | None:
    """The time until the last round has ended in silence; None for never."""
    within = ladder.ack_within.at(severity)
    if within is None:
        return None
    return within * len(ladder.levels) * (1 + ladder.repeat.at(severity))


def round_times(plan: Plan) -> tuple[str, ...]:
    """How often the ladder is climbed, per severity."""
    ladder = plan.escalation
    return tuple(
        NOTHING
        if severity in plan.pages_nobody_at or ladder.ack_within.at(severity) is None
        else _times(1 + ladder.repeat.at(severity))
        for severity in Severity
    )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def exhausted_times(plan: Plan) -> tuple[str, ...]:
    """When the last resort is paged, per severity."""
    return _each(plan, lambda severity: exhausted_after(plan.escalation, severity))


def again_times(plan: Plan) -> tuple[str, ...]:
    """How often the last resort is paged again, per severity."""
    return _each(plan, plan.escalation.exhausted.again_every.at)


def expiry_times(plan: Plan) -> tuple[str, ...]:
    """After which silence whoever acknowledged is asked, per severity."""
    return _each(plan, plan.escalation.ack_expires.at)


def sounds(plan: Plan) -> tuple[str, ...]:
    """Whether people are woken, per severity."""
    said = {"high": "wakes", "high_in_hours": "in hours", "low": "no sound"}
    return tuple(
        "nobody" if severity in plan.pages_nobody_at else said[plan.urgency.at(severity)]
        for severity in Severity
    )


def _each(plan: Plan, time: Callable[[Severity], timedelta | None]) -> tuple[str, ...]:
    return tuple(
        NOTHING if severity in plan.pages_nobody_at else time_text(time(severity))
        for severity in Severity
    )
