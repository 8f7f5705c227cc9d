"""Starts and tells the workflows about people's time: covers, and shifts of schedules.

Decides their ids, `cover-<override>` and `shifts-<schedule>`: an override is asked for
by one workflow, a schedule followed by one, however many processes of ours there are.
"""

import asyncio
from datetime import timedelta

from temporalio.client import (  # noqa: TID251 - part of the gateway
    Client,
    RPCError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError

from api.gateway_connection import bounded, is_missing_workflow
from api.gateway_errors import EngineUnavailable, NotFound, Pending, Refused
from api.limits import RETRY_AFTER_S
from domain.cover import CoverCommand, CoverReply, CoverStart
from domain.shifts import ShiftsStart
from workflows.cover import CoverWorkflow
from workflows.options import INCIDENTS_QUEUE
from workflows.shifts import ShiftsWorkflow

CALL_TIMEOUT = timedelta(seconds=4)

ANSWER_TIMEOUT = timedelta(seconds=5)
"""How long a person waits for a worker before the answer goes as a signal."""


def cover_id(override: str) -> str:
    """The id of the workflow of this override."""
    return f"cover-{override}"


def shifts_id(schedule: str) -> str:
    """The id of the workflow that follows this schedule."""
    return f"shifts-{schedule}"


async def start_cover(client: Client, start: CoverStart) -> None:
    """The cover is asked for, or stands, from now on; a repeat starts no other.

    Raises EngineUnavailable.
    """
    try:
        async with bounded(CALL_TIMEOUT):
            await client.start_workflow(
                CoverWorkflow.run,
                start,
                id=cover_id(start.override),
                task_queue=INCIDENTS_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary=f"{start.person_name} covers {start.schedule} {start.when}",
                rpc_timeout=CALL_TIMEOUT,
            )
    except WorkflowAlreadyStartedError:
        return
    except NotFound as error:  # a start needs no workflow: something else is missing
        raise EngineUnavailable(str(error), RETRY_AFTER_S) from error


async def answer_cover(client: Client, override: str, command: CoverCommand) -> CoverReply:
    """What the cover says to it. Raises Refused, NotFound, Pending or EngineUnavailable.

    Pending means that no worker answered and it is a durable signal now.
    """
    handle = client.get_workflow_handle_for(CoverWorkflow.run, cover_id(override))
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT.total_seconds()):
            return await handle.execute_update(
                CoverWorkflow.answer, command, id=command.request_id, rpc_timeout=ANSWER_TIMEOUT
            )
    except WorkflowUpdateFailedError as error:
        cause = error.cause
        text = cause.message if isinstance(cause, ApplicationError) else str(cause)
        raise Refused(text) from error
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
        pass
    except RPCError as error:
        if is_missing_workflow(error):
            raise NotFound(error.message) from error
    async with bounded(CALL_TIMEOUT):
        await handle.signal(CoverWorkflow.answer_later, command, rpc_timeout=CALL_TIMEOUT)
    raise Pending("No worker answered; the answer is kept and applied when one returns.")


async def follow_shifts(client: Client, schedule: str, *, look_now: bool) -> None:
    """The schedule's shifts are followed from now on; `look_now` where they may be others.

    Without it a schedule that is followed already notices nothing. Raises EngineUnavailable.
    """
    try:
        async with bounded(CALL_TIMEOUT):
            await client.start_workflow(
                ShiftsWorkflow.run,
                ShiftsStart(schedule=schedule),
                id=shifts_id(schedule),
                task_queue=INCIDENTS_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary=f"Shifts of {schedule}",
                start_signal="roster_changed" if look_now else None,
                rpc_timeout=CALL_TIMEOUT,
            )
    except NotFound as error:
        raise EngineUnavailable(str(error), RETRY_AFTER_S) from error


async def shifts_gone(client: Client, schedule: str) -> None:
    """Whoever follows the schedule looks at it now; nobody need. Raises EngineUnavailable."""
    handle = client.get_workflow_handle_for(ShiftsWorkflow.run, shifts_id(schedule))
    try:
        async with bounded(CALL_TIMEOUT):
            await handle.signal(ShiftsWorkflow.roster_changed, rpc_timeout=CALL_TIMEOUT)
    except NotFound:
        return
