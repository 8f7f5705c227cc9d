"""What the ledger is told, and what a run that starts over asks for."""

from collections.abc import Callable

from temporalio import activity

from domain.incident.input import RecordBatch, Successor, SuccessorRequest
from domain.plan import Plan
from ledger.store import Ledger
from ledger.writer import Writer

PlanNamed = Callable[[str], Plan | None]
"""The newest good plan of a playbook, or None if the catalog has none of that name."""


class RecordActivities:
    """Writes to the ledger, several incidents in one transaction when there are many."""

    def __init__(self, writer: Writer, plan_named: PlanNamed) -> None:
        self._writer = writer
        self._plan_named = plan_named

    @activity.defn
    async def record(self, batch: RecordBatch) -> None:
        """Write a view and its timeline entries. Idempotent by reference and seq."""
        await self._writer.write(lambda ledger: ledger.record(batch.view, batch.entries))

    @activity.defn
    async def prepare_successor(self, request: SuccessorRequest) -> Successor:
        """The newest plan, or the one given if the catalog has lost it, and a new reference.

        A repeat gives another reference; the one of an attempt that was lost is never used.
        """
        plan = self._plan_named(request.playbook) or request.plan
        reference = await self._writer.read(Ledger.new_reference)
        return Successor(plan=plan, reference=reference)
