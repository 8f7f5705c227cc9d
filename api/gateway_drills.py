"""Starts drills, and keeps one schedule of the engine for each playbook that wants one.

Decides the schedules' policy: a drill that still runs is not joined by the next, and one that
was missed while the engine was away is left out. A schedule that somebody has paused stays
paused. Everything may be asked twice, by several processes at once.
"""

from collections.abc import AsyncIterator
from datetime import timedelta

from temporalio.client import (  # noqa: TID251 - part of the gateway
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleDescription,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleState,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from api.gateway_connection import bounded
from api.gateway_errors import EngineUnavailable, NotFound
from api.limits import RETRY_AFTER_S
from domain.drill import Every
from domain.drill_run import DrillSchedule, DrillStart, ScheduleSeen, drill_id, schedule_id
from workflows.drill import DrillWorkflow
from workflows.options import INCIDENTS_QUEUE

CALL_TIMEOUT = timedelta(seconds=4)

CATCH_UP = timedelta(minutes=10)
"""A drill whose time passed while the engine was away still runs so late, and no later."""

NEXT_SHOWN = 3

_MEMO = "drill_of"


async def start_drill(client: Client, start: DrillStart) -> str:
    """The drill's workflow id; a repeat of the same reference starts no other.

    Raises EngineUnavailable.
    """
    named = drill_id(start.playbook, start.reference or "")
    try:
        async with bounded(CALL_TIMEOUT):
            await client.start_workflow(
                DrillWorkflow.run,
                start,
                id=named,
                task_queue=INCIDENTS_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary=f"Drill of {start.playbook}, started by {start.by_name or start.by}",
                rpc_timeout=CALL_TIMEOUT,
            )
    except WorkflowAlreadyStartedError:
        return named
    except NotFound as error:  # a start needs no workflow: something else is missing
        raise EngineUnavailable(str(error), RETRY_AFTER_S) from error
    return named


async def keep_schedule(client: Client, wanted: DrillSchedule) -> None:
    """The engine runs this drill as it is written from now on. Raises EngineUnavailable."""
    handle = client.get_schedule_handle(schedule_id(wanted.playbook))
    try:
        async with bounded(CALL_TIMEOUT):
            known = await handle.describe(rpc_timeout=CALL_TIMEOUT)
    except NotFound:
        await _create(client, wanted)
        return
    if await _says(client, known) == wanted.text:
        return

    def rewritten(given: ScheduleUpdateInput) -> ScheduleUpdate:
        state = given.description.schedule.state
        return ScheduleUpdate(schedule=_schedule(wanted, paused=state.paused))

    try:
        async with bounded(CALL_TIMEOUT):
            await handle.update(rewritten, rpc_timeout=CALL_TIMEOUT)
    except NotFound:  # another process has taken it away; whoever wants it asks again
        return


async def _create(client: Client, wanted: DrillSchedule) -> None:
    try:
        async with bounded(CALL_TIMEOUT):
            await client.create_schedule(
                schedule_id(wanted.playbook),
                _schedule(wanted),
                memo={_MEMO: wanted.playbook},
                rpc_timeout=CALL_TIMEOUT,
            )
    except ScheduleAlreadyRunningError:  # another process was faster
        return
    except NotFound as error:
        raise EngineUnavailable(str(error), RETRY_AFTER_S) from error


def _schedule(wanted: DrillSchedule, *, paused: bool = False) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            DrillWorkflow.run,
            DrillStart(playbook=wanted.playbook, scheduled=wanted.text),
            id=schedule_id(wanted.playbook),
            task_queue=INCIDENTS_QUEUE,
            static_summary=f"Drill of {wanted.playbook}, by itself",
        ),
        spec=_spec(wanted.every),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCH_UP),
        state=ScheduleState(note=f"Drill of {wanted.playbook}: {wanted.text}", paused=paused),
    )


def _spec(every: Every) -> ScheduleSpec:
    if every.cron is not None:
        return ScheduleSpec(cron_expressions=[every.cron], time_zone_name=every.tz)
    interval = every.interval or timedelta(days=1)
    return ScheduleSpec(intervals=[ScheduleIntervalSpec(every=interval)])


async def _says(client: Client, known: ScheduleDescription) -> str | None:
    """What the schedule was made from; None if it is not one of ours."""
    action = known.schedule.action
    if not isinstance(action, ScheduleActionStartWorkflow):
        return None
    try:
        [start] = await client.data_converter.decode(list(action.args), [DrillStart])
    except (ValueError, TypeError, RuntimeError):  # written by other hands, or another version
        return None
    return str(start.scheduled)


async def drop_schedule(client: Client, playbook: str) -> None:
    """The engine no longer runs this drill by itself. Raises EngineUnavailable."""
    handle = client.get_schedule_handle(schedule_id(playbook))
    try:
        async with bounded(CALL_TIMEOUT):
            await handle.delete(rpc_timeout=CALL_TIMEOUT)
    except NotFound:
        return


async def schedules(client: Client) -> tuple[ScheduleSeen, ...]:
    """Every schedule of a drill that the engine has. Raises EngineUnavailable."""
    try:
        async with bounded(CALL_TIMEOUT):
            return tuple([each async for each in _seen(client)])
    except NotFound as error:
        raise EngineUnavailable(str(error), RETRY_AFTER_S) from error


async def _seen(client: Client) -> AsyncIterator[ScheduleSeen]:
    async for each in await client.list_schedules(rpc_timeout=CALL_TIMEOUT):
        playbook = (await each.memo()).get(_MEMO)
        if playbook is None:
            continue
        coming = each.info.next_action_times[:NEXT_SHOWN] if each.info else []
        yield ScheduleSeen(
            playbook=str(playbook),
            next=tuple(moment.isoformat() for moment in coming),
            is_paused=bool(each.schedule and each.schedule.state.paused),
        )
