"""Incidents to read and to declare, over HTTP."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from api.gateway_errors import EngineUnavailable
from domain.plan import ManualTrigger
from tests.api.conftest import OPENED, REFERENCE, WORKFLOW, Api, a_plan, a_view, an_entry

Start = Callable[..., Api]


def test_a_list_has_the_promised_fields_newest_first_and_pages(api: Api):
    for number in range(5):
        moment = OPENED + timedelta(minutes=number)
        api.record(a_view(reference=f"INC-00000{number}", id=f"w{number}", opened_at=moment))
    with api.client() as client:
        first = client.get(
            "/v1/incidents", params={"phase": "open", "limit": 3, "cursor": ""}
        ).json()
        second = client.get("/v1/incidents", params={"limit": 3, "cursor": first["next"]}).json()

    assert [item["reference"] for item in first["items"] + second["items"]] == [
        f"INC-00000{number}" for number in (4, 3, 2, 1, 0)
    ]
    assert second["next"] is None
    assert set(first["items"][0]) >= {
        "id",
        "reference",
        "playbook",
        "title",
        "severity",
        "phase",
        "service",
        "roles",
        "alerts",
        "opened_at",
        "links",
    }


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("phase=ajar", "phase"),
        ("limit=0", "limit"),
        ("cursor=x", "cursor"),
        ("severity=9", "severity"),
    ],
)
def test_a_bad_query_is_422_naming_the_field(api: Api, query: str, field: str):
    with api.client() as client:
        answer = client.get(f"/v1/incidents?{query}")

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in [error["field"] for error in answer.json()["errors"]]


def test_an_incident_is_shown_as_its_workflow_sees_it(api: Api):
    api.record(a_view())
    api.gateway.views[WORKFLOW] = a_view(phase="acknowledged", seq=2)
    with api.client() as client:
        by_reference = client.get(f"/v1/incidents/{REFERENCE}").json()
        by_id = client.get(f"/v1/incidents/{WORKFLOW}").json()

    assert by_reference == by_id
    assert (by_id["phase"], by_id["fresh"]) == ("acknowledged", True)
    assert by_id["links"]["temporal"].endswith(f"/namespaces/default/workflows/{WORKFLOW}")


def test_an_incident_is_shown_from_the_record_while_no_worker_answers(api: Api):
    api.record(a_view())
    with api.client() as client:
        found = client.get(f"/v1/incidents/{REFERENCE.lower()}").json()

    assert (found["reference"], found["fresh"]) == (REFERENCE, False)


def test_an_older_incident_of_a_reused_workflow_id_stays_what_it_was(api: Api):
    """The workflow answers for the newest incident only."""
    api.record(a_view(phase="resolved"))
    api.record(a_view(reference="INC-NEWER1"))
    api.gateway.views[WORKFLOW] = a_view(reference="INC-NEWER1")
    with api.client() as client:
        old = client.get(f"/v1/incidents/{REFERENCE}").json()
        newest = client.get(f"/v1/incidents/{WORKFLOW}").json()

    assert (old["reference"], old["phase"]) == (REFERENCE, "resolved")
    assert newest["reference"] == "INC-NEWER1"


def test_an_unknown_incident_is_404(api: Api):
    with api.client() as client:
        answer = client.get("/v1/incidents/INC-000000")

    assert answer.status_code == 404
    assert "INC-000000" in answer.json()["detail"]


def test_a_timeline_is_read_in_parts(api: Api):
    api.record(a_view(seq=5), *(an_entry(seq) for seq in range(1, 6)))
    with api.client() as client:
        first = client.get(f"/v1/incidents/{REFERENCE}/timeline?limit=3").json()
        rest = client.get(f"/v1/incidents/{REFERENCE}/timeline?after={first['next']}").json()

    assert [entry["seq"] for entry in first["items"] + rest["items"]] == [1, 2, 3, 4, 5]
    assert rest["next"] is None


def test_a_declared_incident_is_in_the_list_at_once(api: Api):
    with api.client("ann") as client:
        answer = client.post(
            "/v1/incidents",
            json={"title": "Checkout is slow", "severity": "SEV2", "labels": {"env": "prod"}},
        )
        listed = client.get("/v1/incidents").json()["items"]

    assert answer.status_code == 200
    assert answer.json()["reference"] in answer.json()["sentence"]
    assert [item["id"] for item in listed] == [answer.json()["id"]]
    ((plan, declaration, how),) = api.gateway.declared
    assert plan.name == "payments_api"
    assert (declaration.actor, declaration.actor_name) == ("user:ann", "Ann Berg")
    assert how == {"drill": False, "simulate": False}


def test_declaring_twice_with_one_key_opens_one_incident(api: Api):
    with api.client() as client:
        answers = [
            client.post("/v1/incidents", json={"title": "x"}, headers={"Idempotency-Key": "k1"})
            for _ in range(2)
        ]

    assert answers[0].json() == answers[1].json()
    assert len(api.gateway.declared) == 1


def test_a_repeat_whose_first_answer_was_lost_starts_the_same_workflow(api: Api):
    """A crash after the start, or a repeat that overtakes it, opens no second incident."""
    with api.client() as client:
        answers = []
        for _ in range(2):
            answer = client.post(
                "/v1/incidents", json={"title": "x"}, headers={"Idempotency-Key": "k1"}
            )
            answers.append(answer.json())
            with api.ledger._database.write() as connection:
                connection.exec_driver_sql("DELETE FROM answers")

    assert answers[0]["id"] == answers[1]["id"]


def test_declaring_follows_who_the_playbook_lets_declare(start_api: Start):
    api = start_api(a_plan(manual=ManualTrigger(allow=("team:payments",))))
    body = {"title": "x", "playbook": "payments_api"}
    with api.client("ann") as ann:
        key = api.ledger.add_key("bo", ["respond"], "user:bo")
        with api.client(key=key) as bo:
            refused = bo.post("/v1/incidents", json=body)
        key = api.ledger.add_key("ann", ["respond"], "user:ann")
        with api.client(key=key) as member:
            allowed = member.post("/v1/incidents", json=body)
        unknown = ann.post("/v1/incidents", json=body | {"playbook": "payment_api"})

    assert refused.status_code == 403
    assert "team:payments" in refused.json()["detail"]
    assert allowed.status_code == 200
    assert unknown.status_code == 422
    assert "payments_api" in unknown.json()["detail"]


def test_declaring_without_a_fallback_playbook_says_to_name_one(start_api: Start):
    api = start_api(a_plan())
    with api.client() as client:
        answer = client.post("/v1/incidents", json={"title": "x"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "body.playbook"


def test_another_clock_is_for_tests_only(start_api: Start):
    body = {"title": "x", "clock": {"speed": 60}}
    api = start_api(a_plan(), fallback=a_plan())
    with api.client() as client:
        assert client.post("/v1/incidents", json=body).status_code == 422


def test_declaring_while_the_engine_is_down_is_503_with_retry_after(api: Api):
    api.gateway.error = EngineUnavailable("The engine is away.", 7)
    with api.client() as client:
        answer = client.post("/v1/incidents", json={"title": "x"})

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "7"
    assert answer.json()["title"] == "Service Unavailable"
