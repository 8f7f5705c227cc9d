"""Telling the ledger what happened, in order, one batch at a time.

Decides how entries gather while a batch is on its way. The ledger may be down for
hours: the incident goes on and its record catches up.
"""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ActivityError

from domain.incident.input import RecordBatch
from domain.incident.view import IncidentView, TimelineEntry
from workflows.options import INCIDENTS_QUEUE, RECORD_RETRY, RECORD_TIMEOUT
from workflows.tasks import Tasks

with workflow.unsafe.imports_passed_through():
    from activities.record import RecordActivities

BATCH = 200
"""Entries in one batch."""

ALERTS_RECORDED = 20
"""Alerts in the recorded view; the ledger has the text of each besides."""


class Recorder:
    """The entries that the ledger does not have yet."""

    def __init__(self, tasks: Tasks) -> None:
        """Start with nothing to tell."""
        self._tasks = tasks
        self.entries: list[TimelineEntry] = []
        self._running: asyncio.Task[None] | None = None
        self.is_draining = False

    def add(self, entries: tuple[TimelineEntry, ...]) -> None:
        """Queue entries."""
        self.entries.extend(entries)

    @property
    def is_running(self) -> bool:
        """Whether a batch is on its way."""
        return self._running is not None

    def start(self, view: IncidentView) -> None:
        """Send what has gathered, unless a batch is on its way."""
        if self.is_draining or self._running is not None or not self.entries:
            return
        self._running = self._tasks.start(self._send(view, tuple(self.entries[:BATCH])))

    def drain(self) -> None:
        """Stop, keeping what has not been confirmed; writing twice does no harm."""
        self.is_draining = True
        if self._running is not None:
            self._running.cancel()

    async def _send(self, view: IncidentView, entries: tuple[TimelineEntry, ...]) -> None:
        batch = RecordBatch(
            view=_recorded(view).model_dump(mode="json"),
            entries=tuple(entry.model_dump(mode="json") for entry in entries),
        )
        try:
            await workflow.execute_activity_method(
                RecordActivities.record,
                batch,
                task_queue=INCIDENTS_QUEUE,
                start_to_close_timeout=RECORD_TIMEOUT,
                retry_policy=RECORD_RETRY,
                summary=_summary(entries),
            )
            del self.entries[: len(entries)]
        except (ActivityError, asyncio.CancelledError):
            pass  # kept in `entries`: the next batch, or the next run, sends them again
        self._running = None


def _recorded(view: IncidentView) -> IncidentView:
    """The view without what the ledger has elsewhere or would make every history long."""
    return view.model_copy(
        update={
            "latest": (),
            "alert_list": view.alert_list[:ALERTS_RECORDED],
            "steps": tuple(step.model_copy(update={"text": ""}) for step in view.steps),
        }
    )


def _summary(entries: tuple[TimelineEntry, ...]) -> str:
    first = entries[0].text
    more = f" (+{len(entries) - 1} more)" if len(entries) > 1 else ""
    return f"{first[:120]}{more}"
