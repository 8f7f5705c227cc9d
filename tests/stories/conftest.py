"""The stage that stories play on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from tests.receivers import MailReceiver, WebhookReceiver
from tests.stage import Stage, open_stage, shipped


@pytest.fixture
async def stage(
    temporal_client: Client, hooks: WebhookReceiver, mailbox: MailReceiver, tmp_path: Path
) -> AsyncIterator[Stage]:
    """A real engine and real workers around the shipped roster."""
    compiled = shipped()
    async with open_stage(temporal_client, compiled.roster, (hooks, mailbox), tmp_path) as stage:
        stage.plans.update(compiled.plans)
        yield stage
