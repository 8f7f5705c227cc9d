"""What will happen to an incident: played to its end, where people and alerts do as said.

Decides how far it is played: until nobody is paged any more, or only the same again; where
somebody answers, for half a day or until people are paged anew. What a line of it is decides
`domain.rehearsal.plan_lines`; the rules are the reducer's, by `Rehearsal`.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from domain.alert import Alert, AlertStatus
from domain.incident.commands import Acknowledge
from domain.incident.effects import Effect, SendPage
from domain.incident.view import Phase
from domain.rehearsal.machines import SIMULATED
from domain.rehearsal.plan_lines import PlanLine, plan_lines, repeats_once
from domain.rehearsal.rehearsal import Rehearsal

LONGEST = timedelta(days=8)
"""How far ahead is looked: over a weekend and a bank holiday."""

AFTER_AN_ANSWER = timedelta(hours=12)

ROUNDS_SEEN = 3
"""Pages to the last resort after which it is said that they go on so."""

_PAGING = ("flap_guard", "level/", "call/", "again/", "hours/", "criterion/")
"""How the deadlines begin from which pages follow by themselves."""

_NOT_TOLD = frozenset(
    {
        *("paged", "page.delivered", "fact.unknown", "role.paging"),
        *("opened", "triggered", "severity", "level.timeout", "fact"),
    }
)
"""Entries that say nothing new once somebody has answered."""


class Course(NamedTuple):
    """What others do, counted from the opening or the first page; None is never."""

    answers: timedelta | None = None
    resolves: timedelta | None = None


class Outlook(BaseModel):
    """What happens, in order of time. `later` are deadlines that it was not played to.

    `answered_by` is the name of who acknowledged; `is_paged_anew` where that did not last.
    """

    model_config = ConfigDict(frozen=True)

    lines: tuple[PlanLine, ...]
    later: tuple[PlanLine, ...] = ()
    answered_by: str | None = None
    is_paged_anew: bool = False


def foresee(
    rehearsal: Rehearsal,
    opening: Callable[[], object],
    course: Course,
    *,
    gone: Iterable[Alert] = (),
) -> Outlook:
    """Open the rehearsal and play it; `gone` are the alerts that resolve in its course.

    Raises EndlessRehearsalError for a playbook that goes round in circles.
    """
    first = _FirstAnswer(rehearsal, course.answers)
    first.waits_until = rehearsal.start + (course.resolves or timedelta(0))
    if course.resolves is not None:
        over = [one.model_copy(update={"status": AlertStatus.RESOLVED}) for one in gone]
        rehearsal.after(course.resolves, partial(_fire, rehearsal, over))
    opening()
    limit = rehearsal.start + LONGEST
    while not _is_told(rehearsal, first):
        due = rehearsal.next_due()
        if due is None or due > limit:
            break
        rehearsal.until(due)
    return _outlook(rehearsal, first)


def _fire(rehearsal: Rehearsal, alerts: list[Alert]) -> None:
    rehearsal.fire(*alerts)


class _FirstAnswer:
    """The first person paged acknowledges after so long; with None nobody does."""

    def __init__(self, rehearsal: Rehearsal, after: timedelta | None) -> None:
        self.by: str | None = None
        self.at: datetime | None = None
        self.waits_until = rehearsal.start
        """Until when something that was said beforehand is still to come."""
        self._rehearsal, self._after = rehearsal, after
        if after is not None:
            rehearsal.on_effect = self._see

    def _see(self, effect: Effect) -> None:
        if not isinstance(effect, SendPage) or self.by is not None or self._after is None:
            return
        self.by = effect.person_name
        command = Acknowledge(
            actor=f"user:{effect.person}", actor_name=effect.person_name, request_id="answer"
        )
        self._rehearsal.after(self._after, lambda: self._say(command))
        self.waits_until = max(self.waits_until, self._rehearsal.now + self._after)

    def _say(self, command: Acknowledge) -> None:
        if not self._rehearsal.say(command).refused:
            self.at = self._rehearsal.now


def _is_told(rehearsal: Rehearsal, first: _FirstAnswer) -> bool:
    """Whether what follows is nothing, or what has been seen already."""
    state = rehearsal.state
    if rehearsal.is_over:
        return True
    if first.at is not None:
        is_paged_again = state.phase is Phase.TRIGGERED
        is_seen = rehearsal.now >= max(first.waits_until, first.at + AFTER_AN_ANSWER)
        return is_paged_again or is_seen
    if rehearsal.now < first.waits_until:
        return False
    names = state.deadlines
    if _waits_for_hours_again(rehearsal):
        return True
    if state.exhausted and not any(name.startswith("criterion/") for name in names):
        if "again/exhausted" in names:
            return _goes_on_so(rehearsal)
        return not any(name.startswith("call/") for name in names)
    return not any(name.startswith(_PAGING) for name in names)


def _waits_for_hours_again(rehearsal: Rehearsal) -> bool:
    """Whether the ladder is suspended once more: so it goes on day by day."""
    ladder = rehearsal.state.ladders.get("escalation")
    nights = sum(1 for one in rehearsal.record.entries if one.kind == "suspended")
    return ladder is not None and ladder.stage == "suspended" and nights > 1


def _goes_on_so(rehearsal: Rehearsal) -> bool:
    """Whether the last resort has been paged often enough since anything else happened."""
    if any(name.startswith("call/") for name in rehearsal.state.deadlines):
        enough = 2 * ROUNDS_SEEN  # where a person's next method is slower than the next round
    else:
        enough = ROUNDS_SEEN
    told = ("criterion", "exhausted")
    news = max((one.at for one in rehearsal.record.entries if one.kind in told), default=None)
    rounds = {
        paged.page.id.split("/")[3]
        for paged in rehearsal.record.pages
        if paged.page.level == "exhausted" and (news is None or paged.at > news)
    }
    nobody = [one for one in rehearsal.record.entries if one.kind == "exhausted.nobody"]
    return max(len(rounds), len(nobody)) >= enough


def _outlook(rehearsal: Rehearsal, first: _FirstAnswer) -> Outlook:
    plan, state = rehearsal.plan, rehearsal.state
    rounds = plan.escalation.repeat.at(state.severity) + 1
    if first.at is None:
        lines = plan_lines(rehearsal.record, plan.timezone, rounds=rounds)
        return Outlook(lines=lines, later=_later(rehearsal))
    kinds = frozenset(one.kind for one in rehearsal.record.entries) - _NOT_TOLD
    lines = plan_lines(rehearsal.record, plan.timezone, rounds=rounds, kinds=kinds)
    lines = tuple(line for line in lines if not _is_known(line, rehearsal.start))
    told = repeats_once(lines, plan.timezone)
    return Outlook(lines=told, answered_by=first.by, is_paged_anew=state.phase is Phase.TRIGGERED)


def _is_known(line: PlanLine, start: datetime) -> bool:
    """Whether it only says what is told of the opening, or that a machine was simulated."""
    if line.text.endswith(f": {SIMULATED.detail}"):
        return True
    return line.at == start and line.text.startswith("The condition of")


def _later(rehearsal: Rehearsal) -> tuple[PlanLine, ...]:
    """What pages people later on, by itself, beyond what was played."""
    if rehearsal.is_over:
        return ()
    due = sorted((one.at, name, one.summary) for name, one in rehearsal.state.deadlines.items())
    return tuple(
        PlanLine(at=at, kind="note", text=summary)
        for at, name, summary in due
        if name.startswith(("shift/", "hours/")) and at > rehearsal.now
    )
