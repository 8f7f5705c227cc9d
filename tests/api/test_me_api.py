"""What concerns the caller, and the test page, over real HTTP."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from domain.incident.effects import Outcome
from domain.roster import Method, Rotation, Schedule
from domain.trial import TrialLine, TrialReport
from tests.api.conftest import OPENED, REFERENCE, Api, a_view

SOON = OPENED + timedelta(hours=1)


def me(api: Api, who: str = "ann") -> dict[str, list[dict[str, str]]]:
    """What concerns this person."""
    with api.client(who) as client:
        answer = client.get("/v1/me")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_it_says_who_i_am_and_what_i_may(api: Api):
    said = me(api)

    assert (said["actor"], said["name"], said["tz"]) == ("user:ann", "Ann Berg", "Europe/Berlin")
    assert "respond" in said["scopes"]
    assert said["methods"] == ["webhook"]
    assert said["roles"] == said["tasks"] == said["waiting"] == []


def test_it_lists_what_i_hold_and_what_waits_for_me_in_open_incidents(api: Api):
    held = {"person": "ann", "name": "Ann Berg", "since": OPENED, "acting": True}
    task = {"text": "look", "owner_name": "x", "by": "bo", "due": SOON}
    page = {"person": "ann", "name": "Ann Berg", "level": "level 1", "method": "webhook"}
    page |= {"state": "delivered", "at": OPENED, "is_live": True}
    offer = {"id": "offer-1", "role": "scribe", "offered_by": "bo", "to": "ann"}
    api.record(
        a_view(
            roles={"incident_commander": [held], "responders": [held | {"person": "bo"}]},
            tasks=[
                task | {"id": "task-1", "owner": "ann"},
                task | {"id": "task-2", "owner": "bo"},
                task | {"id": "task-3", "owner": "ann", "state": "done"},
            ],
            asks=[{"question": "raise", "of": ["ann"], "asked_at": OPENED, "until": SOON}],
            offers=[offer | {"expires_at": SOON}],
            role_asks=[{"role": "sme", "of": ["bo", "ann"]}],
            paged=[page, page | {"is_live": False, "method": "sms"}],
        )
    )
    api.record(a_view(reference="INC-OVER11", id="x", phase="resolved", roles={"scribe": [held]}))

    said = me(api)

    assert [(one["reference"], one["role"]) for one in said["roles"]] == [
        (REFERENCE, "incident_commander")
    ]
    assert [one["task"]["id"] for one in said["tasks"]] == ["task-1"]
    assert [(one["what"], one["id"]) for one in said["waiting"]] == [
        ("question", "raise"),
        ("offer", "scribe"),
        ("role", "sme"),
    ]
    assert said["waiting"][2]["say"] == f"watchbill accept {REFERENCE} sme"
    assert [one["page"]["method"] for one in said["pages"]] == ["webhook"]


def test_it_says_where_i_am_on_call(api: Api):
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    rotation = Rotation(users=("ann",), unit="week", first=yesterday)
    roster = api.catalog.snapshot.roster
    schedules = {"dba": Schedule(id="dba", tz="UTC", rotate=rotation)}
    changed = roster.model_copy(update={"schedules": schedules})
    api.catalog.snapshot = api.catalog.snapshot.model_copy(update={"roster": changed})

    assert [one["schedule"] for one in me(api)["on_call"]] == ["dba"]
    assert me(api, "bo")["on_call"] == []


def test_a_test_page_goes_to_every_method_of_the_caller_and_is_202(api: Api):
    with api.client("ann") as client:
        answer = client.post("/v1/me/test-page")
        again = client.post("/v1/me/test-page", headers={"Idempotency-Key": "k"})
        repeat = client.post("/v1/me/test-page", headers={"Idempotency-Key": "k"})

    said = answer.json()
    trial = api.gateway.trials[said["workflow_id"]]
    assert answer.status_code == 202
    assert (trial.person, trial.methods) == ("ann", (Method.WEBHOOK,))
    assert trial.reference.startswith("TEST-")
    assert again.json()["workflow_id"] == repeat.json()["workflow_id"] != said["workflow_id"]
    assert api.ledger.audited(1)[0].action == "test_page"


def test_its_report_is_running_and_then_done(api: Api):
    with api.client("ann") as client:
        workflow_id = client.post("/v1/me/test-page").json()["workflow_id"]
        running = client.get(f"/v1/me/test-page/{workflow_id}").json()
        line = TrialLine(method=Method.WEBHOOK, outcome=Outcome.FAILED, detail="410 Gone")
        api.gateway.report = TrialReport(person="ann", lines=(line,))
        done = client.get(f"/v1/me/test-page/{workflow_id}").json()
        unknown = client.get("/v1/me/test-page/test-page-ann-00000000")

    assert running["status"] == "running"
    assert (done["status"], done["sentence"]) == ("done", "0 of 1 ways to ann work.")
    assert done["report"]["lines"][0]["detail"] == "410 Gone"
    assert unknown.status_code == 404


def responder(api: Api) -> httpx.Client:
    """Bo with a key of his own, which is no admin's."""
    return api.client(key=api.ledger.add_key("bo", ["respond"], "user:bo"))


def test_only_an_admin_sends_a_test_page_to_somebody_else(api: Api):
    with responder(api) as bo, api.client("bo") as admin:
        refused = bo.post("/v1/me/test-page", json={"person": "ann"})
        own = bo.post("/v1/me/test-page", json={"person": "bo"})
        allowed = admin.post("/v1/me/test-page", json={"person": "ann"})
        spied = bo.get(f"/v1/me/test-page/{allowed.json()['workflow_id']}")

    assert (refused.status_code, own.status_code) == (403, 202)
    assert (allowed.status_code, spied.status_code) == (202, 403)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"method": "sms"}, "Ann Berg has no sms contact; there are: webhook"),
        ({"person": "anne"}, "person: no user 'anne'"),
        ({"method": "pigeon"}, "method"),
    ],
)
def test_a_test_page_that_cannot_be_is_422_naming_the_field(
    api: Api, body: dict[str, str], said: str
):
    with api.client("ann") as client:
        answer = client.post("/v1/me/test-page", json=body)

    assert answer.status_code == 422
    assert said in answer.text
