"""The workflow of one heartbeat: hear beats, notice silence, tell an incident.

Decides no rule (`domain.heartbeat`). One durable timer stands at a time and beats do not
move it: when it fires and there was a beat, the next one takes the rest.
"""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError, WorkflowAlreadyStartedError

from domain.alert import Alert, AlertStatus
from domain.heartbeat import (
    Beat,
    Heartbeat,
    HeartbeatTarget,
    HeartbeatTold,
    after_absence,
    alert_of,
    covering,
    heard,
    missed,
    returned,
)
from domain.incident.input import AlertBatch, IncidentInput
from domain.maintenance import Window
from domain.matching import DedupKey, dedup_key, workflow_id
from workflows.face import attributes_of, details_of, face_of, priority_of
from workflows.options import (
    BEATS_BEFORE_CONTINUE,
    HEARTBEAT_RECORD_WITHIN,
    INCIDENTS_QUEUE,
    LOOK_UP_RETRY,
    LOOK_UP_TIMEOUT,
    RECORD_RETRY,
    RECORD_TIMEOUT,
)
from workflows.tasks import Tasks

with workflow.unsafe.imports_passed_through():
    from activities.heartbeat import HeartbeatActivities


@workflow.defn(name="Heartbeat")
class HeartbeatWorkflow:
    """One heartbeat, from its first beat until no playbook declares it any more."""

    @workflow.init
    def __init__(self, start: Heartbeat) -> None:
        """Take up the state, before any beat is handled."""
        self._heartbeat = start
        self._beats = 0
        self._tasks = Tasks()
        self._recording: set[asyncio.Task[None]] = set()

    @workflow.run
    async def run(self, start: Heartbeat) -> str:
        """Wait for silence, and for the end of it; the last sentence is the result."""
        del start
        while True:
            self._show()
            await self._wait()
            if self._tasks.error is not None:
                raise self._tasks.error
            if self._heartbeat.has_returned:
                await self._resolve()
            elif workflow.now() >= self._heartbeat.due_at and not await self._miss():
                await self._finish_records()
                return f"{self._heartbeat.name}: no playbook declares it any more."
            if self._must_continue():
                await self._continue()

    @workflow.signal(name="beat")
    def on_beat(self, beat: Beat) -> None:
        """It is alive."""
        self._beats += 1
        self._heartbeat = heard(self._heartbeat, beat, workflow.now())
        self._show()

    @workflow.query(name="view")
    def on_view(self) -> Heartbeat:
        """The heartbeat as it is now."""
        return self._heartbeat

    async def _wait(self) -> None:
        """Until the timer fires, or something comes that cannot wait for it."""
        due = self._heartbeat.due_at
        left = due - workflow.now()
        if left > timedelta(0):
            try:
                await workflow.wait_condition(
                    lambda: self._must_wake() or self._heartbeat.due_at < due,
                    timeout=left,
                    timeout_summary=f"{self._heartbeat.name}: {self._expectation()}",
                )
            except TimeoutError:
                self._heartbeat = after_absence(self._heartbeat, due, workflow.now())
        else:
            self._heartbeat = after_absence(self._heartbeat, due, workflow.now())

    def _expectation(self) -> str:
        due = self._heartbeat.due_at
        if self._heartbeat.told_at is not None:
            return f"still missing, said again at {due:%Y-%m-%d %H:%M} (UTC)"
        return f"missing if silent until {due:%H:%M:%S} (UTC)"

    def _must_wake(self) -> bool:
        failed = self._tasks.error is not None
        return failed or self._heartbeat.has_returned or self._must_continue()

    def _must_continue(self) -> bool:
        suggested = workflow.info().is_continue_as_new_suggested()
        return suggested or self._beats >= BEATS_BEFORE_CONTINUE

    # -- silence ----------------------------------------------------------------------

    async def _miss(self) -> bool:
        """Tell an incident; False if no playbook wants to know any more."""
        target = await self._find_target()
        if target is None:
            return False
        self._heartbeat = self._heartbeat.model_copy(update={"missing_after": target.missing_after})
        if workflow.now() < self._heartbeat.due_at:
            return True
        alert = alert_of(self._heartbeat, target.plan.service, AlertStatus.FIRING)
        key = dedup_key(target.plan, alert)
        windows = covering(target.windows, alert, target.plan)
        told = await self._tell(target, key, _batch(alert, (key.note or "",), windows))
        self._heartbeat = missed(self._heartbeat, told.workflow_id, workflow.now())
        self._record(told)
        return True

    async def _find_target(self) -> HeartbeatTarget | None:
        return await workflow.execute_activity_method(
            HeartbeatActivities.find_target,
            self._heartbeat.name,
            task_queue=INCIDENTS_QUEUE,
            start_to_close_timeout=LOOK_UP_TIMEOUT,
            retry_policy=LOOK_UP_RETRY,
            summary=f"{self._heartbeat.name} is silent: which playbook takes it",
        )

    async def _tell(
        self, target: HeartbeatTarget, key: DedupKey, batch: AlertBatch
    ) -> HeartbeatTold:
        """The incident that has the alert, or the playbook's, opened if it does not run."""
        alert = batch.alerts[0]
        if target.owner is not None and await _signal(target.owner, "alerts", batch):
            return HeartbeatTold(alert=alert, workflow_id=target.owner, outcome="added")
        named = workflow_id(target.plan.name, key.key)
        while True:
            if await _open(target, named, key, batch):
                outcome = "suppressed" if batch.maintenance else "opened"
                return HeartbeatTold(
                    alert=alert,
                    workflow_id=named,
                    reference=target.reference,
                    outcome=outcome,
                    windows=batch.maintenance,
                )
            # It runs; should it end in this very moment, it can be opened after all.
            if await _signal(named, "alerts", batch):
                return HeartbeatTold(alert=alert, workflow_id=named, outcome="added")

    async def _resolve(self) -> None:
        """It is back: so is told whoever was told of its silence, if that still runs."""
        alert = alert_of(self._heartbeat, None, AlertStatus.RESOLVED)
        incident = self._heartbeat.incident
        self._heartbeat = returned(self._heartbeat)
        if incident is None or not await _signal(incident, "alerts", _batch(alert)):
            return
        self._record(HeartbeatTold(alert=alert, workflow_id=incident, outcome="added"))

    # -- the record -------------------------------------------------------------------

    def _record(self, told: HeartbeatTold) -> None:
        task = self._tasks.start(self._settle(told))
        self._recording.add(task)
        task.add_done_callback(self._recording.discard)

    async def _settle(self, told: HeartbeatTold) -> None:
        """Beside everything else: a ledger that is down for long delays no resolve."""
        try:
            settled = await workflow.execute_activity_method(
                HeartbeatActivities.settle,
                told,
                task_queue=INCIDENTS_QUEUE,
                start_to_close_timeout=RECORD_TIMEOUT,
                schedule_to_close_timeout=HEARTBEAT_RECORD_WITHIN,
                retry_policy=RECORD_RETRY,
                summary=f"{told.alert.summary}: {told.alert.status.value}, {told.outcome}",
            )
        except ActivityError:
            return  # the incident's own record names its alerts once the ledger is back
        for change in settled.changed:
            await _signal(told.workflow_id, "maintenance_changed", change)

    async def _finish_records(self) -> None:
        await workflow.wait_condition(lambda: not self._recording)
        await workflow.wait_condition(workflow.all_handlers_finished)

    async def _continue(self) -> None:
        await self._finish_records()
        workflow.continue_as_new(self._heartbeat)

    def _show(self) -> None:
        one = self._heartbeat
        missing = f"**Missing**, told `{one.incident}`" if one.incident else "Beats"
        workflow.set_current_details(
            f"# {one.name}\n\n{missing}. Last beat {one.last_at:%Y-%m-%d %H:%M:%S} UTC.\n\n"
            f"Next, by itself: {self._expectation()}."
        )


