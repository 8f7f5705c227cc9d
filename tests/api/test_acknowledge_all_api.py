"""Acknowledging all that pages a person: by the link on a bundle, and by the API."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from activities.links import link_for_all
from api.gateway_errors import Refused
from tests.api.conftest import OPENED, Api, a_view

pytestmark = pytest.mark.usefixtures("api")


def an_incident(api: Api, number: int, person: str = "ann", **fields: Any) -> str:
    """An open incident that pages the person; its reference."""
    paged = {"person": person, "name": person.title(), "level": "1", "method": "push"}
    given = {
        "id": f"disk-full-{number}",
        "reference": f"INC-AAAAA{number}",
        "title": f"Disk full <db-{number}>",
        "paged": [{**paged, "state": "delivered", "at": OPENED}],
        **fields,
    }
    view = a_view(**given)
    api.record(view)
    api.gateway.views[view.id] = view
    return view.reference


def path_for(api: Api, person: str = "ann", since: timedelta = timedelta(0)) -> str:
    """The path of a person's link for all since the opening (and `since` later)."""
    return httpx.URL(link_for_all(api.settings, person, OPENED + since)).path


def test_the_link_lists_what_pages_the_person_and_opening_it_never_acts(api: Api):
    for number in range(3):
        an_incident(api, number, severity="SEV1" if number == 2 else "SEV3")
    an_incident(api, 3, person="bo")
    an_incident(api, 4, drill=True)
    answer = httpx.get(api.address + path_for(api))

    assert answer.status_code == 200
    assert "Acknowledge all 3: I am on them" in answer.text
    assert "Disk full &lt;db-0&gt;" in answer.text
    assert answer.text.index("INC-AAAAA2") < answer.text.index("INC-AAAAA0"), "the worst first"
    assert "INC-AAAAA3" not in answer.text
    assert "INC-AAAAA4" not in answer.text
    assert api.gateway.commands == []


def test_one_tap_acknowledges_each_as_the_person_and_a_second_tap_is_the_same(api: Api):
    for number in range(3):
        an_incident(api, number)
    path = path_for(api)
    first = httpx.post(api.address + path + "/acknowledge")
    httpx.post(api.address + path + "/acknowledge")

    assert first.status_code == 200
    assert "All 3 incidents are acknowledged." in first.text
    sent = [(where, one.kind, one.actor) for where, one in api.gateway.commands]
    assert sorted(sent[:3]) == [(f"disk-full-{n}", "acknowledge", "user:ann") for n in range(3)]
    ids = [one.request_id for _, one in api.gateway.commands]
    assert sorted(ids[:3]) == sorted(ids[3:])
    assert len(set(ids)) == 3


def test_what_somebody_else_took_is_said_and_not_joined(api: Api):
    """Also where the record has not heard of it yet: the incident itself is asked."""
    an_incident(api, 0)
    an_incident(api, 1)
    api.gateway.views["disk-full-1"] = a_view(
        id="disk-full-1",
        reference="INC-AAAAA1",
        phase="acknowledged",
        acknowledged_at=OPENED,
        roles={"operations_lead": [{"person": "bo", "name": "Bo Li", "since": OPENED}]},
    )
    answer = httpx.post(api.address + path_for(api) + "/acknowledge")

    assert "Bo Li acknowledged at 04:00 CET." in answer.text
    assert [where for where, _ in api.gateway.commands] == ["disk-full-0"]


def test_what_refuses_is_listed_with_its_reason_and_can_be_tried_again(api: Api):
    an_incident(api, 0)
    an_incident(api, 1)
    api.gateway.error = Refused("Not now.")
    answer = httpx.post(api.address + path_for(api) + "/acknowledge")

    assert answer.status_code == 409
    assert "0 of 2 incidents are acknowledged; the others are listed." in answer.text
    assert "Acknowledge all 2: I am on them" in answer.text
    assert "Not now." in answer.text


def test_a_link_that_is_not_ours_or_whose_incidents_are_over_says_so(api: Api):
    an_incident(api, 0)
    path = path_for(api)
    altered = path[:4] + ("A" if path[4] != "A" else "B") + path[5:]
    stranger = path_for(api, "zoe")
    later = path_for(api, since=timedelta(hours=1))
    answers = [httpx.get(api.address + each) for each in (altered, stranger, later)]
    acted = httpx.post(api.address + altered + "/acknowledge")

    assert [one.status_code for one in answers] == [403, 403, 410]
    assert "cut off or altered" in answers[0].text
    assert "not in the roster" in answers[1].text
    assert "Nothing of it is open any more" in answers[2].text
    assert acted.status_code == 403
    assert api.gateway.commands == []


def test_the_links_of_one_incident_and_of_all_are_not_interchangeable(api: Api):
    an_incident(api, 0)
    token = path_for(api).rpartition("/")[2]

    assert httpx.get(f"{api.address}/i/{token}").status_code == 403


def test_acknowledge_all_over_the_api_answers_for_each_incident(api: Api):
    an_incident(api, 0)
    an_incident(api, 1)
    with api.client("ann") as ann, api.client("bo") as bo:
        body = ann.post("/v1/me/acknowledge-all").json()
        nothing = bo.post("/v1/me/acknowledge-all").json()

    assert body["sentence"] == "All 2 incidents are acknowledged."
    assert [(one["reference"], one["sentence"]) for one in body["items"]] == [
        ("INC-AAAAA0", "Done."),
        ("INC-AAAAA1", "Done."),
    ]
    assert nothing == {"sentence": "Nothing waits for your acknowledgement.", "items": []}
