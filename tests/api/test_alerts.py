"""Senders post alerts over HTTP and learn what became of each, once it is durable."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from api.gateway import Gateway
from api.limits import ALERTS_LIMIT
from domain.source_mapping import SourceMapping
from settings import Settings
from tests.api.intake_api import Api, a_snapshot, an_api
from tests.api.intake_setup import a_recorder, an_engine, seen

pytestmark = pytest.mark.engine

PAYLOADS = Path(__file__).parents[1] / "payloads"


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


def payload(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text())
    return body


def a_member(fingerprint: str = "f1", **fields: Any) -> dict[str, Any]:
    labels = {"alertname": "A", "service": "payments-api"}
    return {"status": "firing", "labels": labels, "fingerprint": fingerprint} | fields


async def test_alertmanagers_captured_story_is_one_incident(api: Api, recorder: Client):
    answers = [
        (await api.post("/v1/alerts/alertmanager", payload(f"alertmanager-v4-{name}"))).json()
        for name in ("firing-two", "one-resolved", "all-resolved")
    ]

    outcomes = [[alert["outcome"] for alert in answer["alerts"]] for answer in answers]
    assert outcomes == [["opened", "added"], ["added", "added"], ["added"]]
    incident = answers[0]["alerts"][0]["incident"]
    assert {alert["incident"] for answer in answers for alert in answer["alerts"]} == {incident}
    assert incident.startswith("payments-api-prod-")
    assert await seen(recorder, incident) == [
        "e974c1cb04651cd3",
        "2b5bac9176f2c482",
        "e974c1cb04651cd3",
        "2b5bac9176f2c482",
        "2b5bac9176f2c482",
    ]


async def test_grafana_is_taken_in_at_the_same_door(api: Api):
    answer = await api.post("/v1/alerts/alertmanager", payload("grafana-unified-firing"))

    assert answer.status_code == 202
    assert answer.json()["alerts"][0]["playbook"] == "payment_api"


async def test_a_resolve_when_nothing_fires_is_202_and_an_orphan(api: Api):
    answer = await api.post("/v1/alerts/alertmanager", payload("alertmanager-v4-all-resolved"))

    assert answer.status_code == 202
    assert answer.json()["alerts"][0]["outcome"] == "orphan"
    assert len(api.ledger.orphans()) == 1


async def test_the_same_alert_a_hundred_times_at_once_is_one_incident(api: Api, recorder: Client):
    async with api.http() as http:
        answers = await asyncio.gather(
            *(
                http.post("/v1/alerts/alertmanager", json={"alerts": [a_member()]})
                for _ in range(100)
            )
        )

    alerts = [answer.json()["alerts"][0] for answer in answers]
    assert [alert["outcome"] for alert in alerts].count("opened") == 1
    assert len({alert["incident"] for alert in alerts}) == 1
    assert len(await seen(recorder, alerts[0]["incident"])) == 100
    sizes = await recorder.get_workflow_handle(alerts[0]["incident"]).query("sizes")
    assert len(sizes) < 100


@pytest.mark.parametrize(
    ("path", "body", "told_of"),
    [
        ("/v1/alerts/alertmanager", b'{"alerts": [', "line 1"),
        ("/v1/alerts/alertmanager", b"[]", "body"),
        ("/v1/alerts/alertmanager", b'{"alerts": [{"status": "x"}]}', "alerts[0]"),
        ("/v1/alerts/generic", b"3", "body"),
        ("/v1/alerts/generic", b'[{"key": "a"}, 4]', "[1]"),
        ("/v1/alerts/generic?sender=a%2Fb", b'{"key": "a"}', "sender"),
    ],
)
async def test_a_malformed_body_is_a_problem_naming_the_place(
    api: Api, path: str, body: bytes, told_of: str
):
    answer = await api.post(path, body)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert told_of in answer.text


@pytest.mark.parametrize("headers", [{"Content-Length": str(20 * 1024 * 1024)}, {}])
async def test_twenty_megabytes_are_refused_without_reading_them_whole(
    api: Api, headers: dict[str, str]
):
    read: list[int] = []

    async def parts() -> AsyncIterator[bytes]:
        for number in range(20):
            read.append(number)
            yield b" " * 1024 * 1024

    async with api.http() as http:
        answer = await http.post("/v1/alerts/alertmanager", content=parts(), headers=headers)

    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(read) <= 6


async def test_of_ten_thousand_alerts_the_firing_and_worst_are_kept_and_the_rest_told(
    api: Api, recorder: Client
):
    firing = [
        a_member(f"w{n}", labels={"service": "payments-api", "severity": "warning"})
        for n in range(5000)
    ]
    resolved = [a_member(f"r{n}", status="resolved") for n in range(4999)]
    worst = a_member("c0", labels={"service": "payments-api", "severity": "critical"})
    body = json.dumps({"alerts": [*resolved, *firing, worst], "truncatedAlerts": 3}).encode()
    assert len(body) < 3 * 1024 * 1024

    answer = (await api.post("/v1/alerts/alertmanager", body)).json()

    assert (answer["accepted"], answer["dropped"], answer["truncated"]) == (ALERTS_LIMIT, 9000, 3)
    assert {alert["status"] for alert in answer["alerts"]} == {"firing"}
    assert answer["alerts"][-1]["fingerprint"] == "c0"
    assert any("9000 of 10000" in note for note in answer["notes"])
    assert len(await seen(recorder, answer["alerts"][0]["incident"])) == ALERTS_LIMIT


async def test_an_unreachable_engine_is_503_and_the_senders_retry_succeeds(
    api: Api, tmp_path: Path
):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    up = api.app.state.services.gateway
    api.app.state.services.gateway = Gateway(Settings(data_dir=tmp_path, temporal_port=port))

    refused = await api.post("/v1/alerts/alertmanager", {"alerts": [a_member()]})
    del api.app.state.intake
    api.app.state.services.gateway = up
    accepted = await api.post("/v1/alerts/alertmanager", {"alerts": [a_member()]})

    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert accepted.json()["alerts"][0]["outcome"] == "opened"


async def test_generic_json_is_read_by_the_senders_mapping(api: Api):
    mapping = SourceMapping(identity=("body.check",), labels={"service": "body.svc"})
    api.catalog.snapshot = a_snapshot(sources={"desk": mapping})

    answer = await api.post(
        "/v1/alerts/generic?sender=desk", {"check": "c1", "svc": "payments-api", "status": "down"}
    )

    (alert,) = answer.json()["alerts"]
    assert (alert["fingerprint"], alert["playbook"]) == ("c1", "payment_api")


async def test_what_nothing_matches_reaches_the_fallback(api: Api):
    answer = await api.post("/v1/alerts/generic", [{"key": "a"}, {"key": "b"}])

    alerts = answer.json()["alerts"]
    assert [alert["playbook"] for alert in alerts] == ["unmatched_alerts"] * 2
    assert alerts[0]["incident"] != alerts[1]["incident"]


async def test_a_key_without_ingest_may_not_send(api: Api):
    key = api.ledger.add_key("ann", ["respond"], "user:ann")

    answer = await api.post("/v1/alerts/generic", {"key": "a"}, key)
    nobody = await api.post("/v1/alerts/generic", {"key": "a"}, None)

    assert (answer.status_code, nobody.status_code) == (403, 401)


async def test_a_sender_that_hangs_up_leaves_nothing_half_done(
    api: Api, recorder: Client, monkeypatch: pytest.MonkeyPatch
):
    gateway = api.app.state.services.gateway
    send, begun, hung_up = gateway.send_alerts, asyncio.Event(), asyncio.Event()

    async def held(*args: Any) -> bool:
        begun.set()
        await hung_up.wait()
        opened: bool = await send(*args)
        return opened

    monkeypatch.setattr(gateway, "send_alerts", held)
    task = asyncio.create_task(api.post("/v1/alerts/alertmanager", {"alerts": [a_member()]}))
    await begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    hung_up.set()

    await api.app.state.intake.close()

    owner = api.ledger.owners([("alertmanager", "f1")])[("alertmanager", "f1")]
    assert await seen(recorder, owner.workflow_id) == ["f1"]
