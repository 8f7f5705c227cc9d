"""Maintenance windows over real HTTP with a real ledger."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.gateway_errors import EngineUnavailable
from ledger import AlertRecord
from tests.api.conftest import Api, a_view


def add(api: Api, **fields: Any) -> dict[str, Any]:
    """The window that this makes: two hours on payments_api unless said."""
    given = {"service": "payments_api", "for": "2h", "reason": "db upgrade"}
    with api.client() as http:
        answer = http.post("/v1/maintenance", json=given | fields)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def refused(api: Api, **fields: Any) -> str:
    """Why a window of these fields is refused."""
    with api.client() as http:
        answer = http.post("/v1/maintenance", json={"reason": "x"} | fields)
    assert answer.status_code == 422, answer.text
    return str(answer.json()["detail"])


def test_a_window_is_made_listed_and_says_whose_it_is(api: Api) -> None:
    made = add(api)

    with api.client() as http:
        listed = http.get("/v1/maintenance").json()["items"]

    window = made["window"]
    assert window["state"] == "active"
    assert window["created_by"] == "user:ann"
    assert window["created_by_name"] == "Ann Berg"
    assert [one["id"] for one in listed] == [window["id"]]
    assert "service payments_api (db upgrade)" in made["sentence"]


def test_active_windows_come_before_planned_and_past_ones(api: Api) -> None:
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    past = add(api, reason="past")["window"]["id"]
    planned = add(api, reason="planned", **{"from": later})["window"]["id"]
    active = add(api, reason="active")["window"]["id"]

    with api.client() as http:
        http.post(f"/v1/maintenance/{past}/end")
        items = http.get("/v1/maintenance").json()["items"]

    assert [(one["id"], one["state"]) for one in items] == [
        (active, "active"),
        (planned, "planned"),
        (past, "past"),
    ]


def test_more_than_a_day_is_refused_with_the_mend(api: Api) -> None:
    assert "at most 24 h at a time" in refused(api, service="x", **{"for": "25h"})


def test_a_renewal_reaches_at_most_a_day_from_now(api: Api) -> None:
    window = add(api, **{"for": "1h"})["window"]["id"]

    with api.client() as http:
        too_far = http.post(f"/v1/maintenance/{window}/renew", json={"for": "25h"})
        renewed = http.patch(f"/v1/maintenance/{window}", json={"for": "24h"})

    assert too_far.status_code == 422
    assert "at most 24 h" in too_far.json()["detail"]
    ends = datetime.fromisoformat(renewed.json()["window"]["ends_at"])
    assert timedelta(hours=23, minutes=59) < ends - datetime.now(UTC) <= timedelta(hours=24)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"for": "1h"}, "either 'service' or 'match'"),
        ({"service": "x"}, "either 'for' (such as 2h) or 'until'"),
        ({"service": "x", "for": "120"}, "is not a duration"),
        ({"service": "x", "until": "2020-01-01T00:00:00Z"}, "it is over already"),
        ({"service": "x", "until": "2020-01-01T00:00:00"}, "timezone"),
        ({"service": " ", "for": "1h"}, "blank"),
        ({"match": {"tier": []}, "for": "1h"}, "body.match.tier"),
    ],
)
def test_what_is_wrong_with_a_window_is_named(api: Api, fields: dict[str, Any], said: str) -> None:
    assert said in refused(api, **fields)


def test_a_key_that_may_not_respond_makes_no_window(api: Api) -> None:
    key = api.ledger.add_key("probe", ["ingest", "author"], "source:probe")

    with api.client(key=key) as http:
        answer = http.post(
            "/v1/maintenance", json={"service": "x", "for": "1h", "reason": "quiet please"}
        )

    assert answer.status_code == 403


def test_a_repeated_request_makes_one_window(api: Api) -> None:
    body = {"service": "x", "for": "1h", "reason": "once"}
    with api.client() as http:
        headers = {"Idempotency-Key": "k1"}
        first = http.post("/v1/maintenance", json=body, headers=headers)
        second = http.post("/v1/maintenance", json=body, headers=headers)
        listed = http.get("/v1/maintenance").json()["items"]

    assert first.json() == second.json()
    assert len(listed) == 1


def test_who_did_what_to_a_window_is_audited(api: Api) -> None:
    window = add(api)["window"]["id"]
    with api.client("bo") as http:
        http.post(f"/v1/maintenance/{window}/end")

    said = [(one.actor, one.action, one.target) for one in api.ledger.audited()]
    assert said == [
        ("user:bo", "maintenance.end", window),
        ("user:ann", "maintenance.add", window),
    ]


def test_an_unknown_service_is_taken_with_a_remark(api: Api) -> None:
    assert (
        "No playbook and no service of the roster is called pyments"
        in (add(api, service="pyments")["sentence"])
    )


def test_renewing_what_is_over_is_refused_and_what_nobody_knows_is_404(api: Api) -> None:
    window = add(api)["window"]["id"]
    with api.client() as http:
        http.post(f"/v1/maintenance/{window}/end")
        over = http.post(f"/v1/maintenance/{window}/renew", json={"for": "1h"})
        unknown = http.post("/v1/maintenance/mw-nobody/end")

    assert over.status_code == 409
    assert "add a new one" in over.json()["detail"]
    assert unknown.status_code == 404


def test_incidents_that_a_window_may_hold_back_hear_of_its_new_end(api: Api) -> None:
    window = add(api)["window"]["id"]
    api.record(a_view(phase="suppressed"))
    api.ledger.remember(
        [
            AlertRecord(
                source="alertmanager",
                fingerprint="f1",
                status="firing",
                outcome="suppressed",
                workflow_id="not-yet-recorded",
            )
        ]
    )

    with api.client() as http:
        http.post(f"/v1/maintenance/{window}/end")

    changed, told = api.gateway.windows[-1]
    assert changed.id == window
    assert changed.ends_at <= datetime.now(UTC)
    assert told == ("not-yet-recorded", "payments-api-prod-7f3k2qxa")


def test_while_the_engine_is_away_the_request_is_503_and_its_repeat_tells_them(api: Api) -> None:
    window = add(api)["window"]["id"]
    api.record(a_view(phase="suppressed"))
    api.gateway.error = EngineUnavailable()
    with api.client() as http:
        away = http.post(f"/v1/maintenance/{window}/end")
        api.gateway.error = None
        back = http.post(f"/v1/maintenance/{window}/end")

    assert (away.status_code, away.headers["Retry-After"]) == (503, "5")
    assert "was over already" in back.json()["sentence"]
    assert api.gateway.windows[-1][1] == ("payments-api-prod-7f3k2qxa",)
