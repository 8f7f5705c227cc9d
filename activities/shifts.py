"""Who serves in a schedule and until when, and the notice at a change.

Decides which open incidents a person coming on is told of: acknowledged ones whose
playbook pages the schedule.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio import activity

from activities.quiet import QuietWords
from activities.record import PlanNamed
from domain.incident.effects import SendResult
from domain.incident.view import IncidentView
from domain.on_call import next_change, who_is_on_call
from domain.roster import Roster
from domain.shifts import (
    ShiftAsked,
    ShiftSeen,
    ShiftWord,
    pages_schedule,
    said_of_shift,
    waiting_text,
)
from ledger.store import Ledger
from ledger.writer import Writer

Refresh = Callable[[], Awaitable[bool]]
"""Reads what the ledger adds to the roster again, now."""

LOOK_AHEAD = timedelta(days=60)
"""How far ahead a change is looked for; the workflow asks again before."""

IN_HAND = ("acknowledged", "mitigated")
OPEN_READ = 200
"""Incidents of each phase that are read for a notice."""


class ShiftActivities:
    """Looks and tells. Looking is pure but for the roster; telling is idempotent by key."""

    def __init__(
        self,
        words: QuietWords,
        writer: Writer,
        plan_named: PlanNamed,
        *,
        refresh: Refresh | None = None,
    ) -> None:
        self._words = words
        self._writer = writer
        self._plan_named = plan_named
        self._refresh = refresh

    @activity.defn
    async def look_at_shift(self, asked: ShiftAsked) -> ShiftSeen:
        """Who serves at the moment asked about, and when other people will."""
        if self._refresh is not None:
            await self._refresh()
        roster = self._words.roster()
        schedule = roster.schedules.get(asked.schedule)
        if schedule is None:
            return ShiftSeen(is_gone=True)
        people = who_is_on_call(schedule, asked.at).users
        until = next_change(schedule, asked.at, LOOK_AHEAD)
        follow = who_is_on_call(schedule, until).users if until else ()
        seen = ShiftSeen(
            people=people,
            names=_names(roster, people),
            until=until,
            next_names=_names(roster, follow),
        )
        summary = waiting_text(asked.schedule, seen, schedule.tz)
        return seen.model_copy(update={"summary": summary})

    @activity.defn
    async def tell_of_shift(self, word: ShiftWord) -> SendResult:
        """Tell one person quietly that they come on, with what is open, or go off."""
        open_now = await self._in_hand(word.schedule) if word.comes else ()
        before = _names(self._words.roster(), word.before)
        said = said_of_shift(word, self._words.zone_of(word.person), before, open_now)
        return await self._words.tell(word.person, word.key, said)

    async def _in_hand(self, schedule: str) -> tuple[IncidentView, ...]:
        """What is acknowledged and open, and pages this schedule."""

        def read(ledger: Ledger) -> tuple[IncidentView, ...]:
            pages = [ledger.incidents(phase, OPEN_READ) for phase in IN_HAND]
            return tuple(view for page in pages for view in page.items if not view.drill)

        views = await self._writer.read(read)
        return tuple(view for view in views if self._concerns(view, schedule))

    def _concerns(self, view: IncidentView, schedule: str) -> bool:
        plan = self._plan_named(view.playbook)
        return plan is not None and pages_schedule(plan, schedule)


def _names(roster: Roster, people: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(roster.users[each].name if each in roster.users else each for each in people)
