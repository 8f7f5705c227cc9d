"""Acting on an incident over HTTP: every address, every status."""

from typing import Any

import pytest

from api.gateway_errors import EngineUnavailable, NotFound, Pending, Refused
from domain.incident.commands import Answer
from tests.api.conftest import OPENED, REFERENCE, WORKFLOW, Api, a_view

COMMANDS: list[tuple[str, dict[str, Any] | None, str, dict[str, Any]]] = [
    ("acknowledge", None, "acknowledge", {}),
    ("unacknowledge", {"reason": "not me"}, "unacknowledge", {"reason": "not me"}),
    ("confirm", None, "confirm", {"question": None}),
    ("confirm", {"question": "resolve"}, "confirm", {"question": "resolve"}),
    ("escalate", None, "escalate", {"reason": ""}),
    ("severity", {"severity": "sev1", "reason": "r"}, "severity", {"severity": "SEV1"}),
    ("assign", {"role": "scribe", "to": "bo"}, "assign", {"role": "scribe", "to": "user:bo"}),
    ("assign", {"role": "scribe", "person": "Bo Li"}, "assign", {"to": "user:bo"}),
    ("note", {"text": "t", "type": "decision"}, "note", {"text": "t", "type": "decision"}),
    ("note", {"text": "t"}, "note", {"type": "plain"}),
    ("mitigate", None, "mitigate", {"text": ""}),
    ("resolve", {"text": "over"}, "resolve", {"text": "over"}),
    ("reopen", {}, "reopen", {"reason": ""}),
    ("cancel", {"reason": "false alarm"}, "cancel", {"reason": "false alarm"}),
    ("roles/scribe/accept", None, "accept_role", {"role": "scribe"}),
    ("roles/scribe/decline", None, "decline_role", {"role": "scribe"}),
    ("roles/scribe/release", {"reason": "r"}, "release_role", {"role": "scribe", "reason": "r"}),
    ("steps/check/done", {"item": "i1"}, "step_done", {"step": "check", "item": "i1"}),
    ("steps/check/undo", None, "step_undo", {"step": "check", "item": None}),
    (
        "handoff",
        {"role": "incident_commander", "to": "bo", "summary": "all quiet"},
        "offer_handoff",
        {"to": "user:bo", "summary": {"state_now": "all quiet"}},
    ),
    (
        "handoff",
        {"role": "incident_commander", "to": "schedule:dba", "summary": {"state_now": "wait"}},
        "offer_handoff",
        {"to": "schedule:dba", "summary": {"state_now": "wait"}},
    ),
    (
        "page",
        {"to": "schedule:dba", "because": "slow queries"},
        "page",
        {"to": ["schedule:dba"], "because": "slow queries"},
    ),
    ("page", {"to": ["Bo Li", "bo"], "reason": "r"}, "page", {"to": ["user:bo"], "because": "r"}),
    ("page", {"to": ["team:payments"], "because": "r"}, "page", {"to": ["team:payments"]}),
    ("roles/scribe/take", None, "take_role", {"role": "scribe"}),
    ("join", None, "join", {}),
    ("leave", {"reason": "off"}, "leave", {"reason": "off"}),
    ("snooze", {"for": "90m"}, "snooze", {"lasting": "PT1H30M", "zone": "Europe/Berlin"}),
    (
        "snooze",
        {"until": "2026-03-04T06:30+01:00"},
        "snooze",
        {"until": "2026-03-04T05:30:00Z", "lasting": None},
    ),
    ("confirm", {"question": "still_on_it"}, "confirm", {"question": "still_on_it"}),
    (
        "set",
        {"began": "2026-03-04T02:50", "impact": "all", "eta": "at noon"},
        "set",
        {"began_at": "2026-03-04T01:50:00Z", "impact": "all", "eta": "at noon", "eta_at": None},
    ),
    ("set", {"eta": "2026-03-04T07:00Z"}, "set", {"eta_at": "2026-03-04T07:00:00Z", "eta": None}),
    ("tasks", {"text": "look"}, "task_add", {"text": "look", "owner": None, "due": None}),
    (
        "tasks",
        {"text": "look", "owner": "bo", "due": "30m"},
        "task_add",
        {"owner": "user:bo", "owner_name": "Bo Li", "due_in": "PT30M"},
    ),
    ("tasks/task-1/done", None, "task_done", {"task": "task-1"}),
    ("tasks/task-1/undo", None, "task_undo", {"task": "task-1"}),
    ("tasks/task-1/drop", {"reason": "no"}, "task_drop", {"task": "task-1", "reason": "no"}),
    ("handoff/o1/accept", None, "accept_handoff", {"offer": "o1"}),
    ("handoff/o1/decline", {"reason": "busy"}, "decline_handoff", {"offer": "o1"}),
]


