"""The API's only way to the engine: start, signal, update, query.

Decides how long each call may take and what its failure means. Every call has a
time-out; what may be sent twice carries an id that makes the second harmless.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import (  # noqa: TID251 - this is the gateway
    Client,
    WorkflowHandle,
    WorkflowQueryFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from activities.opening_clock import clock_of
from api import gateway_calendars, gateway_drills, gateway_shifts
from api.gateway_commands import Commands
from api.gateway_connection import bounded, engine_client
from api.gateway_errors import EngineUnavailable, NotFound
from api.gateway_plan import plan_of
from api.gateway_trial import start_trial, trial_report
from api.limits import RETRY_AFTER_S
from domain.cover import CoverCommand, CoverReply, CoverStart
from domain.drill_run import DrillSchedule, DrillStart, ScheduleSeen
from domain.incident.commands import Answer, Command
from domain.incident.input import (
    AlertBatch,
    Declaration,
    IncidentInput,
    InputPart,
    MaintenanceChanged,
    RosterChanged,
)
from domain.incident.view import IncidentView
from domain.maintenance import Window
from domain.matching import workflow_id as workflow_id_of
from domain.plan import Plan
from domain.roster import CalendarImport
from domain.trial import Trial, TrialReport
from settings import Settings
from workflows.face import attributes_of, details_of, face_of, priority_of
from workflows.options import (
    AUTOMATION_QUEUE,
    FACTS_QUEUE,
    INCIDENTS_QUEUE,
    NOTICES_QUEUE,
    PAGING_QUEUE,
)

SEND_TIMEOUT = timedelta(seconds=4)
"""One signal or start. Two tries fit into the ten seconds most senders wait."""

LOOK_TIMEOUT = timedelta(seconds=2)
"""A query or a health check; whoever asks has something else to show."""


class Gateway:
    """A lazily connected client; safe to share between requests of one event loop."""

    def __init__(self, settings: Settings, client: Client | None = None) -> None:
        self._settings = settings
        self._client = client
        self._connecting = asyncio.Lock()
        self._commands = Commands()

    async def client(self) -> Client:
        """The one client; made without touching the network."""
        async with self._connecting:
            if self._client is None:
                self._client = await engine_client(self._settings)
            return self._client

    async def send_alerts(
        self,
        workflow_id: str,
        batch: AlertBatch,
        start: IncidentInput | None = None,
    ) -> bool:
        """Whether this opened the incident; the batch is durable when it returns.

        Without `start` the incident must run, else NotFound is raised. A second call
        with the same batch id counts once. Raises EngineUnavailable.
        """
        client = await self.client()
        if start is None:
            async with bounded(SEND_TIMEOUT):
                handle = client.get_workflow_handle(workflow_id)
                await handle.signal("alerts", batch, rpc_timeout=SEND_TIMEOUT)
            return False
        return await self._start(workflow_id, start, batch)

    async def declare(
        self, plan: Plan, declaration: Declaration, reference: str, **how: object
    ) -> tuple[str, str]:
        """The workflow id and reference of an incident opened by hand; a repeat opens no other.

        `how` are further fields of the start input (`clock`, `drill`, `simulate`).
        """
        workflow_id = workflow_id_of(plan.name, reference)
        start = self.input_for(plan, reference, reference, declaration=declaration, **how)
        await self._start(workflow_id, start)
        return workflow_id, reference

    def input_for(
        self, plan: Plan, reference: str, dedup_key: str, **fields: object
    ) -> IncidentInput:
        """A start input with the clock and the limits that the settings say."""
        given = {
            "clock": clock_of(self._settings),
            "continue_as_new_after": self._settings.continue_as_new_after,
        }
        own = {"plan": plan, "reference": reference, "dedup_key": dedup_key}
        return IncidentInput.model_validate(given | fields | own)

    async def send_command(self, workflow_id: str, command: Command) -> Answer:
        """The incident's answer. Raises Refused, NotFound, Pending or EngineUnavailable.

        Pending means that no worker answered and the command is a durable signal now;
        its request id makes sure that it is applied once.
        """
        return await self._commands.send(await self.client(), workflow_id, command)

    async def view(self, workflow_id: str) -> IncidentView | None:
        """The incident as its workflow sees it, or None if it or a worker does not answer."""
        client = await self.client()
        try:
            async with bounded(LOOK_TIMEOUT):
                seen: IncidentView = await client.get_workflow_handle(workflow_id).query(
                    "view", result_type=IncidentView, rpc_timeout=LOOK_TIMEOUT
                )
        except (NotFound, EngineUnavailable, WorkflowQueryFailedError):
            return None
        return seen

    async def plan(self, workflow_id: str) -> Plan | None:
        """The plan that the newest run under this id was started with, if the engine has it."""
        client = await self.client()
        try:
            async with bounded(LOOK_TIMEOUT):
                return await plan_of(client, workflow_id)
        except (NotFound, EngineUnavailable):
            return None

    async def roster_changed(self, gone: Sequence[str], workflow_ids: Sequence[str]) -> None:
        """Tell these incidents that users left the roster; closed ones are passed over.

        Telling one twice is harmless. Raises EngineUnavailable.
        """
        await self._tell_all("roster_changed", RosterChanged(gone=tuple(gone)), workflow_ids)

    async def maintenance_changed(self, window: Window, workflow_ids: Sequence[str]) -> None:
        """Tell these incidents of a window as it is now; closed ones are passed over.

        Telling one twice is harmless. Raises EngineUnavailable.
        """
        await self._tell_all("maintenance_changed", MaintenanceChanged(window=window), workflow_ids)

    async def _tell_all(self, signal: str, news: InputPart, workflow_ids: Sequence[str]) -> None:
        client = await self.client()
        for workflow_id in workflow_ids:
            try:
                async with bounded(SEND_TIMEOUT):
                    handle = client.get_workflow_handle(workflow_id)
                    await handle.signal(signal, news, rpc_timeout=SEND_TIMEOUT)
            except NotFound:
                continue

    async def read_calendar(
        self, schedule: str, imports: CalendarImport, *, look_now: bool
    ) -> None:
        """The schedule's calendar is read from now on. Raises EngineUnavailable."""
        client = await self.client()
        await gateway_calendars.read_calendar(client, schedule, imports, look_now=look_now)

    async def start_cover(self, start: CoverStart) -> None:
        """A cover is asked for, or stands. Raises EngineUnavailable."""
        await gateway_shifts.start_cover(await self.client(), start)

    async def answer_cover(self, override: str, command: CoverCommand) -> CoverReply:
        """What a cover says to it; Refused, NotFound, Pending or EngineUnavailable."""
        return await gateway_shifts.answer_cover(await self.client(), override, command)

    async def follow_shifts(self, schedule: str, *, look_now: bool) -> None:
        """The shifts of a schedule are told from now on. Raises EngineUnavailable."""
        await gateway_shifts.follow_shifts(await self.client(), schedule, look_now=look_now)

    async def shifts_gone(self, schedule: str) -> None:
        """Whoever follows the schedule learns that it is gone. Raises EngineUnavailable."""
        await gateway_shifts.shifts_gone(await self.client(), schedule)

    async def start_drill(self, start: DrillStart) -> str:
        """The workflow id of a drill under way; EngineUnavailable."""
        return await gateway_drills.start_drill(await self.client(), start)

    async def keep_drill(self, wanted: DrillSchedule) -> None:
        """A drill runs by itself from now on. Raises EngineUnavailable."""
        await gateway_drills.keep_schedule(await self.client(), wanted)

    async def drop_drill(self, playbook: str) -> None:
        """A drill no longer runs by itself. Raises EngineUnavailable."""
        await gateway_drills.drop_schedule(await self.client(), playbook)

    async def drill_schedules(self) -> tuple[ScheduleSeen, ...]:
        """The drills that the engine runs by itself. Raises EngineUnavailable."""
        return await gateway_drills.schedules(await self.client())

    async def start_trial(self, workflow_id: str, trial: Trial) -> None:
        """A test page under this id; a repeat sends no other. Raises EngineUnavailable."""
        await start_trial(await self.client(), workflow_id, trial)

    async def trial_report(self, workflow_id: str) -> TrialReport | None:
        """How the test page went, None while under way; NotFound, EngineUnavailable."""
        return await trial_report(await self.client(), workflow_id)

    async def is_reachable(self) -> bool:
        """Whether the engine answers now."""
        client = await self.client()
        try:
            async with bounded(LOOK_TIMEOUT):
                return await client.service_client.check_health(timeout=LOOK_TIMEOUT)
        except (EngineUnavailable, NotFound):
            return False

    async def pollers(self) -> dict[str, int]:
        """Workers that lately polled each of our task queues; raises EngineUnavailable."""
        workflows = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
        activities = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
        return {
            INCIDENTS_QUEUE: await self._pollers_of(INCIDENTS_QUEUE, workflows),
            PAGING_QUEUE: await self._pollers_of(PAGING_QUEUE, activities),
            NOTICES_QUEUE: await self._pollers_of(NOTICES_QUEUE, activities),
            AUTOMATION_QUEUE: await self._pollers_of(AUTOMATION_QUEUE, activities),
            FACTS_QUEUE: await self._pollers_of(FACTS_QUEUE, activities),
        }

    async def _pollers_of(self, queue: str, kind: TaskQueueType.ValueType) -> int:
        client = await self.client()
        request = DescribeTaskQueueRequest(
            namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind
        )
        try:
            async with bounded(LOOK_TIMEOUT):
                answer = await client.workflow_service.describe_task_queue(
                    request, timeout=LOOK_TIMEOUT
                )
        except NotFound:
            return 0
        return len(answer.pollers)

    async def _start(
        self, workflow_id: str, start: IncidentInput, batch: AlertBatch | None = None
    ) -> bool:
        """Whether it was not running before; a batch goes with the start as a signal."""
        firing = [alert for alert in batch.alerts if alert.is_firing] if batch else []
        face = face_of(start, firing[0] if firing else None)
        client = await self.client()
        try:
            async with bounded(SEND_TIMEOUT):
                handle = await client.start_workflow(
                    start.plan.name,
                    start,
                    id=workflow_id,
                    task_queue=INCIDENTS_QUEUE,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    search_attributes=attributes_of(start, face),
                    static_summary=face.title,
                    static_details=details_of(start),
                    priority=priority_of(face),
                    start_signal="alerts" if batch else None,
                    start_signal_args=[batch] if batch else [],
                    rpc_timeout=SEND_TIMEOUT,
                )
        except NotFound as error:  # a start needs no workflow: something else is missing
            raise EngineUnavailable(str(error), RETRY_AFTER_S) from error
        return _was_started(handle)


def _was_started(handle: WorkflowHandle[Any, Any]) -> bool:
    """Whether a start, with or without signal, began a run rather than finding one.

    The handle's first run id says so on today's servers only; the answer itself says it
    on all, and the SDK keeps it in a private place.
    """
    answer = getattr(handle, "_start_workflow_response", None)
    if answer is None:
        return handle.first_execution_run_id is not None
    return bool(answer.started)
