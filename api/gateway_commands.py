"""Commands as updates, a few at a time for each incident, with a signal to fall back on.

Decides when to stop waiting for a worker. A command carries a request id, so the update
and the signal that follows it are one command to the incident.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio.client import (  # noqa: TID251 - part of the gateway
    Client,
    RPCError,
    RPCStatusCode,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError

from api.gateway_connection import bounded, translated
from api.gateway_errors import Pending, Refused
from api.limits import UPDATES_AT_ONCE
from domain.incident.commands import Answer, Command

COMMAND_TIMEOUT = timedelta(seconds=5)
"""How long a person waits for a worker before the command goes as a signal."""

SIGNAL_TIMEOUT = timedelta(seconds=4)

_NO_ROOM = (RPCStatusCode.RESOURCE_EXHAUSTED, RPCStatusCode.FAILED_PRECONDITION)
"""Too many updates in flight, or in this run: a signal still gets through."""

_RUN_ENDING = "unexpected workflow task failure"
"""A run that continues as new while the update arrives; the next run takes it."""

_LOST_UPDATE = "AcceptedUpdateCompletedWorkflow"


class Commands:
    """Sends commands; remembers only which incidents have some in flight."""

    def __init__(self, timeout: timedelta = COMMAND_TIMEOUT) -> None:
        self._timeout = timeout
        self._slots: dict[str, asyncio.Semaphore] = {}
        self._users: dict[str, int] = {}

    async def send(self, client: Client, workflow_id: str, command: Command) -> Answer:
        """The incident's answer; raises Refused, NotFound, Pending or EngineUnavailable."""
        answer = await self._answer_in_time(client, workflow_id, command)
        if answer is not None:
            return answer
        async with bounded(SIGNAL_TIMEOUT):
            handle = client.get_workflow_handle(workflow_id)
            await handle.signal(command.kind, command, rpc_timeout=SIGNAL_TIMEOUT)
        raise Pending("No worker answered; the command is kept and applied when one returns.")

    async def _answer_in_time(
        self, client: Client, workflow_id: str, command: Command
    ) -> Answer | None:
        """The answer, or None where none came while a person would wait."""
        try:
            async with asyncio.timeout(self._timeout.total_seconds()), self._slot(workflow_id):
                return await self._update(client, workflow_id, command)
        except TimeoutError:
            return None

    async def _update(
        self, client: Client, workflow_id: str, command: Command, tries: int = 3
    ) -> Answer | None:
        handle = client.get_workflow_handle(workflow_id)
        try:
            with translated(passing=_NO_ROOM):  # its time-out means "no worker", not "no engine"
                answer: Answer = await handle.execute_update(
                    command.kind,
                    command,
                    id=command.request_id,
                    result_type=Answer,
                    rpc_timeout=self._timeout,
                )
        except WorkflowUpdateFailedError as error:
            _raise_refused(error)
            return None
        except WorkflowUpdateRPCTimeoutOrCancelledError:
            _raise_if_cancelled()
            return None
        except RPCError as error:  # no room for another update, or the run is just ending
            if tries > 1 and _RUN_ENDING in error.message:
                return await self._update(client, workflow_id, command, tries - 1)
            return None
        return answer

    @asynccontextmanager
    async def _slot(self, workflow_id: str) -> AsyncIterator[None]:
        """One of the few updates that may be in flight for this incident."""
        slot = self._slots.setdefault(workflow_id, asyncio.Semaphore(UPDATES_AT_ONCE))
        self._users[workflow_id] = self._users.get(workflow_id, 0) + 1
        try:
            async with slot:
                yield
        finally:
            self._users[workflow_id] -= 1
            if not self._users[workflow_id]:
                del self._users[workflow_id], self._slots[workflow_id]


def _raise_refused(error: WorkflowUpdateFailedError) -> None:
    """Raise Refused with the incident's sentence; return where the run ended in between."""
    cause = error.cause
    if isinstance(cause, ApplicationError):
        if cause.type == _LOST_UPDATE:
            return
        raise Refused(cause.message, is_input=cause.type == "input") from error
    raise Refused(str(cause)) from error


def _raise_if_cancelled() -> None:
    """The SDK turns a cancellation into its own time-out; give it its meaning back."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
