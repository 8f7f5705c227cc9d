"""Background tasks of a workflow whose errors are never lost.

Decides that an error in a timer's or an activity's task fails the workflow task, as one
in `run()` does: it is visible in the UI and in metrics, retried, and gone once a fixed
worker takes over. Unwatched, the deadline would just be forgotten.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Tasks:
    """Starts tasks and remembers the first error of any of them."""

    def __init__(self) -> None:
        """No task yet."""
        self.error: BaseException | None = None

    def start(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run the coroutine in the background."""
        task = asyncio.create_task(coroutine)
        task.add_done_callback(self._look_at)
        return task

    def _look_at(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self.error = self.error or error
