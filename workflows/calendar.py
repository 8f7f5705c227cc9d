"""One imported calendar: read at each refresh, for as long as its schedule imports it.

Decides when it is read next. Reading and keeping it is an activity; the history names
the schedule and never the address, which may hold a token.
"""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict
from temporalio import workflow
from temporalio.exceptions import ActivityError

from domain.roster import CalendarImport
from workflows.options import (
    CALENDAR_REFRESHES,
    CALENDAR_RETRY,
    CALENDAR_TIMEOUT,
    LEAVE_CALENDAR,
    NOTICES_QUEUE,
)

with workflow.unsafe.imports_passed_through():
    from activities.calendar import CalendarActivities, ReadCalendar


class CalendarInput(BaseModel):
    """Which schedule, and how often until the roster has said so."""

    model_config = ConfigDict(frozen=True)

    schedule: str
    refresh: timedelta = CalendarImport.model_fields["refresh"].default
    absent: bool = False


@workflow.defn(name="CalendarRefresh")
class CalendarRefreshWorkflow:
    """The import of one schedule."""

    @workflow.init
    def __init__(self, given: CalendarInput) -> None:
        """Begin with a look at once."""
        self._given = given
        self._refresh = given.refresh
        self._absent = given.absent
        self._look_now = False
        self._said = "Not read yet."

    @workflow.run
    async def run(self, given: CalendarInput) -> str:
        """Read and wait until the schedule imports no calendar; what was said last."""
        reads = 0
        while not await self._read():
            await self._wait()
            reads += 1
            if reads >= CALENDAR_REFRESHES or workflow.info().is_continue_as_new_suggested():
                carried = {"refresh": self._refresh, "absent": self._absent}
                workflow.continue_as_new(given.model_copy(update=carried))
        return self._said

    @workflow.signal(name="look_now")
    def on_look_now(self) -> None:
        """The address was edited."""
        self._look_now = True

    async def _read(self) -> bool:
        """Whether there is nothing to read any more, found twice: a worker's roster may lag."""
        self._look_now = False
        try:
            read = await workflow.execute_activity_method(
                CalendarActivities.read_calendar,
                ReadCalendar(schedule=self._given.schedule),
                task_queue=NOTICES_QUEUE,
                start_to_close_timeout=CALENDAR_TIMEOUT,
                retry_policy=CALENDAR_RETRY,
                summary=f"Read the calendar of {self._given.schedule}",
            )
        except ActivityError as error:
            self._show(str(error.cause or error))
            return False
        self._show(read.sentence)
        was_absent, self._absent = self._absent, read.refresh is None
        self._refresh = read.refresh or self._refresh
        return was_absent and self._absent

    async def _wait(self) -> None:
        wait = LEAVE_CALENDAR if self._absent else self._refresh
        try:
            await workflow.wait_condition(
                lambda: self._look_now,
                timeout=wait,
                timeout_summary=f"Until the calendar of {self._given.schedule} is read again",
            )
        except TimeoutError:
            return

    def _show(self, said: str) -> None:
        self._said = said
        workflow.set_current_details(f"Calendar of **{self._given.schedule}**: {said}")
