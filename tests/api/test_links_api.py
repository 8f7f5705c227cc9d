"""The page behind a signed link, as a phone shows it."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from activities.links import link_for
from api.gateway_errors import EngineUnavailable, Pending, Refused
from domain.incident.commands import Answer
from tests.api.conftest import OPENED, REFERENCE, WORKFLOW, Api, a_view, an_entry

ROLE = {"person": "bo", "name": "Bo Li", "since": OPENED, "acting": True}


@pytest.fixture
def opened(api: Api) -> Api:
    """An API that knows one triggered incident."""
    show(api)
    return api


def show(api: Api, **fields: Any) -> None:
    """The incident is like this now."""
    api.record(a_view(**fields))
    api.gateway.views[WORKFLOW] = a_view(**fields)


def path_for(api: Api, person: str = "ann", reference: str = REFERENCE) -> str:
    """The path of the person's link."""
    return httpx.URL(link_for(api.settings, reference, person)).path


def test_a_link_shows_what_is_on_fire_and_opening_it_never_acts(api: Api):
    show(
        api,
        title="<b>50% of payments</b> fail {{ 7*7 }}",
        roles={"incident_commander": [ROLE]},
        alerts={"firing": 2, "total": 3},
        paged=[
            {
                "person": "ann",
                "name": "Ann Berg",
                "level": "1",
                "method": "push",
                "state": "delivered",
                "at": OPENED,
            }
        ],
        latest=[an_entry(1, "Paged <Ann>.")],
    )
    answer = httpx.get(api.address + path_for(api))

    assert answer.status_code == 200
    text = answer.text
    assert "&lt;b&gt;50% of payments&lt;/b&gt; fail {{ 7*7 }}" in text
    for shown in ("SEV2", "Bo Li (acting)", "2 of 3 alerts", "Ann Berg by push", "&lt;Ann&gt;"):
        assert shown in text
    assert "You are Ann Berg" in text
    assert "Wed 04 Mar 04:00" in text, "times are in the person's own zone"
    assert api.gateway.commands == []


def test_a_page_runs_nothing_and_keeps_its_address_to_itself(opened: Api):
    answer = httpx.get(opened.address + path_for(opened))

    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "<script" not in answer.text


def test_one_tap_acknowledges_as_the_person_and_the_next_says_since_when(opened: Api):
    page = httpx.get(opened.address + path_for(opened)).text
    action = re.search(r'action="(/i/[^"]+/acknowledge)"', page)
    assert action is not None
    opened.gateway.answer = Answer(sentence="You have it.")
    first = httpx.post(opened.address + action[1])
    opened.gateway.answer = Answer(sentence="You acknowledged at 03:04.")
    second = httpx.post(opened.address + action[1])

    assert (first.status_code, second.status_code) == (200, 200)
    assert "You have it." in first.text
    assert "You acknowledged at 03:04." in second.text
    assert {command.actor for _, command in opened.gateway.commands} == {"user:ann"}
    assert len({command.request_id for _, command in opened.gateway.commands}) == 2


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_altered_link_is_refused_with_a_page_that_helps(opened: Api, method: str):
    path = path_for(opened)
    altered = path[:-3] + ("abc" if not path.endswith("abc") else "xyz")
    suffix = "/acknowledge" if method == "POST" else ""
    answer = httpx.request(method, opened.address + altered + suffix)

    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/html")
    assert "watchbill list" in answer.text
    assert opened.gateway.commands == []


def test_a_link_of_another_installation_or_of_a_stranger_is_refused(opened: Api):
    assert httpx.get(opened.address + path_for(opened, reference="INC-000000")).status_code == 404
    assert httpx.get(opened.address + path_for(opened, person="mallory")).status_code == 403


def test_a_link_of_a_closed_incident_says_so_and_does_nothing(api: Api):
    show(api, phase="closed", closed_at=OPENED + timedelta(hours=3))
    got = httpx.get(api.address + path_for(api))
    posted = httpx.post(api.address + path_for(api) + "/acknowledge")

    assert (got.status_code, posted.status_code) == (410, 410)
    assert "is closed" in got.text
    assert "<button" not in got.text
    assert "closed" in posted.text
    assert api.gateway.commands == []


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (Refused("INC-M4T9WC is resolved."), 409, "INC-M4T9WC is resolved."),
        (Pending(), 202, "as soon as a worker answers"),
        (EngineUnavailable("The engine is away."), 503, "try again"),
    ],
)
def test_a_tap_that_cannot_be_done_says_why(opened: Api, error: Exception, status: int, text: str):
    opened.gateway.error = error
    answer = httpx.post(opened.address + path_for(opened) + "/acknowledge")

    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "text/html; charset=utf-8",
    )
    assert text in answer.text


