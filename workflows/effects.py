"""Running effects: each one is one activity, started once, its answer an event.

Decides how a failed or withdrawn activity becomes an event. An effect stays in the
outbox until it is done, so that continue-as-new loses none.
"""

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import assert_never

from temporalio import workflow
from temporalio.common import Priority
from temporalio.exceptions import (
    ActivityError,
    CancelledError,
    ChildWorkflowError,
    FailureError,
)

from domain.bundle import CallLeft, Claim, pages_id
from domain.incident.effects import (
    Effect,
    LeaveBundle,
    LookUpOnCall,
    Outcome,
    SendAnnouncement,
    SendNotice,
    SendPage,
    SendResult,
)
from domain.incident.events import (
    ChildFinished,
    HappeningEvent,
    MessageFinished,
    OnCallLookedUp,
    PageFinished,
    StepFinished,
)
from domain.incident.input import IncidentInput
from domain.incident.step_effects import (
    CallResult,
    ChildResult,
    MakeCall,
    MeasureFacts,
    OpenChild,
    TellChild,
    TellParent,
)
from domain.rehearsal.machines import succeed_plainly
from workflows.automation import make_call
from workflows.children import open_child, tell_child, tell_parent
from workflows.clock import IncidentClock
from workflows.facts import Measuring, at_rest, measure
from workflows.look_up import look_up
from workflows.options import (
    INCIDENTS_QUEUE,
    NOTICE_RETRY,
    NOTICE_TIMEOUT,
    NOTICES_QUEUE,
    PAGE_ONCE,
    PAGE_TIMEOUT,
    PAGING_QUEUE,
)
from workflows.tasks import Tasks

with workflow.unsafe.imports_passed_through():
    from activities.notice import NoticeActivities
    from activities.page import PageActivities

SIMULATED = SendResult(outcome=Outcome.DELIVERED, detail="simulated")


