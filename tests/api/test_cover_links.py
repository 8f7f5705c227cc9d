"""The small pages about a person's time, as a phone shows them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from activities.cover_link import CoverLink, cover_link
from api.gateway_errors import EngineUnavailable, Pending
from tests.api.conftest import Api
from tests.api.overrides_setup import a_rota_api, add


@pytest.fixture
def api(start_api: Callable[..., Api]) -> Api:
    return a_rota_api(start_api)


def path_of(api: Api, **fields: Any) -> str:
    """The address of a link of this API."""
    url = cover_link(api.settings, CoverLink.model_validate({"kind": "cover", **fields}))
    return api.address + httpx.URL(url).path


def asked(api: Api) -> tuple[str, str]:
    """Cleo is asked by Ann: the override, and Cleo's link."""
    override = add(api, "ann", person="cleo")["override"]["id"]
    return override, path_of(api, person="cleo", about=override)


def status_of(api: Api, override: str) -> str:
    """What the ledger says."""
    row = api.ledger.override(override)
    return row.status.value if row else ""


def test_opening_the_link_shows_what_is_asked_and_changes_nothing(api: Api):
    override, link = asked(api)
    page = httpx.get(link)

    assert page.status_code == 200
    for shown in ("Cover pay?", "Ann Berg", "dentist", "Accept: I cover pay", "Decline"):
        assert shown in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert status_of(api, override) == "proposed"


def test_one_tap_accepts(api: Api):
    override, link = asked(api)
    page = httpx.post(f"{link}/accept")

    assert page.status_code == 200
    assert "Cleo covers pay from " in page.text
    assert "<button" not in page.text
    assert status_of(api, override) == "accepted"


def test_one_tap_declines_and_a_second_says_that_it_is_over(api: Api):
    override, link = asked(api)
    assert "Declined" in httpx.post(f"{link}/decline").text
    again = httpx.post(f"{link}/accept")
    looked = httpx.get(link)

    assert (again.status_code, looked.status_code) == (410, 410)
    assert "was declined" in again.text
    assert status_of(api, override) == "declined"


def test_a_link_is_for_one_person_and_cannot_be_altered(api: Api):
    override, link = asked(api)
    other = path_of(api, person="bo", about=override)
    refused = httpx.post(f"{other}/accept")

    assert refused.status_code == 410
    assert "Only Cleo can accept this" in refused.text
    assert httpx.get(f"{link}x").status_code == 403
    assert httpx.get(path_of(api, person="gone", about=override)).status_code == 403
    assert httpx.get(path_of(api, person="cleo", about="ov-nothing")).status_code == 404
    assert status_of(api, override) == "proposed"


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (EngineUnavailable(), 503, "Nothing was done: try again."),
        (Pending("later"), 202, "as soon as a worker answers"),
    ],
)
def test_an_engine_or_a_worker_that_is_away_is_said(
    api: Api, error: Exception, status: int, said: str
):
    _, link = asked(api)
    api.gateway.error = error
    page = httpx.post(f"{link}/accept")

    assert page.status_code == status
    assert said in page.text


def test_relief_is_asked_for_with_one_tap_and_opening_the_page_asks_nobody(api: Api):
    until = (datetime.now(UTC) + timedelta(days=8)).isoformat()
    link = path_of(api, kind="relief", person="ann", about=until)
    page = httpx.get(link)
    schedule = "pay" if "ask/pay" in page.text else "dba"
    assert f"Ask Bo Li to cover {schedule} until " in page.text
    assert api.gateway.covers == {}

    done = httpx.post(f"{link}/ask/{schedule}")

    assert "Bo Li is asked to cover" in done.text
    assert "<button" not in done.text
    (start,) = api.gateway.covers.values()
    assert (start.person, start.requested_by, start.schedule) == ("bo", "user:ann", schedule)
    assert start.reason == "woken twice in one night"
    again = httpx.post(f"{link}/ask/{schedule}")
    assert again.status_code == 409
    assert "is asked already" in again.text


def test_relief_of_a_shift_that_is_over_asks_nobody(api: Api):
    over = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    link = path_of(api, kind="relief", person="ann", about=over)

    assert httpx.get(link).status_code == 410
    assert httpx.post(f"{link}/ask/pay").status_code == 410
    cleo = path_of(api, kind="relief", person="cleo", about="2999-01-01T00:00:00+00:00")
    assert httpx.get(cleo).status_code == 410
    assert api.gateway.covers == {}
