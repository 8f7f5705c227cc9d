"""Overrides over HTTP: who may ask for what, who answers, and when it holds."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.gateway_errors import EngineUnavailable, Pending
from domain.cover import OverrideStatus
from tests.api.conftest import Api
from tests.api.overrides_setup import HOUR, a_body, a_rota_api, add


@pytest.fixture
def api(start_api: Callable[..., Api]) -> Api:
    return a_rota_api(start_api)


def on_call(api: Api, schedule: str = "pay", **query: Any) -> list[str]:
    """Who serves there, by the API."""
    with api.client() as client:
        answer = client.get("/v1/oncall", params=query)
    (found,) = [each for each in answer.json()["schedules"] if each["id"] == schedule]
    return [each["id"] for each in found["on_call"]]


def answer(api: Api, actor: str, override: str, kind: str, **body: Any) -> Any:
    """What the API answers to an answer."""
    with api.client(actor) as client:
        return client.post(f"/v1/overrides/{override}/{kind}", json=body)


def test_who_covers_themselves_holds_at_once(api: Api):
    said = add(api, "cleo", person=None, begins=timedelta(0))

    assert said["sentence"].startswith("Cleo covers pay from ")
    assert said["override"]["status"] == "accepted"
    assert on_call(api) == ["cleo"]
    assert api.gateway.covers[said["override"]["id"]].status is OverrideStatus.ACCEPTED
    (entry,) = api.ledger.audited()
    assert (entry.actor, entry.action, entry.outcome) == ("user:cleo", "override.add", "done")


def test_somebody_else_is_asked_and_serves_only_once_they_accept(api: Api):
    said = add(api, "ann", person="Cleo")
    override = said["override"]
    at = override["start"]
    before = on_call(api, at=at)
    assert "Cleo is asked to cover pay from " in said["sentence"]
    assert override["status"] == "proposed"
    assert before != ["cleo"]

    accepted = answer(api, "cleo", override["id"], "accept")

    assert accepted.status_code == 200
    assert accepted.json()["status"] == "accepted"
    assert on_call(api, at=at) == ["cleo"]
    assert on_call(api, at=override["end"]) == before
    assert [entry.action for entry in api.ledger.audited()] == ["override.accept", "override.add"]


def test_only_who_was_asked_can_accept(api: Api):
    override = add(api, "ann", person="cleo")["override"]["id"]
    refused = answer(api, "ann", override, "accept")

    assert refused.status_code == 409
    assert refused.json()["detail"] == "Only Cleo can accept this: they were asked to cover."
    assert api.ledger.audited()[0].outcome == "refused"


def test_a_withdrawn_override_holds_no_longer(api: Api):
    said = add(api, "cleo", person=None, begins=timedelta(0))
    with api.client("cleo") as client:
        withdrawn = client.delete(f"/v1/overrides/{said['override']['id']}")

    assert withdrawn.json()["status"] == "withdrawn"
    assert on_call(api) != ["cleo"]


def test_an_admin_withdraws_what_concerns_others(api: Api):
    override = add(api, "ann", person="cleo")["override"]["id"]
    key = api.ledger.add_key("ops", ["admin"], "user:bo")
    with api.client(key=key) as client:
        withdrawn = client.post(f"/v1/overrides/{override}/withdraw", json={"reason": "mistake"})

    assert withdrawn.json()["status"] == "withdrawn"


def test_two_proposals_for_one_time_are_refused_naming_the_first(api: Api):
    first = add(api, "ann", person="cleo")["override"]["id"]
    with api.client("ann") as client:
        second = client.post("/v1/schedules/pay/overrides", json=a_body("bo"))
        elsewhere = client.post("/v1/schedules/dba/overrides", json=a_body("bo"))
        later = client.post("/v1/schedules/pay/overrides", json=a_body("bo", begins=3 * HOUR))

    assert second.status_code == 409
    assert first in second.json()["detail"]
    assert "Cleo is asked already to cover pay" in second.json()["detail"]
    assert (elsewhere.status_code, later.status_code) == (200, 200)


def test_double_duty_and_an_override_that_yields_are_warned_of(api: Api):
    other = add(api, "cleo", schedule="dba", person=None)["override"]["id"]
    first = add(api, "cleo", person=None)["override"]["id"]
    said = add(api, "cleo", person=None)

    assert said["warnings"] == [
        "Cleo is on call in pay anyway when it begins.",
        f"Cleo covers dba at the same time ({other}).",
        f"Cleo's override {first} yields to this one while both hold.",
        "Cleo is on call in dba when it begins.",
    ]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"person": "boo"}, "person: no user 'boo' in the roster; did you mean bo"),
        ({"from": "tomorrow"}, "body.from: 'tomorrow' is no moment"),
        ({"begins": timedelta(hours=-2)}, "body.from: it began more than an hour ago"),
        ({"to": "2026-01-01T00:00"}, "body.to: the end is not after the start"),
        ({"to": "2999-01-01T00:00Z"}, "body.to: it may last 31 days at most"),
        ({"who": "bo"}, "body.who"),
    ],
)
def test_a_request_that_cannot_be_is_422_naming_the_field(
    api: Api, fields: dict[str, Any], named: str
):
    with api.client("ann") as client:
        answered = client.post("/v1/schedules/pay/overrides", json=a_body(**fields))

    assert answered.status_code == 422
    assert named in answered.json()["detail"]


def test_a_schedule_that_is_not_there_is_404_with_near_names(api: Api):
    with api.client("ann") as client:
        answered = client.post("/v1/schedules/payy/overrides", json=a_body())

    assert answered.status_code == 404
    assert "did you mean pay?" in answered.json()["detail"]


def test_a_wall_time_is_local_to_the_schedule(api: Api):
    day = (datetime.now(UTC) + timedelta(days=3)).date()
    fields = {"from": f"{day}T18:00", "to": f"{day}T20:00"}
    berlin = add(api, "cleo", person=None, **fields)["override"]
    utc = add(api, "cleo", schedule="dba", person=None, **fields)["override"]

    assert utc["start"] == f"{day}T18:00:00Z"
    assert datetime.fromisoformat(berlin["start"]) < datetime.fromisoformat(utc["start"])


def test_a_repeated_request_gets_the_first_answer_and_adds_nothing(api: Api):
    with api.client("ann") as client:
        body = a_body("cleo")
        answers = [
            client.post(
                "/v1/schedules/pay/overrides", json=body, headers={"Idempotency-Key": "one"}
            ).json()
            for _ in range(2)
        ]

    assert answers[0] == answers[1]
    assert len(api.gateway.covers) == 1


def test_a_repeated_answer_gets_the_first_one_again(api: Api):
    override = add(api, "ann", person="cleo")["override"]["id"]
    headers = {"Idempotency-Key": "one"}
    with api.client("cleo") as client:
        answers = [
            client.post(f"/v1/overrides/{override}/decline", headers=headers) for _ in range(2)
        ]
        anew = client.post(f"/v1/overrides/{override}/decline")

    assert [each.status_code for each in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert anew.status_code == 409


def test_where_the_engine_is_away_nobody_is_asked_and_nothing_is_left(api: Api):
    api.gateway.error = EngineUnavailable()
    with api.client("ann") as client:
        away = client.post("/v1/schedules/pay/overrides", json=a_body("cleo"))
        api.gateway.error = None
        again = client.post("/v1/schedules/pay/overrides", json=a_body("cleo"))

    assert away.status_code == 503
    assert again.status_code == 200


def test_an_answer_that_no_worker_takes_is_pending(api: Api):
    override = add(api, "ann", person="cleo")["override"]["id"]
    api.gateway.error = Pending("No worker answered.")
    pending = answer(api, "cleo", override, "accept")

    assert pending.status_code == 202
    assert "applied once" in pending.json()["sentence"]


def test_lists_show_what_is_open_and_a_schedule_s_own_past_answers(api: Api):
    declined = add(api, "ann", person="cleo")["override"]["id"]
    answer(api, "cleo", declined, "decline")
    asked = add(api, "ann", person="bo")["override"]["id"]
    with api.client() as client:
        every = client.get("/v1/overrides").json()["items"]
        pay = client.get("/v1/schedules/pay/overrides").json()["items"]
        one = client.get(f"/v1/overrides/{declined}").json()
        none = client.get("/v1/overrides/ov-nothing")

    assert [each["id"] for each in every] == [asked]
    assert {each["id"] for each in pay} == {asked, declined}
    assert one["status"] == "declined"
    assert none.status_code == 404


def test_a_key_that_may_only_read_asks_nobody(api: Api):
    key = api.ledger.add_key("author", ["author"], "user:ann")
    with api.client(key=key) as client:
        assert client.get("/v1/schedules").status_code == 200
        assert client.post("/v1/schedules/pay/overrides", json=a_body()).status_code == 403
