"""The shifts of one schedule, for as long as the roster has it.

Decides when to look: at every change, when the roster changes, and a little later once
more, since workers read files each at their own moment. Whom a change concerns is
`domain.shifts`. One run follows one schedule, so that each change is told once.
"""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from domain.shifts import ShiftAsked, ShiftSeen, ShiftsStart, ShiftWord, words_of_change
from workflows.options import (
    INCIDENTS_QUEUE,
    LOOK_UP_RETRY,
    LOOK_UP_TIMEOUT,
    NOTICE_RETRY,
    NOTICE_TIMEOUT,
    NOTICES_QUEUE,
    SHIFT_LOOKED_FOR,
)
from workflows.tasks import Tasks

with workflow.unsafe.imports_passed_through():
    from activities.shifts import ShiftActivities


@workflow.defn(name="Shifts")
class ShiftsWorkflow:
    """Tells who comes on and who goes off, quietly, at each change."""

    @workflow.init
    def __init__(self, start: ShiftsStart) -> None:
        self._start = start
        self._serving = start.serving
        self._changed = False
        self._look_again = start.look_again
        self._tasks = Tasks()
        self._telling: set[asyncio.Task[None]] = set()

    @workflow.run
    async def run(self, start: ShiftsStart) -> str:
        """The last sentence, once the schedule has left the roster."""
        at = workflow.now()
        was_gone = False
        for _ in range(start.continue_after):
            seen = await self._look(at)
            if seen.is_gone and was_gone:
                await self._told()
                return f"{start.schedule} is no longer in the roster."
            was_gone = seen.is_gone
            at = await self._confirm_gone() if seen.is_gone else await self._serve(seen, at)
            if workflow.info().is_continue_as_new_suggested():
                break
        await self._told()
        carried = {"serving": self._serving, "look_again": self._look_again}
        return workflow.continue_as_new(start.model_copy(update=carried))

    @workflow.signal
    def roster_changed(self) -> None:
        """The schedule reads otherwise now, or is gone: look at once."""
        self._changed = True

    @workflow.query
    def serving(self) -> tuple[str, ...]:
        """Who serves, as last seen."""
        return self._serving or ()

    async def _look(self, at: datetime) -> ShiftSeen:
        self._changed = False
        return await workflow.execute_activity_method(
            ShiftActivities.look_at_shift,
            ShiftAsked(schedule=self._start.schedule, at=at),
            task_queue=INCIDENTS_QUEUE,
            start_to_close_timeout=LOOK_UP_TIMEOUT,
            retry_policy=LOOK_UP_RETRY,
            summary=f"{self._start.schedule}: who serves now, and until when?",
        )

    async def _confirm_gone(self) -> datetime:
        """A worker may not have read yet what the API has: only a second look ends this."""
        summary = f"{self._start.schedule}: is it really gone?"
        await workflow.sleep(self._start.read_everywhere, summary=summary)
        return workflow.now()

    async def _serve(self, seen: ShiftSeen, at: datetime) -> datetime:
        """Tell of a change, and wait for the next; the moment to be looked at then."""
        self._tell_of(seen, at)
        return await self._next_look(seen)

    def _tell_of(self, seen: ShiftSeen, at: datetime) -> None:
        """Nobody is told at the first look: nothing has changed."""
        if self._serving is not None:
            for word in words_of_change(self._start.schedule, self._serving, seen, at):
                task = self._tasks.start(self._tell(word))
                self._telling.add(task)
                task.add_done_callback(self._telling.discard)
        self._serving = seen.people
        now = ", ".join(seen.names) or "nobody"
        workflow.set_current_details(f"On call now: **{now}**\n\n{seen.summary}")

    async def _next_look(self, seen: ShiftSeen) -> datetime:
        """Wait for the next change; the moment that is to be looked at then."""
        now = workflow.now()
        due = seen.until or now + SHIFT_LOOKED_FOR
        if self._look_again is not None and self._look_again < due:
            due, summary = self._look_again, f"{self._start.schedule}: look at the new roster again"
        else:
            summary = seen.summary
        self._look_again = None
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: bool(self._changed or self._tasks.error),
                timeout=max(due - now, timedelta(0)),
                timeout_summary=summary,
            )
        if self._tasks.error:
            raise self._tasks.error
        if self._changed:
            self._look_again = workflow.now() + self._start.read_everywhere
            return workflow.now()
        return max(due, workflow.now())

    async def _tell(self, word: ShiftWord) -> None:
        verb = "comes on" if word.comes else "goes off"
        with suppress(ActivityError):  # the UI shows it; the next change is told all the same
            await workflow.execute_activity_method(
                ShiftActivities.tell_of_shift,
                word,
                task_queue=NOTICES_QUEUE,
                start_to_close_timeout=NOTICE_TIMEOUT,
                retry_policy=NOTICE_RETRY,
                summary=f"{word.schedule}: tell {word.person}, who {verb}",
            )

    async def _told(self) -> None:
        await workflow.wait_condition(lambda: not self._telling)
