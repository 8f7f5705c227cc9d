"""Checks that the ladder ends before more people were due anyway (W410).

Decides the worst case: nobody ever acknowledges, every level waits its full time in
every round.
"""

from collections.abc import Iterator
from datetime import timedelta

from compiler.diagnostics import Diagnostic
from compiler.durations import written
from compiler.subject import Subject
from domain.plan import Escalation
from domain.severity import Severity


def check_timeline(subject: Subject) -> Iterator[Diagnostic]:
    """W410 where a criterion's time comes before the ladder has ended."""
    if subject.plan is None:
        return
    ladder = subject.plan.escalation
    for index, criterion in enumerate(ladder.criteria):
        for severity in Severity:
            due = criterion.after.at(severity) if criterion.after else None
            end = _end_of(ladder, severity)
            if due is None or end is None or end <= due:
                continue
            message = (
                f"at {severity} the ladder may run for {written(end)}, "
                f"beyond this criterion after {written(due)}: {_timeline(ladder, severity)}"
            )
            help_text = "shorten ack_within or repeat, or let the criterion come later"
            loc = ("escalation", "criteria", index, "after")
            yield subject.key(loc, "W410", message, help_text)
            break


def _end_of(ladder: Escalation, severity: Severity) -> timedelta | None:
    """How long all rounds take if nobody acknowledges; None if the ladder never moves."""
    wait = ladder.ack_within.at(severity)
    rounds = 1 + ladder.repeat.at(severity)
    return wait * len(ladder.levels) * rounds if wait else None


def _timeline(ladder: Escalation, severity: Severity) -> str:
    """The first round's pages with their times, then when the contacts at the end come."""
    wait = ladder.ack_within.at(severity) or timedelta(0)
    pages = [
        f"+{written(wait * index)} {' and '.join(level)}"
        for index, level in enumerate(ladder.levels)
    ]
    end = _end_of(ladder, severity)
    rounds = ladder.repeat.at(severity)
    again = f", {rounds} more round{'' if rounds == 1 else 's'}" if rounds else ""
    return f"{', '.join(pages)}{again}, +{written(end)} exhausted"
