"""One person's pages across incidents: what gathers, until it leaves as one message.

Decides no rule: every message, timer and activity result goes to `domain.gathering`, and
what leaves is sent here durably. It runs only for people who are being paged, and starts
delayed: for somebody with one page alone it wakes once, a minute later, and ends.
"""

from collections.abc import Coroutine, Iterable
from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.common import Priority
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

from domain.bundle import (
    WORKFLOW,
    Answered,
    Asked,
    CallLeft,
    Departure,
    Known,
    PageJoined,
    PageResult,
    PageUndelivered,
    PersonPagesInput,
)
from domain.gathering import Gathering
from domain.incident.effects import Outcome, SendResult
from domain.incident.input import Advance
from domain.incident.state import Deadline
from workflows.clock import IncidentClock
from workflows.deadlines import Timers
from workflows.options import (
    MESSAGES_BEFORE_CONTINUE,
    PAGE_ONCE,
    PAGE_TIMEOUT,
    PAGING_QUEUE,
)
from workflows.tasks import Tasks

with workflow.unsafe.imports_passed_through():
    from activities.page import PageActivities


@workflow.defn(name=WORKFLOW)
class PersonPages:
    """The pages of one person, from the first until nothing of them can gather any more."""

    @workflow.init
    def __init__(self, start: PersonPagesInput) -> None:
        """Take up what an earlier run carried over, or the page that is being sent."""
        self._start = start
        self._clock = IncidentClock(start.clock, start.clock_origin)
        self._tasks = Tasks()
        self._timers = Timers(self._tasks, self._clock, self._on_due)
        self._busy = 0
        self._signals = 0
        self._is_dirty = True
        self._shown = ""
        if start.clock_now is not None:
            self._clock.step_to(start.clock_now)
        if start.carried is not None:
            self._pages = Gathering.model_validate(start.carried)
            return
        self._pages = Gathering(
            person=start.person, name=start.name, window=start.window, began=self._clock.now()
        )
        if start.first is not None:
            self._pages.went_alone(start.first)

    @workflow.run
    async def run(self, start: PersonPagesInput) -> str:
        """Gather and send until nothing is left; how many messages left is the result."""
        del start
        while True:
            if self._tasks.error is not None:
                raise self._tasks.error
            self._is_dirty = False
            self._send_due()
            self._show()
            if self._is_over():
                return f"{self._pages.serial} messages for {self._pages.name}."
            if self._must_continue():
                self._continue()
            await self._wait()

    async def _wait(self) -> None:
        """Until something happens, or the moment for what gathered has come."""
        self._timers.follow(self._deadlines())
        await workflow.wait_condition(self._has_news)

    def _on_due(self, name: str, late_s: float) -> None:
        del name, late_s
        self._is_dirty = True

    def _has_news(self) -> bool:
        return self._is_dirty or self._tasks.error is not None

    def _deadlines(self) -> dict[str, Deadline]:
        """What happens by itself next; a page more leaves the moment, and its timer, as it is.

        The end that has come waits for what is on its way, not for time.
        """
        leaves, ends = self._pages.next_moment(), self._pages.ends_at()
        if leaves is not None:
            return {"leave": Deadline(at=leaves, summary=f"Pages gather for {self._pages.name}")}
        if ends is not None and (ends > self._clock.now() or not self._busy):
            summary = f"Pages to {self._pages.name} may still gather"
            return {"end": Deadline(at=ends, summary=summary)}
        return {}

    def _is_over(self) -> bool:
        ends = self._pages.ends_at()
        is_past = ends is not None and ends <= self._clock.now()
        return is_past and self._is_quiet()

    # -- what leaves ------------------------------------------------------------------

    def _send_due(self) -> None:
        for departure in self._pages.depart(self._clock.now()):
            self._begin(self._send(departure))

    async def _send(self, departure: Departure) -> None:
        page = departure.bundle.page
        try:
            result = await workflow.execute_activity_method(
                PageActivities.send_bundle,
                departure.bundle,
                activity_id=f"{page.id}#{departure.id}",
                task_queue=PAGING_QUEUE,
                start_to_close_timeout=PAGE_TIMEOUT,
                retry_policy=PAGE_ONCE,
                priority=Priority(priority_key=page.message.severity.rank),
                summary=page.summary,
            )
        except ActivityError as error:
            result = SendResult(outcome=Outcome.RETRY, detail=str(error.cause or error)[:500])
        self._answer(self._pages.arrive(departure.id, result))

    def _answer(self, answers: Iterable[Answered]) -> None:
        for one in answers:
            told = PageResult(id=one.id, result=one.result)
            self._begin(self._tell(one.incident, "page_result", told))

    async def _tell(self, incident: str, name: str, told: PageResult | PageJoined) -> None:
        """Signal an incident; one that is over needs no answer."""
        try:
            await workflow.get_external_workflow_handle(incident).signal(name, told)
        except FailureError:
            workflow.logger.info("incident is over", extra={"incident": incident})

    # -- messages ---------------------------------------------------------------------

    @workflow.signal(name="pages")
    def on_pages(self, pages: list[Asked]) -> None:
        """Pages that incidents want sent to this person."""
        for asked in pages:
            self._heard(asked.at)
            if asked.sent:
                self._pages.went_alone(asked)
            else:
                self._answer(self._pages.take(asked))
        for key, incident in self._pages.tell_joined().items():
            self._begin(self._tell(incident, "page_joined", PageJoined(id=key)))

    @workflow.signal(name="undelivered")
    def on_undelivered(self, news: PageUndelivered) -> None:
        """A page that was sent alone did not get through."""
        self._heard(None)
        self._pages.undelivered(news.id, news.outcome)

    @workflow.signal(name="leave")
    def on_leave(self, left: CallLeft) -> None:
        """An incident needs no answer of this person any more."""
        self._heard(None)
        self._pages.leave(left.call)

    @workflow.query(name="members")
    def members(self) -> list[Known]:
        """The incidents that page this person, the worst first."""
        return self._pages.members

    @workflow.query(name="next_moment")
    def next_moment(self) -> datetime | None:
        """When something happens by itself; None while a message is on its way."""
        return next((one.at for one in self._deadlines().values()), None)

    @workflow.update(name="advance")
    async def on_advance(self, advance: Advance) -> str:
        """Move a stepped clock; what gathered leaves at its moment on the way."""
        if not self._clock.settings.stepped:
            raise ApplicationError("this person's clock is not stepped", type="input")
        await workflow.wait_condition(self._is_settled)
        while (due := self._pages.next_moment()) is not None and due <= advance.to:
            await self._step(due)
        await self._step(advance.to)
        self._is_dirty = True
        return f"It is {self._clock.now().isoformat()}."

    async def _step(self, moment: datetime) -> None:
        self._clock.step_to(moment)
        self._is_dirty = True
        await workflow.wait_condition(self._is_settled)

    def _heard(self, at: datetime | None) -> None:
        self._signals += 1
        self._is_dirty = True
        if at is not None and self._clock.settings.stepped:
            self._clock.step_to(at)

    def _is_settled(self) -> bool:
        return not self._busy and not self._is_dirty

    # -- tasks, display and the run's end ------------------------------------------------

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._busy += 1
        self._tasks.start(work).add_done_callback(self._ended)

    def _ended(self, task: object) -> None:
        del task
        self._busy -= 1
        self._is_dirty = True

    def _show(self) -> None:
        rows = [f"- {one.severity} {one.reference}: {one.title}" for one in self._pages.members]
        text = "\n".join((f"# Pages for {self._pages.name}", *rows))
        if text != self._shown:
            self._shown = text
            workflow.set_current_details(text)

    def _must_continue(self) -> bool:
        after = self._start.continue_as_new_after
        length = workflow.info().get_current_history_length()
        is_long = after is not None and length >= after
        too_many = self._signals >= MESSAGES_BEFORE_CONTINUE
        suggested = workflow.info().is_continue_as_new_suggested()
        return self._is_quiet() and (is_long or too_many or suggested)

    def _is_quiet(self) -> bool:
        """Whether nothing is on its way; with a few messages a minute it soon is."""
        return not self._busy and workflow.all_handlers_finished()

    def _continue(self) -> None:
        """Hand everything to a new run."""
        carried = self._pages.model_dump(mode="json")
        update = {
            "first": None,
            "carried": carried,
            "clock_origin": self._clock.origin,
            "clock_now": self._clock.now(),
        }
        workflow.continue_as_new(self._start.model_copy(update=update))
