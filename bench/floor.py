"""The floor as a caller and a worker process see it; its workflow is `bench.floor_workflow`."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

import httpx
from temporalio.client import Client, WorkflowHandle  # noqa: TID251 - the floor has no gateway
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

from bench.floor_activities import FloorAlert, FloorPager, on_call
from bench.floor_workflow import FloorWorkflow
from settings import Settings
from workflows.sandbox import workflow_runner

QUEUE = "bench-floor"


class Floor:
    """What a caller does: start with a signal, then signals; no API in between."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def fire(self, workflow_id: str, key: str) -> WorkflowHandle[FloorWorkflow, int]:
        """The workflow of this id, started if need be; the alert is durable."""
        alert = FloorAlert(key=key, summary=key)
        return await self._client.start_workflow(
            FloorWorkflow.run,
            id=workflow_id,
            task_queue=QUEUE,
            start_signal="alert",
            start_signal_args=[alert],
        )


async def serve(settings: Settings) -> None:
    """Run the floor's worker until SIGTERM."""
    address = f"127.0.0.1:{settings.temporal_port}"
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(limits=limits) as http:
        activities: list[Callable[..., Awaitable[str]]] = [on_call, FloorPager(http).page]
        async with Worker(
            client,
            task_queue=QUEUE,
            workflows=[FloorWorkflow],
            activities=activities,
            workflow_runner=workflow_runner(sandboxed=settings.sandboxed),
        ):
            (settings.data_dir / "run" / "floor.ready").write_text(str(os.getpid()))
            await stop.wait()
