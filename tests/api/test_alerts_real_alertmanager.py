"""A real Alertmanager's webhook, PagerDuty and Opsgenie clients are understood."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import uvicorn
from temporalio.client import Client

from ledger import Ledger
from tests.alertmanager import running_alertmanager, tell
from tests.api.intake_api import KEY, Api, an_api
from tests.api.intake_setup import a_recorder, an_engine, seen
from tests.receivers import free_port

pytestmark = [pytest.mark.engine, pytest.mark.alertmanager]

LABELS = {"alertname": "PaymentApi5xx", "service": "payments-api", "severity": "critical"}


@pytest.fixture
async def recorder() -> AsyncIterator[Client]:
    async with an_engine() as environment, a_recorder(environment.client):
        yield environment.client


@pytest.fixture
async def api(tmp_path: Path, recorder: Client) -> AsyncIterator[tuple[Api, str]]:
    """The intake, served on a loopback port, and its address."""
    async with an_api(tmp_path, recorder) as api:
        port = free_port()
        server = uvicorn.Server(uvicorn.Config(api.app, port=port, log_config=None))
        serving = asyncio.create_task(server.serve())
        yield api, f"http://127.0.0.1:{port}"
        server.should_exit = True
        await serving


@pytest.fixture
def alertmanager(api: tuple[Api, str], tmp_path: Path) -> Iterator[str]:
    """Alertmanager's own address; it sends to three of our doors."""
    config = f"""
route: {{ receiver: all, group_wait: 0s, group_interval: 1s, repeat_interval: 1h }}
receivers:
  - name: all
    webhook_configs:
      - url: {api[1]}/v1/alerts/alertmanager
        http_config: {{ authorization: {{ credentials: {KEY} }} }}
    pagerduty_configs:
      - {{ url: "{api[1]}/v2/enqueue", routing_key: {KEY}, send_resolved: true }}
    opsgenie_configs:
      - {{ api_url: "{api[1]}/", api_key: {KEY}, send_resolved: true, priority: P2 }}
"""
    with running_alertmanager(tmp_path, config) as address:
        yield address


async def owners(ledger: Ledger, count: int) -> dict[str, str]:
    """Source to workflow id, once this many sources own an alert."""
    while True:
        with ledger._database.engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT source, workflow_id FROM alert_index").all()
        if len(rows) == count:
            return {row[0]: row[1] for row in rows}
        await asyncio.sleep(0.05)


async def until_seen(client: Client, workflow_id: str, count: int) -> None:
    """Return once the incident was sent this many messages."""
    while True:
        if len(await seen(client, workflow_id)) >= count:
            return
        await asyncio.sleep(0.05)


async def test_each_of_its_clients_opens_and_resolves_its_incident(
    api: tuple[Api, str], alertmanager: str, recorder: Client
):
    """Its Opsgenie client sends the common labels too, so it joins the webhook's incident."""
    async with asyncio.timeout(60):
        await asyncio.to_thread(tell, alertmanager, LABELS)
        found = await owners(api[0].ledger, 3)
        await asyncio.to_thread(tell, alertmanager, LABELS, ended=True)
        await until_seen(recorder, found["pagerduty"], 2)
        await until_seen(recorder, found["alertmanager"], 4)

    assert found["alertmanager"].startswith("payments-api-")
    assert found["opsgenie"] == found["alertmanager"] != found["pagerduty"]
    assert api[0].ledger.orphans() == ()