@pytest.fixture
def opened(api: Api) -> Api:
    """An API that knows one triggered incident."""
    api.record(a_view())
    api.gateway.views[WORKFLOW] = a_view()
    return api


def test_every_command_reaches_the_incident_as_the_acting_person(opened: Api):
    with opened.client("ann") as client:
        for path, body, kind, fields in COMMANDS:
            answer = client.post(f"/v1/incidents/{REFERENCE}/{path}", json=body)
            workflow_id, command = opened.gateway.commands[-1]
            sent = command.model_dump(mode="json")

            assert answer.status_code == 200, (path, answer.text)
            assert answer.json()["sentence"] == "Done."
            assert answer.json()["incident"]["reference"] == REFERENCE
            assert (workflow_id, sent["kind"]) == (WORKFLOW, kind)
            assert (sent["actor"], sent["actor_name"]) == ("user:ann", "Ann Berg")
            assert fields.items() <= sent.items(), path
    assert len({command.request_id for _, command in opened.gateway.commands}) == len(COMMANDS)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("severity", {"severity": "SEV9", "reason": "r"}, "body.severity"),
        ("severity", {"severity": "SEV1"}, "body.reason"),
        ("severity", {"severity": "SEV1", "reason": ""}, "body.reason"),
        ("note", {"text": ""}, "body.text"),
        ("note", {"text": "t", "type": "rant"}, "body.type"),
        ("note", None, "body"),
        ("assign", {"role": "scribe", "to": "bob"}, "body.to"),
        ("assign", {"role": "scribe", "to": "schedule:dba"}, "body.to"),
        ("handoff", {"role": "scribe", "to": "team:payments"}, "body.to"),
        ("handoff", {"to": "bo"}, "body.role"),
        ("handoff", {"role": "scribe", "to": "bo"}, "body.summary.state_now"),
        ("handoff", {"role": "scribe", "to": "bo", "summary": " "}, "body.summary.state_now"),
        ("confirm", {"question": "lunch"}, "body.question"),
    ],
)
def test_bad_input_is_422_naming_the_field(
    opened: Api, path: str, body: dict[str, Any] | None, field: str
):
    with opened.client() as client:
        answer = client.post(f"/v1/incidents/{REFERENCE}/{path}", json=body)

    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert opened.gateway.commands == []


def test_a_stranger_is_answered_with_near_names(opened: Api):
    with opened.client() as client:
        answer = client.post(
            f"/v1/incidents/{REFERENCE}/handoff", json={"role": "scribe", "to": "anne"}
        )

    assert answer.status_code == 422
    assert "did you mean ann?" in answer.json()["detail"]


def test_a_body_that_is_no_json_is_400_saying_where(opened: Api):
    with opened.client() as client:
        answer = client.post(
            f"/v1/incidents/{REFERENCE}/note",
            content=b'{"text": ',
            headers={"Content-Type": "application/json"},
        )

    assert answer.status_code == 400
    assert "character 9" in answer.json()["detail"]


def test_an_offer_is_answered_with_its_id(opened: Api):
    opened.gateway.answer = Answer(sentence="Offered.", offer="o7")
    with opened.client() as client:
        answer = client.post(
            f"/v1/incidents/{REFERENCE}/handoff",
            json={"role": "scribe", "to": "bo", "summary": "all quiet"},
        )

    assert (answer.json()["id"], answer.json()["offer"]) == ("o7", "o7")


def test_a_handoff_draft_names_the_required_fields_and_fills_what_it_knows(opened: Api):
    with opened.client() as client:
        draft = client.get(f"/v1/incidents/{REFERENCE}/handoff").json()

    assert draft["require"] == ["state_now"]
    assert "SEV2, triggered" in draft["summary"]["state_now"]
    assert list(draft["summary"]) == ["state_now"]


