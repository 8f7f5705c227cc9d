"""What follows when a new episode arrives after an incident's end: a fresh incident.

Decides what it starts with: the newest plan, a reference of its own, and the clock as it is.
"""

from datetime import datetime

from temporalio import workflow

from domain.incident.input import AlertBatch, IncidentInput, Successor, SuccessorRequest
from domain.plan import Plan
from workflows.options import INCIDENTS_QUEUE, LOOK_UP_RETRY, LOOK_UP_TIMEOUT

with workflow.unsafe.imports_passed_through():
    from activities.record import RecordActivities


async def prepare_successor(plan: Plan) -> Successor:
    """The newest plan of the playbook, and a fresh reference."""
    return await workflow.execute_activity_method(
        RecordActivities.prepare_successor,
        SuccessorRequest(playbook=plan.name, plan=plan),
        task_queue=INCIDENTS_QUEUE,
        start_to_close_timeout=LOOK_UP_TIMEOUT,
        retry_policy=LOOK_UP_RETRY,
        summary="A new episode: prepare a fresh incident",
    )


def fresh_start(
    before: IncidentInput, successor: Successor, batch: AlertBatch, now: datetime
) -> IncidentInput:
    """The input of the fresh incident, opened by this batch."""
    return IncidentInput(
        plan=successor.plan,
        reference=successor.reference,
        dedup_key=before.dedup_key,
        clock=before.clock.begun_at(now),
        simulate=before.simulate,
        drill=before.drill,
        people_are_real=before.people_are_real,
        first=batch,
        continue_as_new_after=before.continue_as_new_after,
    )
