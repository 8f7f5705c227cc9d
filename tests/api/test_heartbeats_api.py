"""Beats over real HTTP where the engine, or the heartbeat, is not there."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from api.gateway import Gateway
from domain.plan import HeartbeatTrigger
from settings import Settings
from tests.api.conftest import Api, a_plan
from tests.receivers import free_port


@pytest.fixture
def api(start_api: Callable[..., Api]) -> Api:
    """An API whose engine is away; one playbook declares a heartbeat."""
    canary = HeartbeatTrigger(name="payments_canary", missing_after=timedelta(minutes=5))
    api = start_api(a_plan(heartbeats=(canary,)))
    away = Settings(data_dir=api.settings.data_dir, temporal_port=free_port())
    api.app.state.services.gateway = Gateway(away)
    return api


def test_a_strange_name_is_404_with_near_ones(api: Api) -> None:
    with api.client() as http:
        answer = http.post("/v1/heartbeats/payment_canary")

    assert answer.status_code == 404
    assert "did you mean payments_canary?" in answer.json()["detail"]


def test_while_no_playbook_declares_one_that_is_said(start_api: Callable[..., Api]) -> None:
    with start_api(a_plan()).client() as http:
        answer = http.post("/v1/heartbeats/payments_canary")

    assert answer.status_code == 404
    assert "no playbook in service declares any" in answer.json()["detail"]


def test_while_the_engine_is_away_a_beat_is_503_and_the_list_says_unknown(api: Api) -> None:
    with api.client() as http:
        answer = http.post("/v1/heartbeats/payments_canary", content=b"anything at all")
        listed = http.get("/v1/heartbeats").json()["items"]

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert [(one["name"], one["state"]) for one in listed] == [("payments_canary", "unknown")]


def test_a_key_that_may_not_send_alerts_may_not_beat(api: Api) -> None:
    key = api.ledger.add_key("reader", ["author"], "source:reader")

    with api.client(key=key) as http:
        answer = http.put("/v1/heartbeats/payments_canary")

    assert answer.status_code == 403
