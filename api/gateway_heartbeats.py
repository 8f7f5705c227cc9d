"""Heartbeats at the engine: a beat is a signal, with start if need be.

Decides how long the engine may take. A beat that was answered is durable, and judged by
the moment at which it came here.
"""

import asyncio
from collections.abc import Iterable
from typing import Protocol

from temporalio.client import (  # noqa: TID251 - part of the gateway
    Client,
    WorkflowQueryFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from api.gateway import LOOK_TIMEOUT, SEND_TIMEOUT
from api.gateway_connection import bounded
from api.gateway_errors import EngineUnavailable, NotFound
from api.limits import RETRY_AFTER_S
from domain.heartbeat import Beat, Heartbeat, workflow_id_of
from workflows.heartbeat import HeartbeatWorkflow
from workflows.options import INCIDENTS_QUEUE

ASKED_AT_ONCE = 10
"""Queries in flight for a list."""

Looked = Heartbeat | EngineUnavailable | None


class HasClient(Protocol):
    """What owns the one connection to the engine."""

    async def client(self) -> Client:
        """The connection."""


class HeartbeatGateway:
    """Beats and looks at heartbeats over another gateway's connection."""

    def __init__(self, gateway: HasClient) -> None:
        self._gateway = gateway

    async def beat(self, name: str, beat: Beat) -> None:
        """The beat is durable when this returns. Raises EngineUnavailable."""
        client = await self._gateway.client()
        start = Heartbeat(name=name, last_at=beat.at, missing_after=beat.missing_after)
        try:
            async with bounded(SEND_TIMEOUT):
                await client.start_workflow(
                    HeartbeatWorkflow.run,
                    start,
                    id=workflow_id_of(name),
                    task_queue=INCIDENTS_QUEUE,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    static_summary=f"Heartbeat {name}",
                    start_signal="beat",
                    start_signal_args=[beat],
                    rpc_timeout=SEND_TIMEOUT,
                )
        except NotFound as error:  # a start needs no workflow: something else is missing
            raise EngineUnavailable(str(error), RETRY_AFTER_S) from error

    async def look(self, names: Iterable[str]) -> dict[str, Looked]:
        """Each heartbeat as its workflow has it; None if it never beat.

        Where no worker answers, the error says so.
        """
        client = await self._gateway.client()
        turns = asyncio.Semaphore(ASKED_AT_ONCE)
        asked = list(names)
        seen = await asyncio.gather(*(_look(client, name, turns) for name in asked))
        return dict(zip(asked, seen, strict=True))


async def _look(client: Client, name: str, turns: asyncio.Semaphore) -> Looked:
    handle = client.get_workflow_handle_for(HeartbeatWorkflow.run, workflow_id_of(name))
    try:
        async with turns, bounded(LOOK_TIMEOUT):
            return await handle.query(HeartbeatWorkflow.on_view, rpc_timeout=LOOK_TIMEOUT)
    except NotFound:
        return None
    except EngineUnavailable as error:
        return error
    except WorkflowQueryFailedError as error:
        return EngineUnavailable(str(error))
