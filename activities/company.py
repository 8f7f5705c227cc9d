"""Whether other processes send pages too, as the engine saw lately.

Decides how old that knowledge may be. A worker that pages alone knows by itself whom it
has just paged, so its first page to somebody need not wait for the claim; with company,
or in doubt, it does.
"""

import asyncio
import time
from datetime import timedelta

import structlog
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.service import RPCError, ServiceClient

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 5.0
"""A worker that has just started is overlooked for so long; then one message more may
reach somebody in the first second of a storm."""

KNOWN_FOR_S = 12.0
"""Two looks may fail before it counts as doubt."""

LOOK_TIMEOUT = timedelta(seconds=3)


class Company:
    """What one worker process knows of the others on its task queue."""

    def __init__(self, queue: str, identity: str) -> None:
        """`identity` is this process's own, as its pollers give it to the engine."""
        self._queue = queue
        self._identity = identity
        self._alone_at: float | None = None

    def is_alone(self) -> bool:
        """Whether nobody else polled the queue when the engine was last asked, lately."""
        return self._alone_at is not None and time.monotonic() - self._alone_at < KNOWN_FOR_S

    async def watch(self, service: ServiceClient, namespace: str) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self.look(service, namespace)
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self, service: ServiceClient, namespace: str) -> None:
        """Ask the engine once; one that does not answer leaves the doubt."""
        request = DescribeTaskQueueRequest(
            namespace=namespace,
            task_queue=TaskQueue(name=self._queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
        )
        try:
            answer = await service.workflow_service.describe_task_queue(
                request, timeout=LOOK_TIMEOUT
            )
        except RPCError as error:
            log.debug("company unknown", queue=self._queue, reason=str(error))
            return
        others = {poller.identity for poller in answer.pollers} - {self._identity}
        self._alone_at = None if others or not answer.pollers else time.monotonic()
