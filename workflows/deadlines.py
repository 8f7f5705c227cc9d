"""One durable timer for each named deadline of the state.

Decides when timers start and stop, so that the timeline in the Temporal UI reads
"Level 1: 5 min to acknowledge". What a deadline does is the reducer's.
"""

import asyncio
from collections.abc import Callable, Mapping

from temporalio import workflow

from domain.incident.state import Deadline
from workflows.clock import IncidentClock
from workflows.tasks import Tasks


class Timers:
    """Keeps the running timers equal to the deadlines of the state."""

    def __init__(
        self, tasks: Tasks, clock: IncidentClock, on_due: Callable[[str, float], None]
    ) -> None:
        """`on_due` is told the name of a deadline and how late it fires, in real seconds."""
        self._tasks = tasks
        self._clock = clock
        self._on_due = on_due
        self._running: dict[str, tuple[Deadline, asyncio.Task[None]]] = {}

    def follow(self, deadlines: Mapping[str, Deadline]) -> None:
        """Start, move and stop timers; a stepped clock needs none."""
        for name in [name for name in self._running if name not in deadlines]:
            self._running.pop(name)[1].cancel()
        if self._clock.settings.stepped:
            return
        for name, deadline in deadlines.items():
            known = self._running.get(name)
            if known is not None and known[0].at == deadline.at:
                continue
            if known is not None:
                known[1].cancel()
            task = self._tasks.start(self._wait(name, deadline))
            self._running[name] = (deadline, task)

    def stop(self) -> None:
        """Stop every timer."""
        self.follow({})

    async def _wait(self, name: str, deadline: Deadline) -> None:
        delay = self._clock.real_delay(deadline.at)
        if delay:
            await workflow.sleep(delay, summary=deadline.summary)
        self._running.pop(name, None)
        self._on_due(name, self._clock.real_lateness_s(deadline.at))
