"""Who is on call, over HTTP."""

from collections.abc import Callable
from datetime import date, datetime

import pytest

from domain.roster import Roster, Rotation
from tests.api.conftest import Api
from tests.api.overrides_setup import a_rota, a_rota_api

ANN, BO = {"id": "ann", "name": "Ann Berg"}, {"id": "bo", "name": "Bo Li"}


@pytest.fixture
def api(start_api: Callable[..., Api]) -> Api:
    return a_rota_api(start_api)


def test_on_call_at_a_moment_says_who_until_when_and_who_then(api: Api):
    with api.client() as client:
        answer = client.get("/v1/oncall", params={"at": "2026-03-04T03:00:00+01:00"}).json()

    assert answer["at"] == "2026-03-04T02:00:00Z"
    dba, pay = answer["schedules"]
    assert (dba["id"], dba["on_call"], dba["next"]) == ("dba", [BO], [ANN])
    assert (pay["id"], pay["on_call"], pay["next"]) == ("pay", [ANN], [BO])
    assert pay["until"] == "2026-03-09T08:00:00Z"
    assert pay["tz"] == "Europe/Berlin"
    assert pay["reason"] == "rotation of pay until 2026-03-09 09:00 (Europe/Berlin), then bo"


def test_a_plus_sign_that_became_a_space_is_still_an_offset(api: Api):
    with api.client() as client:
        answer = client.get("/v1/oncall?at=2026-03-04T03:00:00+01:00").json()

    assert answer["at"] == "2026-03-04T02:00:00Z"


def test_a_schedule_shows_now_and_the_next_14_days(api: Api):
    with api.client() as client:
        answer = client.get("/v1/schedules/pay").json()
        listed = client.get("/v1/schedules").json()["items"]

    assert answer["coverage"] == "always"
    assert answer["shifts"][0]["people"] == answer["on_call"]
    assert answer["shifts"][1]["people"] == answer["next"]
    assert answer["gaps"] == []
    first = datetime.fromisoformat(answer["shifts"][0]["start"])
    last = datetime.fromisoformat(answer["shifts"][-1]["end"])
    assert (last - first).days == 14
    assert [each["id"] for each in listed] == ["dba", "pay"]


def test_shifts_and_gaps_between_two_local_moments(start_api: Callable[..., Api]):
    begins = Rotation(users=("ann",), unit="week", first=date(2026, 3, 3))
    pay = a_rota().schedules["pay"].model_copy(update={"rotate": begins})
    roster = a_rota().model_copy(update={"schedules": {"pay": pay}})
    with start_api(roster=Roster.model_validate(roster)).client() as client:
        answer = client.get(
            "/v1/schedules/pay/shifts",
            params={"from": "2026-03-02T00:00", "to": "2026-03-04T00:00"},
        ).json()

    assert answer["gaps"] == [{"start": "2026-03-01T23:00:00Z", "end": "2026-03-03T08:00:00Z"}]
    (shift,) = answer["shifts"]
    assert shift["people"] == [ANN]
    assert shift["end"] == "2026-03-03T23:00:00Z"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"from": "yesterday"}, "from: 'yesterday' is no moment"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "to: the end is not after the start"),
        ({"from": "2026-03-02", "to": "2030-03-01"}, "to: ask for 366 days at most"),
    ],
)
def test_shifts_of_a_time_that_cannot_be_are_422(api: Api, query: dict[str, str], said: str):
    with api.client() as client:
        answer = client.get("/v1/schedules/pay/shifts", params=query)

    assert answer.status_code == 422
    assert said in answer.json()["detail"]


def test_an_unknown_schedule_is_404_with_near_names(api: Api):
    with api.client() as client:
        answer = client.get("/v1/schedules/payments")

    assert answer.status_code == 404
    assert "'payments'" in answer.json()["detail"]
