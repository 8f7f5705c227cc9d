"""The incident workflow: receive, reduce, act, wait.

Decides no rule: every message, timer and activity result becomes an event for
`domain.incident.reduce`, and what it asks for is run here durably. It is registered as
a dynamic workflow, so that its type in the UI is the playbook's name.
"""

import asyncio
from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from domain.alert import Alert
from domain.bundle import PageJoined as JoinedPage
from domain.bundle import PageResult
from domain.incident.carried import Carried
from domain.incident.commands import Answer, Command
from domain.incident.events import (
    AlertsArrived,
    Called,
    ChildFinished,
    DeadlineReached,
    Declared,
    DrillScored,
    Event,
    HappeningEvent,
    PageFinished,
    PageJoined,
    ParentSaid,
    UsersGone,
    WindowChanged,
)
from domain.incident.input import (
    Advance,
    AlertBatch,
    IncidentInput,
    MaintenanceChanged,
    RosterChanged,
    Successor,
)
from domain.incident.opening import blank
from domain.incident.reduce import reduce
from domain.incident.refusals import refusal
from domain.incident.step_effects import ParentNews
from domain.incident.turn import Turn, Turned
from domain.incident.view import IncidentView
from domain.incident.views import view_of
from domain.plan import PLAN_FORMAT
from workflows.clock import IncidentClock
from workflows.deadlines import Timers
from workflows.display import details, search_attributes
from workflows.drilled_incident import DrilledIncident
from workflows.effects import Effects
from workflows.long_runs import Length, cannot_wait, is_long
from workflows.messages import command_from, payload_from
from workflows.record import Recorder
from workflows.requests import Requests
from workflows.successor import fresh_start, prepare_successor
from workflows.tasks import Tasks


