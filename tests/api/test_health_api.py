"""Health, readiness, metrics, the description for programs, and errors everywhere."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from openapi_spec_validator import validate
from prometheus_client.parser import text_string_to_metric_families

from api.app import refusal_to_listen
from api.watching import tell_incidents
from catalog import BrokenFile, Snapshot
from ledger import AlertRecord, Ledger
from settings import Settings
from tests.api.conftest import OPENED, REFERENCE, WORKFLOW, Api, a_plan, a_view

Start = Callable[..., Api]


def test_a_live_process_is_healthy_even_while_the_engine_is_away(api: Api):
    api.gateway.reachable = False

    assert httpx.get(f"{api.address}/healthz").json() == {"status": "ok"}
    answer = httpx.get(f"{api.address}/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "not ready")
    assert "watchbill engine" in answer.json()["checks"][0]["mend"]


def test_ready_means_engine_and_some_catalog_and_lists_the_rest(start_api: Start):
    api = start_api(a_plan())
    api.gateway.polling = {"watchbill-incidents": 0}
    api.catalog.snapshot = with_a_broken_file(api)
    answer = httpx.get(f"{api.address}/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    wrong = {check["name"] for check in answer.json()["checks"] if not check["ok"]}
    assert wrong == {"workers on watchbill-incidents", "fallback", "broken file"}


def with_a_broken_file(api: Api) -> Snapshot:
    """The same snapshot with one file that does not compile."""
    snapshot = api.catalog.snapshot
    broken = BrokenFile(path="payments.yaml", since=OPENED, serving_last_good=True)
    return snapshot.model_copy(update={"broken": (broken,)})


def test_without_any_playbook_it_is_not_ready(start_api: Start):
    assert httpx.get(f"{start_api().address}/readyz").status_code == 503


def test_metrics_count_requests_commands_and_open_incidents(api: Api):
    api.record(a_view())
    api.gateway.views[WORKFLOW] = a_view()
    with api.client() as client:
        client.post(f"/v1/incidents/{REFERENCE}/acknowledge")
    text = httpx.get(f"{api.address}/metrics").text
    samples = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }

    assert samples[("watchbill_incidents_open", (("phase", "triggered"),))] == 1
    done = (("command", "acknowledge"), ("outcome", "done"))
    assert samples[("watchbill_commands_total", done)] >= 1
    routes = {dict(labels).get("route") for name, labels in samples if "http_request" in name}
    assert "/v1/incidents/{id}/acknowledge" in routes


def test_the_description_is_valid_openapi_with_an_id_for_every_operation(api: Api):
    document = httpx.get(f"{api.address}/openapi.json").json()
    validate(document)

    operations = [
        (path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]
    ids = [operation["operationId"] for _, operation in operations]
    assert len(ids) == len(set(ids))
    for path, operation in operations:
        if path.startswith("/v1/incidents"):
            assert "application/problem+json" in operation["responses"]["404"]["content"], path
            assert operation["security"], path
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_the_page_for_people_lists_every_operation(api: Api):
    text = httpx.get(f"{api.address}/docs").text

    assert "POST /v1/incidents/{id}/acknowledge" in text
    assert "http" not in text.split("</style>")[1].replace("https", "http").split("<body>")[1]


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/v1/nothing", 404, "/v1/nothing"),
        ("DELETE", "/v1/incidents", 405, "DELETE"),
        ("GET", "/v1/incidents", 401, "No key"),
    ],
)
def test_every_error_is_a_problem_document(
    api: Api, method: str, path: str, status: int, said: str
):
    answer = httpx.request(method, api.address + path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) >= {"type", "title", "status", "detail"}
    assert said in answer.json()["detail"]


@pytest.mark.parametrize("form", ["whole", "chunked"])
def test_a_body_over_the_limit_is_413(api: Api, form: str):
    body = b"x" * (5 * 1024 * 1024)
    with api.client() as client:
        content = (
            (body[at : at + 65536] for at in range(0, len(body), 65536))
            if form == "chunked"
            else body
        )
        answer = client.post(
            "/v1/incidents", content=content, headers={"Content-Type": "application/json"}
        )

    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_playbooks_are_listed_with_version_and_hash(api: Api):
    with api.client() as client:
        (item,) = client.get("/v1/playbooks").json()["items"]
        plan = client.get("/v1/playbooks/payments_api").json()
        unknown = client.get("/v1/playbooks/nothing")

    assert (item["name"], item["sha256"]) == ("payments_api", a_plan().sha256)
    assert (item["is_fallback"], item["health"]) == (True, "ok")
    assert plan["sha256"] == item["sha256"]
    assert unknown.status_code == 404


def test_orphans_are_listed(api: Api):
    record = AlertRecord(source="s", fingerprint="f", status="resolved", outcome="orphan")
    api.ledger.remember([record])
    with api.client() as client:
        assert client.get("/v1/orphans").json()["items"][0]["fingerprint"] == "f"


async def test_people_who_left_are_told_to_every_open_incident(api: Api):
    api.record(a_view())
    api.record(a_view(reference="INC-CLOSED", id="other", phase="closed"))
    await tell_incidents(api.app.state.services, ("bo",))

    assert api.gateway.told == [(("bo",), (WORKFLOW,))]


def test_listening_beyond_loopback_needs_a_key_of_its_own(tmp_path: Path):
    settings = Settings(data_dir=tmp_path, bind="0.0.0.0")
    ledger = Ledger.from_url(settings.ledger_address)
    refusal = refusal_to_listen(settings)
    assert refusal is not None
    assert "watchbill keys add" in refusal

    ledger.add_key("ann", ["respond"], "user:ann")
    assert refusal_to_listen(settings) is None
    assert refusal_to_listen(Settings(data_dir=tmp_path, bind="::1")) is None
    ledger.close()