def test_a_refusal_is_409_with_the_incidents_words_and_audited(opened: Api):
    opened.gateway.error = Refused("INC-M4T9WC is resolved: reopen it first.")
    with opened.client() as client:
        answer = client.post(f"/v1/incidents/{REFERENCE}/acknowledge")

    assert answer.status_code == 409
    assert answer.json()["detail"] == "INC-M4T9WC is resolved: reopen it first."
    (entry,) = opened.ledger.audited()
    assert (entry.actor, entry.action, entry.outcome) == ("user:ann", "acknowledge", "refused")
    assert entry.target == REFERENCE


def test_a_command_that_no_worker_answers_is_202_pending(opened: Api):
    opened.gateway.error = Pending()
    with opened.client() as client:
        answer = client.post(
            f"/v1/incidents/{REFERENCE}/acknowledge", headers={"Idempotency-Key": "tap"}
        )

    assert answer.status_code == 202
    assert answer.json()["status"] == "pending"
    assert answer.json()["request_id"] == "user:ann/tap"


@pytest.mark.parametrize(
    ("error", "status"), [(NotFound(), 409), (EngineUnavailable("Away.", 3), 503)]
)
def test_an_engine_that_cannot_act_is_told_apart(opened: Api, error: Exception, status: int):
    opened.gateway.error = error
    with opened.client() as client:
        assert client.post(f"/v1/incidents/{REFERENCE}/resolve").status_code == status


def test_a_command_that_was_refused_after_all_is_409(opened: Api):
    opened.gateway.answer = Answer(sentence="Too late.", refused=True)
    with opened.client() as client:
        answer = client.post(f"/v1/incidents/{REFERENCE}/acknowledge")

    assert (answer.status_code, answer.json()["detail"]) == (409, "Too late.")


def test_a_closed_incident_takes_no_command_even_if_another_runs_under_its_id(api: Api):
    api.record(a_view(phase="closed", closed_at=OPENED))
    api.record(a_view(reference="INC-NEWER1"))
    with api.client() as client:
        old = client.post(f"/v1/incidents/{REFERENCE}/acknowledge")
        unknown = client.post("/v1/incidents/INC-000000/acknowledge")
        newest = client.post(f"/v1/incidents/{WORKFLOW}/acknowledge")

    assert old.status_code == 409
    assert "closed" in old.json()["detail"]
    assert unknown.status_code == 404
    assert newest.status_code == 200


def test_a_repeat_with_one_key_has_one_request_id_for_each_person(opened: Api):
    for actor in ("ann", "ann", "bo"):
        with opened.client(actor) as client:
            client.post(f"/v1/incidents/{REFERENCE}/acknowledge", headers={"Idempotency-Key": "k"})

    ids = [command.request_id for _, command in opened.gateway.commands]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("page", {"to": "anne", "because": "r"}, "to: no user 'anne' in the roster; did you mean"),
        ("page", {"to": "schedule:dbas", "because": "r"}, "did you mean dba?"),
        ("page", {"to": "role:scribe", "because": "r"}, "user:<id> or schedule:<id> or team:<id>"),
        ("page", {"to": "bo", "because": "  "}, "because"),
        ("page", {"to": "bo"}, "because"),
        ("snooze", {"until": "soon"}, "until: 'soon' is no moment: write 06:30"),
        ("snooze", {"for": "2"}, "is no duration: write 30m, 2h"),
        ("set", {"began": "yesterday"}, "began: 'yesterday' is no moment"),
        ("tasks", {"text": "look", "owner": "anne"}, "owner: no user 'anne'"),
        ("tasks", {"text": "x" * 501}, "text"),
        ("tasks", {"text": "look", "due": "soon"}, "due: 'soon' is no moment"),
    ],
)
def test_what_cannot_be_understood_is_422_naming_the_field(
    opened: Api, path: str, body: dict[str, Any], said: str
):
    with opened.client("ann") as client:
        answer = client.post(f"/v1/incidents/{REFERENCE}/{path}", json=body)

    assert answer.status_code == 422
    assert said in answer.text
    assert opened.gateway.commands == []
