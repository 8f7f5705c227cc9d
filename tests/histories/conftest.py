"""The two stages that recorded stories play on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from tests.receivers import MailReceiver, WebhookReceiver
from tests.stage import Stage, open_stage, shipped
from tests.workflows.conftest import a_roster


@pytest.fixture
async def small_stage(
    temporal_client: Client, hooks: WebhookReceiver, mailbox: MailReceiver, tmp_path: Path
) -> AsyncIterator[Stage]:
    """A real engine and real workers around the small roster."""
    receivers = (hooks, mailbox)
    how = {"bundle_window_s": 60}
    async with open_stage(temporal_client, a_roster(), receivers, tmp_path, **how) as stage:
        yield stage


@pytest.fixture
async def shipped_stage(
    temporal_client: Client, hooks: WebhookReceiver, mailbox: MailReceiver, tmp_path: Path
) -> AsyncIterator[Stage]:
    """A real engine and real workers around the shipped roster and playbooks."""
    compiled = shipped()
    async with open_stage(temporal_client, compiled.roster, (hooks, mailbox), tmp_path) as stage:
        stage.plans.update(compiled.plans)
        yield stage
