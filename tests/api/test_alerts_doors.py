"""Grafana, Opsgenie clients, Datadog, SNS and CloudEvents post alerts over HTTP."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from api.sources import grafana
from tests.api.intake_api import KEY, Api, an_api
from tests.api.intake_setup import a_recorder, an_engine, seen, told
from tests.api.sns import TOPIC, Sns
from tests.receivers import WebhookReceiver, webhook_receiver

pytestmark = pytest.mark.engine

PAYLOADS = Path(__file__).parents[1] / "payloads"
SECRET = "grafana-s3cret"


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
def hooks() -> Iterator[WebhookReceiver]:
    with webhook_receiver() as receiver:
        yield receiver


@pytest.fixture
async def api(tmp_path: Path, recorder: Client, hooks: WebhookReceiver) -> AsyncIterator[Api]:
    settings = {"grafana_secret": SECRET, "sns_topics": TOPIC, "sns_hosts": hooks.url}
    async with an_api(tmp_path, recorder, **settings) as api:
        yield api


def payload(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


def audited(api: Api) -> list[tuple[str, str, str]]:
    """(actor, outcome, detail) of everything audited."""
    with api.ledger._database.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT actor, outcome, detail FROM audit").all()
    return [(row[0], row[1], row[2]) for row in rows]


async def test_a_signed_call_of_grafana_needs_no_key_and_opens(api: Api, recorder: Client):
    body = payload("grafana-unified-firing")
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()

    answer = await api.post("/v1/alerts/grafana", body, None, {grafana.SIGNATURE_HEADER: signature})

    assert answer.status_code == 202
    (alert,) = answer.json()["alerts"]
    assert alert["outcome"] == "opened"
    assert await seen(recorder, alert["incident"]) == ["57c6d9296de2ad39"]


@pytest.mark.parametrize("headers", [{}, {grafana.SIGNATURE_HEADER: "00ff"}])
async def test_an_unsigned_call_of_grafana_is_401_whatever_key_it_has_and_audited(
    api: Api, headers: dict[str, str]
):
    answer = await api.post("/v1/alerts/grafana", payload("grafana-unified-firing"), KEY, headers)

    assert answer.status_code == 401
    ((actor, outcome, detail),) = audited(api)
    assert (actor, outcome) == ("source:grafana", "unauthenticated")
    assert "signature" in detail.lower()


async def test_without_a_secret_grafana_needs_a_key(tmp_path: Path, recorder: Client):
    async with an_api(tmp_path, recorder) as api:
        body = payload("grafana-unified-firing")
        without = await api.post("/v1/alerts/grafana", body, None)
        with_key = await api.post("/v1/alerts/grafana", body)

    assert (without.status_code, with_key.status_code) == (401, 202)


async def test_opsgenie_creates_acknowledges_and_closes_by_alias(api: Api, recorder: Client):
    key = api.ledger.add_key("monitor", ["ingest", "acknowledge"], "source:monitor")
    genie = {"Authorization": f"GenieKey {key}"}
    address = "/v2/alerts/payments-api/prod/5xx"

    created = await api.post("/v2/alerts", payload("opsgenie-create"), None, genie)
    acked = await api.post(f"{address}/acknowledge?identifierType=alias", b"{}", None, genie)
    closed = await api.post(f"{address}/close?identifierType=alias", b"{}", None, genie)

    statuses = [answer.status_code for answer in (created, acked, closed)]
    assert statuses == [202, 202, 202]
    assert created.json()["result"] == "Request will be processed"
    assert created.json()["requestId"]
    incident = created.json()["alerts"][0]["incident"]
    assert await seen(recorder, incident) == ["payments-api/prod/5xx"] * 2
    assert len(await told(recorder, incident)) == 1


async def test_opsgenies_refusals_are_422_with_its_own_words(api: Api):
    no_message = await api.post("/v2/alerts", {"alias": "a"})
    by_id = await api.post("/v2/alerts/70413a06/close", {})

    assert (no_message.status_code, by_id.status_code) == (422, 422)
    assert no_message.json()["message"] == "message: is missing or empty"
    assert "identifierType" in by_id.json()["message"]


async def test_an_opsgenie_key_that_may_only_send_cannot_acknowledge(api: Api):
    key = api.ledger.add_key("sender", ["ingest"], "source:sender")
    genie = {"Authorization": f"GenieKey {key}"}

    answer = await api.post("/v2/alerts/a/acknowledge?identifierType=alias", {}, None, genie)

    assert answer.status_code == 403


async def test_datadog_triggers_and_recovers_one_incident(api: Api, recorder: Client):
    body = json.loads(payload("datadog-webhook-triggered"))

    begun = await api.post("/v1/alerts/datadog", body)
    ended = await api.post("/v1/alerts/datadog", body | {"alert_transition": "Recovered"})

    (alert,) = begun.json()["alerts"]
    assert (begun.status_code, alert["outcome"]) == (202, "opened")
    assert ended.json()["alerts"][0]["incident"] == alert["incident"]
    assert len(await seen(recorder, alert["incident"])) == 2


async def test_a_template_of_datadog_that_lacks_the_monitor_is_400_naming_the_variable(api: Api):
    answer = await api.post("/v1/alerts/datadog", {"alert_transition": "Triggered"})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "monitor_id"
    assert "$ALERT_ID" in answer.json()["detail"]


async def test_an_alarm_through_sns_opens_and_its_ok_ends_the_same_incident(
    api: Api, recorder: Client, hooks: WebhookReceiver
):
    service = Sns(hooks)

    begun = await api.post("/v1/alerts/cloudwatch", service.notification(), None)
    ended = await api.post("/v1/alerts/cloudwatch", service.notification("OK"), None)

    assert (begun.status_code, ended.status_code) == (202, 202)
    incident = begun.json()["alerts"][0]["incident"]
    assert ended.json()["alerts"][0]["incident"] == incident
    assert len(await seen(recorder, incident)) == 2
    assert len(hooks.received("/cert.pem")) == 1


async def test_a_subscription_to_an_allowed_topic_is_confirmed_by_visiting_its_address(
    api: Api, hooks: WebhookReceiver
):
    answer = await api.post("/v1/alerts/cloudwatch", Sns(hooks).confirmation(), None)

    assert (answer.status_code, answer.json()["status"]) == (202, "confirmed")
    assert len(hooks.received("/confirm")) == 1


async def test_a_subscription_elsewhere_is_401_and_nothing_is_visited(
    api: Api, hooks: WebhookReceiver
):
    service = Sns(hooks)
    other_topic = service.confirmation(TopicArn="arn:aws:sns:eu-west-1:666:alarms")
    other_host = service.confirmation(SubscribeURL="http://127.0.0.1:1/confirm")

    for body in (other_topic, other_host):
        answer = await api.post("/v1/alerts/cloudwatch", body, None)
        assert answer.status_code == 401

    assert hooks.received("/confirm") == []
    assert {outcome for _, outcome, _ in audited(api)} == {"unauthenticated"}


async def test_an_alarm_that_sns_did_not_sign_is_401(api: Api, hooks: WebhookReceiver):
    body = json.loads(Sns(hooks).notification())
    forged = json.dumps(body | {"MessageId": "another"}).encode()

    answer = await api.post("/v1/alerts/cloudwatch", forged, None)

    assert answer.status_code == 401
    assert audited(api)[0][0] == "source:cloudwatch"


async def test_a_certificate_that_cannot_be_read_now_is_503_so_that_sns_asks_again(
    api: Api, hooks: WebhookReceiver
):
    service = Sns(hooks)
    body = service.notification()
    hooks.stop()

    answer = await api.post("/v1/alerts/cloudwatch", body, None)
    hooks.start()
    again = await api.post("/v1/alerts/cloudwatch", body, None)

    assert (answer.status_code, again.status_code) == (503, 202)
    assert answer.headers["Retry-After"]


def an_event(**fields: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": "1",
        "source": "/backup",
        "type": "backup.failed",
        "subject": "db-1",
        "data": {"labels": {"service": "payments-api"}},
    } | fields


async def test_a_cloud_event_opens_and_ends_an_incident(api: Api, recorder: Client):
    kind = {"content-type": "application/cloudevents+json"}
    ended_event = an_event(id="2", type="backup.resolved")

    begun = await api.post("/v1/alerts/cloudevents", json.dumps(an_event()).encode(), headers=kind)
    ended = await api.post("/v1/alerts/cloudevents", json.dumps(ended_event).encode(), headers=kind)

    assert (begun.status_code, ended.status_code) == (202, 202)
    incident = begun.json()["alerts"][0]["incident"]
    assert await seen(recorder, incident) == ["/backup#db-1", "/backup#db-1"]


async def test_the_handshake_of_cloud_events_is_answered(api: Api):
    async with api.http(None) as http:
        answer = await http.options(
            "/v1/alerts/cloudevents", headers={"WebHook-Request-Origin": "events.example"}
        )

    assert answer.headers["WebHook-Allowed-Origin"] == "events.example"
    assert answer.headers["Allow"] == "POST"
