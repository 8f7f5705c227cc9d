"""What tests of gateway and intake share: builders, an engine, a recording worker."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from cli.engine.server import extra_arguments, find_engine
from domain.alert import Alert, AlertStatus
from domain.incident.input import AlertBatch
from domain.plan import (
    AlertTrigger,
    Dedup,
    Escalation,
    Exhausted,
    HandoffPlan,
    Plan,
    ResolvePlan,
)
from domain.severity import PerSeverity
from settings import Settings
from tests.api.recording_workflow import RecordingWorkflow
from workflows.options import INCIDENTS_QUEUE

FIVE = PerSeverity[timedelta | None].same(timedelta(minutes=5))
NEVER = PerSeverity[timedelta | None].same(None)


def a_plan(name: str = "payment_api", when: str | None = None, **fields: Any) -> Plan:
    """A playbook for alerts labelled `alertname: <name>`; `when` is its condition."""
    given: dict[str, Any] = {
        "name": name,
        "owner": "team:payments",
        "triggers": (AlertTrigger(match={"alertname": (name,)}, when=when),),
        "dedup": Dedup(),
        "escalation": Escalation(
            levels=(("user:ann",),),
            ack_within=FIVE,
            repeat=PerSeverity[int].same(1),
            exhausted=Exhausted(again_every=NEVER),
            ack_expires=NEVER,
        ),
        "roles": {},
        "handoff": HandoffPlan(max_shift=NEVER),
        "resolve": ResolvePlan(confirm=PerSeverity[str].same("nobody")),
    }
    return Plan.model_validate(given | fields)


def an_alert(fingerprint: str = "f1", *, resolved: bool = False, **labels: str) -> Alert:
    return Alert(
        source="alertmanager",
        fingerprint=fingerprint,
        status=AlertStatus.RESOLVED if resolved else AlertStatus.FIRING,
        labels={"alertname": "payment_api"} | labels,
        summary="Payment API error ratio 12.4 %",
    )


def a_batch(*alerts: Alert) -> AlertBatch:
    return AlertBatch(batch_id=uuid4().hex, alerts=alerts or (an_alert(),))


@contextlib.asynccontextmanager
async def an_engine() -> AsyncIterator[WorkflowEnvironment]:
    """A server of the module's own: its worker answers on the queue of real incidents."""
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(find_engine(Settings(), print)),
        dev_server_log_level="error",
        dev_server_extra_args=extra_arguments(),
        data_converter=pydantic_data_converter,
    )
    try:
        yield environment
    finally:
        await environment.shutdown()


def a_recorder(client: Client) -> Worker:
    """A worker that records what incidents are sent."""
    return Worker(
        client,
        task_queue=INCIDENTS_QUEUE,
        workflows=[RecordingWorkflow],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )


async def seen(client: Client, workflow_id: str) -> list[str]:
    """The fingerprints that reached a recording incident, in order."""
    found: list[str] = await client.get_workflow_handle(workflow_id).query("seen")
    return found


async def told(client: Client, workflow_id: str) -> list[str]:
    """The request ids and departures that reached a recording incident."""
    found: list[str] = await client.get_workflow_handle(workflow_id).query("told")
    return found