@workflow.defn(dynamic=True)
class IncidentWorkflow:
    """One incident from its first message until it can no longer reopen."""

    @workflow.init
    def __init__(self, args: Sequence[RawValue]) -> None:
        """Take up the state, before any message is handled."""
        self._input = payload_from(args[0], IncidentInput)
        carried = Carried.model_validate(self._input.carried) if self._input.carried else None
        self._clock = IncidentClock(self._input.clock, carried.clock_origin if carried else None)
        self._requests = Requests(carried.answers if carried else None)
        self._tasks = Tasks()
        self._recorder = Recorder(self._tasks)
        self._effects = Effects(self._tasks, self._clock, self._on_done, given=self._input)
        self._timers = Timers(self._tasks, self._clock, self._on_due)
        self._drilled = DrilledIncident(self._tasks, self._clock, self._effects, self._take)
        self._successor: tuple[Alert, ...] = ()
        self._late: list[AlertBatch] = []
        self._advancing = 0
        self._signals = 0
        self._updates = 0
        self._is_dirty = True
        self._shown = ""
        self._attributes = workflow.info().typed_search_attributes
        if carried is not None:
            self._state = carried.state
            self._clock.step_to(carried.clock_now)
            self._effects.add(carried.effects)
            self._recorder.add(carried.entries)
        else:
            self._state = blank(workflow.info().workflow_id, self._input, self._clock.now())
            self._open()

    def _open(self) -> None:
        if self._input.declaration is not None:
            self._take(Declared(declaration=self._input.declaration))
        if self._input.called is not None:
            self._take(Called(called=self._input.called))
        if self._input.first is not None:
            self._on_alerts(self._input.first)

    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> str:
        """Wait and act until the incident is over; its last sentence is the result."""
        del args
        self._refuse_newer_plan()
        while not self._state.finished:
            self._act()
            try:
                await workflow.wait_condition(lambda: self._has_work() or self._must_continue())
            except asyncio.CancelledError:
                self._take(ParentSaid(news=self._cancelled()))
            if self._must_continue():
                await self._continue()
        return await self._end()

    def _cancelled(self) -> ParentNews:
        """Somebody cancelled the workflow in the engine: people are told, the record goes on."""
        because = "cancelled in Temporal"
        return ParentNews(severity=self._state.severity, ended=True, because=because)

    def _refuse_newer_plan(self) -> None:
        """Fail the workflow task, visibly and until a newer worker takes it up."""
        if self._input.plan.plan_format > PLAN_FORMAT:
            raise RuntimeError(
                f"plan format {self._input.plan.plan_format} is newer than this worker's "
                f"{PLAN_FORMAT}: upgrade the workers"
            )

    def _take(self, event: Event) -> Turned:
        """Reduce one event, and put what it asks for into the outboxes."""
        turned = reduce(self._input.plan, self._state, event, self._clock.now())
        self._state = turned.state
        self._effects.add(turned.effects)
        self._effects.withdraw(turned.withdraw)
        self._recorder.add(turned.entries)
        self._successor += turned.successor
        self._is_dirty = True
        return turned

    def _has_work(self) -> bool:
        return self._is_dirty or self._may_record() or self._tasks.error is not None

    def _may_record(self) -> bool:
        """A look-up is back in no time, and a page must not wait for the ledger."""
        if self._effects.is_looking_up:
            return False
        return self._recorder.may_start(something_urgent=self._effects.is_paging)

    def _act(self) -> None:
        """Bring timers, activities, record and display up to the state."""
        if self._tasks.error is not None:
            raise self._tasks.error
        self._is_dirty = False
        self._effects.start(calls_too=not self._is_long())
        if self._is_long() and cannot_wait(self._length()):
            self._effects.cut_off_calls()
        self._timers.follow(self._state.deadlines)
        self._drilled.follow(self._state)
        view = self._view()
        if self._may_record():
            self._recorder.start(view)
        self._show(view)

    def _view(self) -> IncidentView:
        return view_of(self._input.plan, self._state, self._clock.now())

    def _show(self, view: IncidentView) -> None:
        text = details(self._input.plan, view)
        if text != self._shown:
            self._shown = text
            workflow.set_current_details(text)
        attributes = search_attributes(view)
        changed = [
            pair.key.value_set(pair.value)
            for pair in attributes.search_attributes
            if self._attributes.get(pair.key) != pair.value
        ]
        if changed:
            self._attributes = self._attributes.updated(*attributes.search_attributes)
            workflow.upsert_search_attributes(changed)

    def _on_done(self, event: HappeningEvent) -> None:
        self._take(event)

    def _on_due(self, name: str, late_s: float) -> None:
        self._take(DeadlineReached(name=name, late_s=late_s))

    # -- messages ---------------------------------------------------------------------

    @workflow.signal(name="alerts")
    def on_alerts(self, batch: AlertBatch) -> None:
        """Alerts for this incident."""
        self._signals += 1
        self._on_alerts(batch)

    def _on_alerts(self, batch: AlertBatch) -> None:
        if self._state.finished:
            self._late.append(batch)
            return
        self._take(AlertsArrived.model_validate(dict(batch)))

    @workflow.signal(name="maintenance_changed")
    def on_maintenance_changed(self, change: MaintenanceChanged) -> None:
        """A maintenance window was renewed, ended early, or added."""
        self._signals += 1
        self._take(WindowChanged(window=change.window))

    @workflow.signal(name="roster_changed")
    def on_roster_changed(self, change: RosterChanged) -> None:
        """People have left the roster."""
        self._signals += 1
        self._take(UsersGone(users=change.gone))

    @workflow.signal(name="page_result")
    def on_page_result(self, told: PageResult) -> None:
        """What became of a page that had gathered with others."""
        self._signals += 1
        self._take(PageFinished(id=told.id, result=told.result))

    @workflow.signal(name="page_joined")
    def on_page_joined(self, told: JoinedPage) -> None:
        """Pages of other incidents have gathered behind one of ours."""
        self._signals += 1
        self._take(PageJoined(id=told.id))

    @workflow.signal(name="parent_said")
    def on_parent_said(self, news: ParentNews) -> None:
        """The incident that called this one has changed, or has ended."""
        self._signals += 1
        self._take(ParentSaid(news=news))

    @workflow.signal(name="child_finished")
    def on_child_finished(self, told: ChildFinished) -> None:
        """A playbook that a step called has ended."""
        self._signals += 1
        self._take(told)

    @workflow.signal(name="drill_scored")
    def on_drill_scored(self, scored: DrillScored) -> None:
        """The drill that this incident belongs to is judged."""
        self._signals += 1
        self._drilled.scored()
        self._take(scored)

    @workflow.signal(dynamic=True)
    def on_command_signal(self, name: str, args: Sequence[RawValue]) -> None:
        """A command sent as a signal, because no worker answered its update in time."""
        self._signals += 1
        try:
            self._obey(command_from(name, args))
        except ValueError as error:
            workflow.logger.warning("a signal is not understood", extra={"error": str(error)})

    @workflow.update(dynamic=True)
    def on_command(self, name: str, args: Sequence[RawValue]) -> Answer:
        """A command; its name is the update's."""
        self._updates += 1
        return self._obey(command_from(name, args))

    @on_command.validator
    def check_command(self, name: str, args: Sequence[RawValue]) -> None:
        """Refuse what cannot be done now, leaving no trace in the history."""
        try:
            command = command_from(name, args)
        except ValueError as error:
            raise ApplicationError(str(error), type="input") from error
        if self._requests.answer_to(command.request_id) is not None:
            return
        turn = Turn(self._input.plan, self._state, self._clock.now())
        why_not = refusal(turn, command)
        if why_not is not None:
            raise ApplicationError(why_not.text, type=why_not.kind)

    def _obey(self, command: Command) -> Answer:
        known = self._requests.answer_to(command.request_id)
        if known is not None:
            return known.model_copy(update={"incident": self._view()})
        turned = self._take(command)
        answer = Answer(
            sentence=turned.sentence,
            offer=turned.offer,
            refused=turned.refused,
            incident=self._view(),
        )
        self._requests.keep(command.request_id, answer)
        return answer

    @workflow.query(name="view")
    def on_view(self) -> IncidentView:
        """The incident as it is now."""
        return self._view()

    @workflow.update(name="advance")
    async def on_advance(self, advance: Advance) -> str:
        """Move a stepped clock; every deadline on the way fires in order."""
        if not self._clock.settings.stepped:
            raise ApplicationError("this incident's clock is not stepped", type="input")
        self._advancing += 1
        await workflow.wait_condition(lambda: self._advancing == 1)
        try:
            await self._advance_to(advance)
        finally:
            self._advancing -= 1
        return f"It is {self._clock.now().isoformat()}."

    async def _advance_to(self, advance: Advance) -> None:
        """Facts are measured once, after everything until then is done."""
        await self._step_to(advance)
        if self._effects.measure_now():
            self._is_dirty = True
            await workflow.wait_condition(lambda: not self._effects.is_measuring_now)
            await self._step_to(advance)

    async def _step_to(self, advance: Advance) -> None:
        while True:
            await workflow.wait_condition(self._is_settled)
            due = sorted(self._state.deadlines.items(), key=lambda pair: (pair[1].at, pair[0]))
            if self._state.finished or not due or due[0][1].at > advance.to:
                break
            self._clock.step_to(due[0][1].at)
            self._on_due(due[0][0], 0.0)
        self._clock.step_to(advance.to)
        self._is_dirty = True

    def _is_settled(self) -> bool:
        busy = self._effects.is_busy or self._recorder.entries or self._is_dirty
        return not busy or (self._state.finished and not self._effects.is_busy)

    # -- the run's end ----------------------------------------------------------------

    def _must_continue(self) -> bool:
        """A call under way is waited for: in another run it would be made a second time."""
        return self._is_long() and not self._effects.is_calling

    def _is_long(self) -> bool:
        """Whether this run should be the last but for calls that are under way."""
        return not self._advancing and not self._state.finished and is_long(self._length())

    def _length(self) -> Length:
        return Length(self._signals, self._updates, self._input.continue_as_new_after)

    async def _continue(self) -> None:
        """Hand everything to a new run; messages on the way are taken in before."""
        self._effects.drain()
        self._recorder.drain()
        await workflow.wait_condition(
            lambda: not self._effects.is_running and not self._recorder.is_running
        )
        await workflow.wait_condition(workflow.all_handlers_finished)
        carried = Carried(
            state=self._state,
            clock_origin=self._clock.origin,
            clock_now=self._clock.now(),
            effects=self._effects.unfinished,
            entries=tuple(self._recorder.entries),
            answers=self._requests.answers,
        )
        update = {"carried": carried.model_dump(mode="json"), "declaration": None, "first": None}
        workflow.continue_as_new(self._input.model_copy(update=update))

    async def _end(self) -> str:
        """Finish the record; a new episode that came meanwhile gets a fresh incident."""
        while True:
            self._act()
            await workflow.wait_condition(lambda: self._has_work() or self._is_quiet())
            if self._fresh_alerts() and self._is_quiet():
                successor = await prepare_successor(self._input.plan)
                await workflow.wait_condition(workflow.all_handlers_finished)
                self._continue_as(successor)
            if self._is_quiet():
                return self._state.latest[-1].text if self._state.latest else ""

    def _is_quiet(self) -> bool:
        busy = self._effects.is_busy or self._recorder.entries or self._drilled.awaits_score
        return not busy and workflow.all_handlers_finished()

    def _fresh_alerts(self) -> tuple[Alert, ...]:
        late = tuple(alert for batch in self._late for alert in batch.alerts)
        both = (*self._successor, *late)
        return both if any(alert.is_firing for alert in both) else ()

    def _continue_as(self, successor: Successor) -> None:
        late = (window for batch in self._late for window in batch.maintenance)
        batch = AlertBatch(
            batch_id=f"successor-{successor.reference}",
            alerts=self._fresh_alerts(),
            maintenance=(*self._state.windows.values(), *late),
        )
        start = fresh_start(self._input, successor, batch, self._clock.now())
        workflow.continue_as_new(start)
