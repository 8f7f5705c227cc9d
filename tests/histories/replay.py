"""Replays every recorded history, as a program: each hash seed needs its own process.

`python -m tests.histories.replay` prints JSON: the file's name to "" or what failed.
"""

import asyncio
import json

from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from tests.histories.recording import FOLDER
from workflows.incident import IncidentWorkflow
from workflows.sandbox import workflow_runner

PATIENCE_S = 10.0


def recorded() -> dict[str, str]:
    """The file's name to its text."""
    return {file.name: file.read_text() for file in sorted(FOLDER.glob("*.json"))}


async def failure_of(name: str, text: str) -> str:
    """Why this history does not replay in the sandbox; empty if it does."""
    replayer = Replayer(
        workflows=[IncidentWorkflow],
        data_converter=pydantic_data_converter,
        workflow_runner=workflow_runner(sandboxed=True),
    )
    history = WorkflowHistory.from_json(name, text)
    try:
        async with asyncio.timeout(PATIENCE_S):
            result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    except TimeoutError:
        return "it never ends: the workflow waits for what the history does not have"
    return str(result.replay_failure or "")


async def failures() -> dict[str, str]:
    """What `failure_of` says of each recorded history."""
    return {name: await failure_of(name, text) for name, text in recorded().items()}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(failures())))  # noqa: T201
