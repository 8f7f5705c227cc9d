"""Test pages as the engine runs them: started once, and looked at until they end.

Decides how long a test may run, and what its state means to whoever asked for it.
"""

from datetime import timedelta

from temporalio.client import (  # noqa: TID251 - part of the gateway
    Client,
    WorkflowExecutionStatus,
    WorkflowFailureError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from api.gateway_connection import bounded
from domain.trial import Trial, TrialReport
from workflows.options import INCIDENTS_QUEUE, TRIAL_TIMEOUT
from workflows.trial_page import TrialPageWorkflow

CALL_TIMEOUT = timedelta(seconds=4)

NOT_CARRIED_OUT = "The test was not carried out in time: is a worker running?"


async def start_trial(client: Client, workflow_id: str, trial: Trial) -> None:
    """The test runs, or has run, under this id; a repeat starts no other.

    Raises EngineUnavailable.
    """
    async with bounded(CALL_TIMEOUT):
        try:
            await client.start_workflow(
                TrialPageWorkflow.run,
                trial,
                id=workflow_id,
                task_queue=INCIDENTS_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                execution_timeout=TRIAL_TIMEOUT,
                static_summary=f"Test page to {trial.person_name}",
                rpc_timeout=CALL_TIMEOUT,
            )
        except WorkflowAlreadyStartedError:
            return


async def trial_report(client: Client, workflow_id: str) -> TrialReport | None:
    """How the test went, None while it runs or where it was never finished.

    Raises NotFound where there is no such test, and EngineUnavailable.
    """
    handle = client.get_workflow_handle_for(TrialPageWorkflow.run, workflow_id)
    async with bounded(CALL_TIMEOUT):
        described = await handle.describe(rpc_timeout=CALL_TIMEOUT)
        if described.status is WorkflowExecutionStatus.RUNNING:
            return None
        try:
            return await handle.result(rpc_timeout=CALL_TIMEOUT)
        except WorkflowFailureError:
            return TrialReport(person="", lines=(), note=NOT_CARRIED_OUT)