def _batch(
    alert: Alert, notes: tuple[str, ...] = (), windows: tuple[Window, ...] = ()
) -> AlertBatch:
    return AlertBatch(
        batch_id=f"{alert.key}/{workflow.uuid4()}",
        alerts=(alert,),
        notes=tuple(note for note in notes if note),
        maintenance=windows,
    )


async def _open(target: HeartbeatTarget, named: str, key: DedupKey, batch: AlertBatch) -> bool:
    """Whether it did not run and does now; nothing of ours ends it."""
    start = IncidentInput(
        plan=target.plan,
        reference=target.reference,
        dedup_key=key.key,
        clock=target.clock,
        first=batch,
        continue_as_new_after=target.continue_as_new_after,
    )
    face = face_of(start, batch.alerts[0])
    try:
        await workflow.start_child_workflow(
            target.plan.name,
            start,
            id=named,
            task_queue=INCIDENTS_QUEUE,
            cancellation_type=workflow.ChildWorkflowCancellationType.ABANDON,
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            search_attributes=attributes_of(start, face),
            static_summary=face.title,
            static_details=details_of(start),
            priority=priority_of(face),
        )
    except WorkflowAlreadyStartedError:
        return False
    return True


async def _signal(named: str, signal: str, news: object) -> bool:
    """Whether the workflow runs and has it now."""
    try:
        await workflow.get_external_workflow_handle(named).signal(signal, news)
    except FailureError:
        return False
    return True
