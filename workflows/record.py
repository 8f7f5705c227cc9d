"""Telling the ledger what happened, in order, one batch at a time.

Decides how entries gather while a batch is on its way, and that a batch is written within
the workflow task: that costs the engine nothing, and no history holds the document. The
ledger may be down for hours: then a batch is an activity, retried for ever in sight, and
the incident goes on and its record catches up.
"""

import asyncio
from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

from domain.incident.input import RecordBatch
from domain.incident.view import IncidentView, TimelineEntry
from workflows.options import (
    INCIDENTS_QUEUE,
    ONCE_AT_HAND,
    RECORD_AT_HAND,
    RECORD_HELD,
    RECORD_RETRY,
    RECORD_TIMEOUT,
)
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
        self._since: datetime | None = None
        self._at_hand = True
        self.is_draining = False

    def add(self, entries: tuple[TimelineEntry, ...]) -> None:
        """Queue entries."""
        if entries and not self.entries:
            self._since = workflow.now()
        self.entries.extend(entries)

    def may_start(self, *, something_urgent: bool) -> bool:
        """Whether there is something to write now; what is urgent goes first, for a while.

        A write within the workflow task holds back what the task wants sent.
        """
        if not self.entries or self.is_running:
            return False
        held = self._since is not None and workflow.now() - self._since < RECORD_HELD
        return not (something_urgent and held)

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
            await self._write(batch, _summary(entries))
            del self.entries[: len(entries)]
            self._since = workflow.now()
        except (FailureError, asyncio.CancelledError):
            pass  # kept in `entries`: the next batch, or the next run, sends them again
        self._running = None

    async def _write(self, batch: RecordBatch, summary: str) -> None:
        """Write within the task while the ledger answers, else by a retried activity."""
        if self._at_hand:
            try:
                await workflow.execute_local_activity_method(
                    RecordActivities.record,
                    batch,
                    start_to_close_timeout=RECORD_AT_HAND,
                    schedule_to_close_timeout=RECORD_AT_HAND,
                    retry_policy=ONCE_AT_HAND,
                    summary=summary,
                )
            except FailureError as error:
                if is_cancelled_exception(error):
                    raise
                self._at_hand = False
            else:
                return
        await workflow.execute_activity_method(
            RecordActivities.record,
            batch,
            task_queue=INCIDENTS_QUEUE,
            start_to_close_timeout=RECORD_TIMEOUT,
            retry_policy=RECORD_RETRY,
            summary=summary,
        )
        self._at_hand = True


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
