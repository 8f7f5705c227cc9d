"""The engine follows every schedule in service, and hears of every change."""

import time
from collections.abc import Callable

import pytest

from catalog import Snapshot
from domain.roster import Schedule
from tests.api.conftest import OPENED, Api
from tests.api.overrides_setup import a_rota, a_rota_api, add

PATIENCE_S = 20.0


@pytest.fixture
def api(start_api: Callable[..., Api]) -> Api:
    return a_rota_api(start_api)


def becomes(is_so: Callable[[], bool]) -> bool:
    """Whether it becomes so while one would wait."""
    last = time.monotonic() + PATIENCE_S
    while not is_so() and time.monotonic() < last:
        time.sleep(0.02)
    return is_so()


def serve(api: Api, **schedules: Schedule) -> None:
    """The files have these schedules from now on."""
    roster = a_rota().model_copy(update={"schedules": schedules})
    api.catalog.snapshot = Snapshot(roster=roster, loaded_at=OPENED)


def test_every_schedule_is_followed_from_the_start_and_none_without_schedules(api: Api):
    assert becomes(lambda: sorted(api.gateway.followed) == ["dba", "pay"])


def test_a_change_is_told_for_its_schedule_alone_and_a_leaver_is_told_once(api: Api):
    assert becomes(lambda: len(api.gateway.followed) == 2)
    known = a_rota().schedules
    serve(api, pay=known["pay"].model_copy(update={"tz": "UTC"}), new=known["dba"])

    assert becomes(lambda: api.gateway.gone == ["dba"])
    assert becomes(lambda: sorted(api.gateway.followed[2:]) == ["new", "pay"])


def test_an_accepted_override_is_a_change_of_its_schedule(api: Api):
    assert becomes(lambda: len(api.gateway.followed) == 2)
    add(api, "cleo", person=None)

    assert becomes(lambda: api.gateway.followed[2:] == ["pay"])


def test_an_override_left_without_its_workflow_gets_one(start_api: Callable[..., Api]):
    """A crash between the ledger and the engine: the next start of the API mends it."""
    first = a_rota_api(start_api)
    override = add(first, "ann", person="cleo")["override"]["id"]
    second = a_rota_api(start_api)

    assert becomes(lambda: list(second.gateway.covers) == [override])
