"""The stage that stories play on."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from temporalio.client import Client

from tests.receivers import MailReceiver, WebhookReceiver
from tests.stage import Stage, open_stage, shipped, written

Write = Callable[[Mapping[str, str]], Awaitable[Stage]]
"""Sets the stage for playbooks that a story writes itself, by path."""


@pytest.fixture
async def stage(
    temporal_client: Client, hooks: WebhookReceiver, mailbox: MailReceiver, tmp_path: Path
) -> AsyncIterator[Stage]:
    """A real engine and real workers around the shipped roster."""
    compiled = shipped()
    async with open_stage(temporal_client, compiled.roster, (hooks, mailbox), tmp_path) as stage:
        stage.plans.update(compiled.plans)
        yield stage


@pytest.fixture
async def write(
    temporal_client: Client, hooks: WebhookReceiver, mailbox: MailReceiver, tmp_path: Path
) -> AsyncIterator[Write]:
    """A real engine and real workers around playbooks and a roster of the story's own."""
    import apprise

    apprise.Apprise.instantiate("json://127.0.0.1")  # loading its services takes a second
    async with AsyncExitStack() as stack:

        async def set_stage(folder: Mapping[str, str]) -> Stage:
            compiled = written(folder)
            opened = open_stage(temporal_client, compiled.roster, (hooks, mailbox), tmp_path)
            stage = await stack.enter_async_context(opened)
            stage.plans.update(compiled.plans)
            return stage

        yield set_stage
