"""PagerDuty's clients post events and get PagerDuty's answers."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from tests.api.intake_api import KEY, Api, an_api
from tests.api.intake_setup import a_recorder, an_engine, seen, told

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
async def own_engine() -> AsyncIterator[WorkflowEnvironment]:
    async with an_engine() as environment:
        yield environment


@pytest.fixture(scope="module")
async def recorder(own_engine: WorkflowEnvironment) -> AsyncIterator[Client]:
    """The engine's client while a worker records what incidents are sent."""
    async with a_recorder(own_engine.client):
        yield own_engine.client


@pytest.fixture
async def api(tmp_path: Path, recorder: Client) -> AsyncIterator[Api]:
    async with an_api(tmp_path, recorder) as api:
        yield api


def an_event(action: str = "trigger", **fields: Any) -> dict[str, Any]:
    details = {"labels": {"service": "payments-api"}}
    return {
        "routing_key": KEY,
        "event_action": action,
        "dedup_key": "k1",
        "payload": {
            "summary": "5xx",
            "source": "pay-1",
            "severity": "critical",
            "custom_details": details,
        },
    } | fields


async def test_pagerduty_events_trigger_and_resolve_by_their_routing_key(
    api: Api, recorder: Client
):
    key = api.ledger.add_key("monitor", ["ingest"], "source:monitor")

    trigger = await api.post("/v2/enqueue", an_event(routing_key=key), None)
    resolve = {"routing_key": key, "event_action": "resolve", "dedup_key": "k1"}
    resolved = await api.post("/v2/enqueue", resolve, None)

    answer = trigger.json()
    assert (trigger.status_code, resolved.status_code) == (202, 202)
    assert {name: answer[name] for name in ("status", "message", "dedup_key")} == {
        "status": "success",
        "message": "Event processed",
        "dedup_key": "k1",
    }
    assert await seen(recorder, answer["alerts"][0]["incident"]) == ["k1", "k1"]


async def test_alertmanagers_own_pagerduty_client_is_understood(api: Api):
    """The shape of Alertmanager 0.25's `pagerduty_configs`, nulls and all."""
    event = {
        "routing_key": KEY,
        "dedup_key": "9c1d" * 16,
        "event_action": "trigger",
        "payload": {
            "summary": "[FIRING:1] A",
            "source": "Alertmanager",
            "severity": "error",
            "custom_details": {
                "firing": "Labels:\n - alertname = A\n",
                "num_firing": "1",
                "num_resolved": "0",
                "resolved": "",
            },
        },
        "client": "Alertmanager",
        "client_url": "http://alertmanager.example:9093/#/alerts",
        "images": None,
    }

    answer = await api.post("/v2/enqueue", event, None)

    assert answer.json()["alerts"][0]["outcome"] == "opened"


async def test_a_trigger_without_a_key_is_told_the_one_it_was_given(api: Api):
    answer = await api.post("/v2/enqueue", an_event(dedup_key=None), None)

    assert len(answer.json()["dedup_key"]) == 32


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"event_action": "resolve", "routing_key": KEY}, "'dedup_key' is missing or blank"),
        ({"event_action": "resolve", "dedup_key": "k"}, "'routing_key' is missing or blank"),
        (an_event(payload={}), "'payload.summary' is missing or blank"),
        (b"{", "not JSON"),
        (b"[]", "'routing_key'"),
    ],
)
async def test_an_invalid_event_is_refused_in_pagerdutys_words(api: Api, body: Any, reason: str):
    answer = await api.post("/v2/enqueue", body, None)

    refusal = answer.json()
    assert answer.status_code == 400
    assert (refusal["status"], refusal["message"]) == ("invalid event", "Event object is invalid")
    assert any(reason in error for error in refusal["errors"])


async def test_an_event_over_pagerdutys_limit_is_413(api: Api):
    event = an_event(client="x" * 600_000)

    assert (await api.post("/v2/enqueue", event, None)).status_code == 413


async def test_an_unknown_routing_key_is_401_whatever_else_is_wrong(api: Api):
    answers = [
        await api.post("/v2/enqueue", an_event(routing_key="R0UTING"), None),
        await api.post("/v2/enqueue", an_event(routing_key="R0UTING", payload={}), None),
    ]

    assert [answer.status_code for answer in answers] == [401, 401]


async def test_a_source_with_the_scope_acknowledges_as_itself(api: Api, recorder: Client):
    key = api.ledger.add_key("monitor", ["ingest", "acknowledge"], "source:monitor")
    opened = await api.post("/v2/enqueue", an_event(routing_key=key), None)

    answer = await api.post("/v2/enqueue", an_event("acknowledge", routing_key=key), None)

    assert answer.status_code == 202
    assert answer.json()["notes"] == ["Acknowledged by monitor."]
    assert len(await told(recorder, opened.json()["alerts"][0]["incident"])) == 1


async def test_an_ingest_key_that_acknowledges_is_forbidden(api: Api):
    key = api.ledger.add_key("monitor", ["ingest"], "source:monitor")

    answer = await api.post("/v2/enqueue", an_event("acknowledge", routing_key=key), None)

    assert answer.status_code == 403


async def test_an_acknowledge_of_nothing_is_an_orphan_as_pagerduty_takes_it(api: Api):
    answer = await api.post("/v2/enqueue", an_event("acknowledge"), None)

    assert answer.status_code == 202
    assert [record.status for record in api.ledger.orphans()] == ["acknowledged"]
