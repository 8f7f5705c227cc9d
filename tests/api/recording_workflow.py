"""A stand-in for the incident workflow that writes down what it is sent."""

from collections.abc import Sequence
from datetime import UTC, datetime

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from domain.incident.commands import Acknowledge, Answer, Note
from domain.incident.input import (
    AlertBatch,
    IncidentInput,
    MaintenanceChanged,
    RosterChanged,
)
from domain.incident.view import IncidentView, Phase
from domain.maintenance import Window
from domain.severity import Severity


@workflow.defn(dynamic=True)
class RecordingWorkflow:
    """Runs until the signal `finish`; batches, commands and news are kept in order."""

    @workflow.init
    def __init__(self, args: Sequence[RawValue]) -> None:
        self.start = workflow.payload_converter().from_payload(args[0].payload, IncidentInput)
        self.batches: list[AlertBatch] = []
        self.commands: list[str] = []
        self.gone: list[str] = []
        self.windows: list[Window] = []
        self.finished = False

    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> str:
        """The reference, once finished."""
        await workflow.wait_condition(lambda: self.finished)
        return self.start.reference

    @workflow.signal
    def alerts(self, batch: AlertBatch) -> None:
        """Keep a batch, each id once."""
        if batch.batch_id not in {known.batch_id for known in self.batches}:
            self.batches.append(batch)

    @workflow.signal
    def roster_changed(self, news: RosterChanged) -> None:
        """Keep who is gone."""
        self.gone += news.gone

    @workflow.signal
    def maintenance_changed(self, change: MaintenanceChanged) -> None:
        """Keep a window as it is now."""
        self.windows.append(change.window)

    @workflow.signal(name="acknowledge")
    def acknowledge_later(self, command: Acknowledge) -> None:
        """Keep a command that came as the durable fallback."""
        self._keep(command)

    @workflow.signal
    def finish(self) -> None:
        """End the run."""
        self.finished = True

    @workflow.update
    async def acknowledge(self, command: Acknowledge) -> Answer:
        """Keep a command."""
        self._keep(command)
        return Answer(sentence=f"Acknowledged by {command.who}.")

    @workflow.update
    async def note(self, command: Note) -> Answer:
        """Refuse every note."""
        raise ApplicationError(f"No notes, {command.who}.", non_retryable=True)

    @workflow.query
    def seen(self) -> list[str]:
        """Fingerprints in the order in which they came."""
        return [alert.fingerprint for batch in self.batches for alert in batch.alerts]

    @workflow.query
    def sizes(self) -> list[int]:
        """How many alerts each batch had."""
        return [len(batch.alerts) for batch in self.batches]

    @workflow.query
    def told(self) -> list[str]:
        """Request ids of commands, then who is gone."""
        return self.commands + self.gone

    @workflow.query
    def maintenance(self) -> list[Window]:
        """Windows that came with alerts, then those that were changed."""
        came = [window for batch in self.batches for window in batch.maintenance]
        return came + self.windows

    @workflow.query
    def view(self) -> IncidentView:
        """A small but whole view."""
        return IncidentView(
            id=workflow.info().workflow_id,
            reference=self.start.reference,
            playbook=self.start.plan.name,
            playbook_version=1,
            plan_sha256="",
            title="",
            severity=Severity.SEV3,
            phase=Phase.TRIGGERED,
            owner=self.start.plan.owner,
            opened_at=datetime(2026, 1, 1, tzinfo=UTC),
            updated_at=datetime(2026, 1, 1, tzinfo=UTC),
        )

    def _keep(self, command: Acknowledge) -> None:
        if command.request_id not in self.commands:
            self.commands.append(command.request_id)