class Effects:
    """The outbox of one incident."""

    def __init__(
        self,
        tasks: Tasks,
        clock: IncidentClock,
        on_event: Callable[[HappeningEvent], None],
        *,
        given: IncidentInput,
    ) -> None:
        """`on_event` takes what came of each effect."""
        self._tasks = tasks
        self._clock = clock
        self._on_event = on_event
        self.given = given
        self._simulate = given.simulate
        self._tells_people = not given.simulate or given.people_are_real
        self._waiting: dict[str, Effect] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._withdrawn: set[str] = set()
        self._measuring = Measuring(clock, simulate=given.simulate)
        self.is_draining = False

    def add(self, effects: Iterable[Effect]) -> None:
        """Put effects into the outbox."""
        for effect in effects:
            self._waiting[_activity_id(effect)] = effect

    def withdraw(self, keys: Iterable[str]) -> None:
        """Call pages back: one that has not been sent yet is never sent."""
        for key in keys:
            for activity_id, effect in list(self._waiting.items()):
                if effect.id != key:
                    continue
                running = self._running.get(activity_id)
                if running is None:
                    self._waiting.pop(activity_id)
                else:
                    self._withdrawn.add(activity_id)
                    running.cancel()

    def start(self, *, calls_too: bool = True) -> None:
        """Start whatever waits, unless the run is about to continue as new.

        Without `calls_too` machines start nothing new, so that no call is under way then.
        """
        if self.is_draining:
            return
        for activity_id, effect in self._waiting.items():
            if isinstance(effect, MakeCall) and not calls_too:
                continue
            if isinstance(effect, MeasureFacts) and not self._measuring.may(activity_id):
                continue
            if activity_id not in self._running:
                task = self._tasks.start(self._run(activity_id, effect))
                self._running[activity_id] = task
                task.add_done_callback(partial(self._forget, activity_id))

    def _forget(self, activity_id: str, task: asyncio.Task[None]) -> None:
        """One that was taken back before its first moment has never come to its end."""
        if self._running.get(activity_id) is not task:
            return
        del self._running[activity_id]
        if activity_id in self._withdrawn:
            self._withdrawn.discard(activity_id)
            self._waiting.pop(activity_id, None)

    def cut_off_calls(self) -> None:
        """Machines stop what they do; nobody knows then how far it came."""
        for activity_id in self._calling:
            self._running[activity_id].cancel()

    def measure_now(self) -> bool:
        """On a stepped clock: measure what is to be measured, once; False if nothing is."""
        return self._measuring.let_go(self._waiting)

    @property
    def is_measuring_now(self) -> bool:
        """Whether what `measure_now` let go has not come to its end."""
        return self._measuring.let_go_of in self._waiting

    def drain(self) -> None:
        """Stop what has not been sent, let the rest finish; nothing new starts.

        A child that is being started is waited for: cancelled, it would end.
        """
        self.is_draining = True
        self._waiting = {key: at_rest(effect) for key, effect in self._waiting.items()}
        for activity_id, task in self._running.items():
            if not isinstance(self._waiting.get(activity_id), OpenChild):
                task.cancel()

    @property
    def unfinished(self) -> tuple[Effect, ...]:
        """What still has to be done, in order."""
        return tuple(self._waiting.values())

    @property
    def is_busy(self) -> bool:
        """Whether anything is left to do; a measurement lasts as long as the incident."""
        return not all(isinstance(one, MeasureFacts) for one in self._waiting.values())

    @property
    def is_looking_up(self) -> bool:
        """Whether an on-call look-up is in the outbox."""
        return any(isinstance(effect, LookUpOnCall) for effect in self._waiting.values())

    @property
    def is_paging(self) -> bool:
        """Whether a page is in the outbox."""
        return any(isinstance(effect, SendPage) for effect in self._waiting.values())

    @property
    def _calling(self) -> list[str]:
        return [one for one in self._running if isinstance(self._waiting.get(one), MakeCall)]

    @property
    def is_calling(self) -> bool:
        """Whether a machine is at work on a step."""
        return bool(self._calling)

    @property
    def is_running(self) -> bool:
        """Whether an activity is in flight."""
        return bool(self._running)

    async def _run(self, activity_id: str, effect: Effect) -> None:
        event: HappeningEvent | None = None
        is_done = False
        try:
            event = await self._perform(activity_id, effect)
            is_done = True
        except (ActivityError, ChildWorkflowError) as error:
            if not isinstance(error.cause, CancelledError):
                event = _failed(effect, str(error.cause or error))
        except asyncio.CancelledError:
            event = None
        self._running.pop(activity_id, None)
        is_withdrawn = activity_id in self._withdrawn
        self._withdrawn.discard(activity_id)
        if is_done or event is not None or is_withdrawn:
            self._waiting.pop(activity_id, None)
        if event is not None:
            self._on_event(event)

    async def _perform(self, activity_id: str, effect: Effect) -> HappeningEvent | None:
        match effect:
            case LookUpOnCall():
                return OnCallLookedUp(id=effect.id, answer=await look_up(activity_id, effect))
            case SendPage():
                return PageFinished(id=effect.id, result=await self._page(activity_id, effect))
            case LeaveBundle():
                await self._leave(effect)
                return None
            case SendNotice() | SendAnnouncement():
                result = await self._message(activity_id, effect)
                return MessageFinished(id=effect.id, summary=effect.summary, result=result)
            case OpenChild():
                return await open_child(effect, self.given, self._clock.now())
            case TellChild():
                await tell_child(effect)
                return None
            case TellParent():
                await tell_parent(effect)
                return None
            case MakeCall():
                return await self._call(activity_id, effect)
            case MeasureFacts():
                return await measure(activity_id, effect, self._clock)
            case _:
                assert_never(effect)

    async def _call(self, activity_id: str, call: MakeCall) -> StepFinished:
        if self._simulate and self.given.script is not None:
            return StepFinished(id=call.id, result=succeed_plainly(call))
        return await make_call(activity_id, call, simulate=self._simulate)

    async def _page(self, activity_id: str, page: SendPage) -> SendResult:
        if not self._tells_people:
            return SIMULATED
        return await workflow.execute_activity_method(
            PageActivities.send_page,
            args=[page, self._claim(page)],
            activity_id=activity_id,
            task_queue=PAGING_QUEUE,
            start_to_close_timeout=PAGE_TIMEOUT,
            retry_policy=PAGE_ONCE,
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            priority=Priority(priority_key=page.message.severity.rank),
            summary=page.summary,
        )

    def _claim(self, page: SendPage) -> Claim | None:
        """How the page finds the person's others; a clock of our own is shared with nobody."""
        clock = self._clock.settings
        if page.alone or (clock.is_virtual and not clock.shared):
            return None
        if clock.is_virtual:
            return Claim(queue=INCIDENTS_QUEUE, clock=clock, now=self._clock.now())
        return Claim(queue=INCIDENTS_QUEUE)

    async def _leave(self, effect: LeaveBundle) -> None:
        """Take a call back; pages that are gone, or have ended, hold nothing of it."""
        pages = pages_id(effect.person, self._clock.settings.shared)
        try:
            await workflow.get_external_workflow_handle(pages).signal(
                "leave", CallLeft(call=effect.call)
            )
        except FailureError as error:
            if isinstance(error, CancelledError):
                raise asyncio.CancelledError from error

    async def _message(
        self, activity_id: str, message: SendNotice | SendAnnouncement
    ) -> SendResult:
        if not self._tells_people:
            return SIMULATED
        if isinstance(message, SendNotice):
            return await workflow.execute_activity_method(
                NoticeActivities.send_notice, message, **_notice_options(activity_id, message)
            )
        if self._simulate:  # a drill with real people: none of its words leaves them
            people = tuple(ref for ref in message.to if not ref.startswith("destination:"))
            message = message.model_copy(update={"to": people})
            if not people:
                return SIMULATED
        return await workflow.execute_activity_method(
            NoticeActivities.send_announcement, message, **_notice_options(activity_id, message)
        )


def _notice_options(
    activity_id: str, message: SendNotice | SendAnnouncement
) -> workflow.ActivityConfig:
    return {
        "activity_id": activity_id,
        "task_queue": NOTICES_QUEUE,
        "start_to_close_timeout": NOTICE_TIMEOUT,
        "retry_policy": NOTICE_RETRY,
        "cancellation_type": workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        "summary": message.summary,
    }


def _activity_id(effect: Effect) -> str:
    """The effect's id; a retried page has an id of its own under the same key."""
    if isinstance(effect, SendPage) and effect.attempt > 1:
        return f"{effect.id}#{effect.attempt}"
    return effect.id


def _failed(effect: Effect, detail: str) -> HappeningEvent | None:
    """What an activity that ended without an answer means: nobody knows, so try again."""
    unknown = SendResult(outcome=Outcome.RETRY, detail=detail[:500])
    match effect:
        case SendPage():
            return PageFinished(id=effect.id, result=unknown)
        case SendNotice() | SendAnnouncement():
            return MessageFinished(id=effect.id, summary=effect.summary, result=unknown)
        case OpenChild():
            broken = ChildResult(outcome="failed", detail=detail[:500])
            return ChildFinished(id=effect.id, result=broken)
        case LookUpOnCall() | LeaveBundle() | MeasureFacts() | TellChild() | TellParent():
            return None
        case MakeCall():
            unsure = CallResult(outcome="unknown", detail=detail[:500])
            return StepFinished(id=effect.id, result=unsure)
        case _:
            assert_never(effect)