def test_offers_and_questions_are_buttons_for_the_person_they_are_for(api: Api):
    show(
        api,
        phase="acknowledged",
        offers=[
            {
                "id": "o1",
                "role": "incident_commander",
                "offered_by": "user:bo",
                "to": "user:ann",
                "summary": {"state_now": "dc3 is <down>"},
                "expires_at": OPENED,
            }
        ],
        asks=[{"question": "resolve", "of": ["ann"], "asked_at": OPENED}],
        roles={"incident_commander": [ROLE]},
    )
    ann = httpx.get(api.address + path_for(api)).text
    bo = httpx.get(api.address + path_for(api, "bo")).text
    taken = httpx.post(api.address + path_for(api) + "/offers/o1/accept")
    declined = httpx.post(api.address + path_for(api) + "/offers/o1/decline")
    confirmed = httpx.post(api.address + path_for(api) + "/confirm")

    assert "Take incident commander" in ann
    assert "dc3 is &lt;down&gt;" in ann
    assert "Yes: it is over" in ann
    assert buttons(bo) == ["I am still on it", "Snooze 1 h"]
    assert [taken.status_code, declined.status_code, confirmed.status_code] == [200, 200, 200]
    kinds = [command.kind for _, command in api.gateway.commands]
    assert kinds == ["accept_handoff", "decline_handoff", "confirm"]


def test_each_of_several_questions_has_a_yes_of_its_own(api: Api):
    """Whoever says that they saw the raise does not lower the severity by it."""
    lower = {
        "question": "lower",
        "of": ["ann"],
        "asked_at": OPENED,
        "about": "SEV1 may fall to SEV3",
    }
    raised = {"question": "raise", "of": ["ann"], "asked_at": OPENED}
    show(api, phase="acknowledged", asks=[raised, lower], roles={"incident_commander": [ROLE]})
    page = httpx.get(api.address + path_for(api)).text
    httpx.post(api.address + path_for(api) + "/confirm?question=lower")

    assert "Yes: SEV1 may fall to SEV3" in page
    assert "/confirm?question=raise" in page
    assert [command.question for _, command in api.gateway.commands] == ["lower"]


def test_somebody_asked_for_a_role_sees_it_before_the_acknowledgement(api: Api):
    asked = [{"role": "incident_commander", "of": ["ann"]}]
    show(api, role_asks=asked)
    waiting = httpx.get(api.address + path_for(api)).text
    show(api, phase="acknowledged", role_asks=asked)
    others = httpx.get(api.address + path_for(api)).text
    httpx.post(api.address + path_for(api) + "/roles/incident_commander/accept")
    httpx.post(api.address + path_for(api) + "/roles/incident_commander/decline")

    yes_and_no = ["Take incident commander", "Decline incident commander"]
    assert buttons(waiting) == [*yes_and_no, "Acknowledge: I am on it"]
    assert buttons(others) == yes_and_no
    kinds = [command.kind for _, command in api.gateway.commands]
    assert kinds == ["accept_role", "decline_role"]


def buttons(page: str) -> list[str]:
    """What the buttons of a page say, in order."""
    return re.findall(r"<button[^>]*>([^<]*)<", page)


def test_who_is_on_it_says_so_or_snoozes_with_one_tap(api: Api):
    show(api, phase="acknowledged", roles={"operations_lead": [ROLE]})
    page = httpx.get(api.address + path_for(api, "bo")).text
    httpx.post(api.address + path_for(api, "bo") + "/still-on-it")
    httpx.post(api.address + path_for(api, "bo") + "/snooze")

    assert buttons(page) == ["I am still on it", "Snooze 1 h"]
    still, snoozed = (command.model_dump(mode="json") for _, command in api.gateway.commands)
    assert (still["kind"], still["question"]) == ("confirm", "still_on_it")
    assert (snoozed["kind"], snoozed["lasting"], snoozed["zone"]) == ("snooze", "PT1H", "UTC")


def test_the_link_of_a_test_page_says_that_it_was_a_test_and_acts_on_nothing(api: Api):
    path = path_for(api, "ann", "TEST-ABCDEF12")

    seen = httpx.get(api.address + path)
    tapped = httpx.post(api.address + path + "/acknowledge")

    assert (seen.status_code, tapped.status_code) == (200, 200)
    assert "Your test page arrived" in seen.text
    assert api.gateway.commands == []


def test_what_people_said_is_on_the_page_and_the_zone_at_its_top(api: Api):
    show(
        api,
        impact="half of <Europe>",
        eta="when the vendor calls",
        began_at=OPENED - timedelta(minutes=10),
        tasks=[
            {"id": "task-1", "text": "check", "owner": "bo", "owner_name": "Bo Li", "by": "ann"}
        ],
    )
    text = httpx.get(api.address + path_for(api)).text

    for shown in ("half of &lt;Europe&gt;", "when the vendor calls", "03:50", "check (Bo Li)"):
        assert shown in text
    assert text.index("Times are Europe/Berlin") < text.index("Opened")
