"""Replays one history under the code as it is, in the sandbox, as a worker does."""

from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from workflows.registry import ALL_WORKFLOWS
from workflows.sandbox import workflow_runner


async def replayed(history: WorkflowHistory) -> None:
    """Raise if the code would do something else now."""
    replayer = Replayer(
        workflows=list(ALL_WORKFLOWS),
        workflow_runner=workflow_runner(sandboxed=True),
        data_converter=pydantic_data_converter,
    )
    await replayer.replay_workflow(history)
