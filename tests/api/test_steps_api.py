"""Steps and facts over HTTP: every address, who may, what is refused."""

from typing import Any
from urllib.parse import quote

import pytest

from api.gateway_errors import Pending, Refused
from domain.incident.view import FactView, StepView
from tests.api.conftest import REFERENCE, WORKFLOW, Api, a_view

HERE = f"/v1/incidents/{REFERENCE}"

COMMANDS: list[tuple[str, dict[str, Any] | None, dict[str, Any]]] = [
    ("steps/check/done", {"item": "i1"}, {"kind": "step_done", "step": "check", "item": "i1"}),
    ("steps/check/done", None, {"kind": "step_done", "item": None}),
    ("steps/check/undo", {"item": "i1"}, {"kind": "step_undo", "item": "i1"}),
    (
        "steps/way/choose",
        {"option": "rollback", "because": " deployed at 02:40 "},
        {"kind": "step_choose", "option": "rollback", "because": "deployed at 02:40"},
    ),
    ("steps/way/choose", {"option": "hold"}, {"kind": "step_choose", "because": ""}),
    ("steps/count/answer", {"answer": 12}, {"kind": "step_answer", "answer": 12}),
    ("steps/count/answer", {"answer": True}, {"kind": "step_answer", "answer": True}),
    ("steps/count/answer", {"value": "eu"}, {"kind": "step_answer", "answer": "eu"}),
    ("steps/four_eyes/approve", None, {"kind": "step_approve", "break_glass": False}),
    (
        "steps/four_eyes/approve",
        {"break_glass": True, "because": "nobody answers"},
        {"kind": "step_approve", "break_glass": True, "because": "nobody answers"},
    ),
    ("steps/four_eyes/reject", {"because": "no"}, {"kind": "step_reject", "because": "no"}),
    ("steps/four_eyes/reject", {"reason": "no"}, {"kind": "step_reject", "because": "no"}),
    ("steps/call/retry", None, {"kind": "step_retry", "step": "call"}),
    ("steps/call/skip", {"because": "done by hand"}, {"kind": "step_skip"}),
    ("steps/call/take-over", None, {"kind": "step_take_over", "because": ""}),
    ("steps/call/take-over", {"because": "by ssh"}, {"kind": "step_take_over"}),
    ("facts/cause", {"value": "database"}, {"kind": "fact_set", "fact": "cause"}),
    ("facts/regions", {"value": ["eu", "us"]}, {"kind": "fact_set", "value": ["eu", "us"]}),
    ("facts/ratio", {"value": 0.12}, {"kind": "fact_set", "value": 0.12}),
    ("facts/cause/release", None, {"kind": "fact_release", "fact": "cause"}),
]


@pytest.fixture
def opened(api: Api) -> Api:
    """An API that knows one triggered incident."""
    view = a_view(
        steps=[StepView(id="way", kind="decide", state="running", needs=("choose",))],
        facts=[FactView(name="ratio", type="double", value=0.2, stale=True)],
    )
    api.record(view)
    api.gateway.views[WORKFLOW] = view
    return api


def test_every_command_about_a_step_or_fact_reaches_the_incident_as_the_acting_person(
    opened: Api,
):
    with opened.client("ann") as client:
        for path, body, fields in COMMANDS:
            answer = client.post(f"{HERE}/{path}", json=body)
            assert answer.status_code == 200, (path, answer.text)
            workflow_id, command = opened.gateway.commands[-1]
            sent = command.model_dump(mode="json")

            assert (workflow_id, sent["actor"]) == (WORKFLOW, "user:ann")
            assert fields.items() <= sent.items(), (path, sent)
    assert len({command.request_id for _, command in opened.gateway.commands}) == len(COMMANDS)


@pytest.mark.parametrize("address", ["drain@2.1", quote("drain@2.1", safe="")])
def test_a_steps_address_may_stand_in_a_path_as_it_is_or_escaped(opened: Api, address: str):
    with opened.client() as client:
        answer = client.post(f"{HERE}/steps/{address}/retry")

    assert answer.status_code == 200
    assert opened.gateway.commands[0][1].model_dump()["step"] == "drain@2.1"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("steps/way/choose", {}, "body.option"),
        ("steps/way/choose", None, "body"),
        ("steps/four_eyes/reject", {}, "body.because"),
        ("steps/four_eyes/reject", {"because": "  "}, "body.because"),
        ("steps/call/skip", {"because": ""}, "body.because"),
        ("steps/count/answer", {}, "body.answer"),
        ("facts/cause", {}, "body.value"),
    ],
)
def test_what_must_be_said_of_a_step_is_named_when_it_is_not(
    opened: Api, path: str, body: dict[str, Any] | None, field: str
):
    with opened.client() as client:
        answer = client.post(f"{HERE}/{path}", json=body)

    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert opened.gateway.commands == []


def test_a_wrong_moment_is_409_and_what_never_fits_is_422(opened: Api):
    with opened.client() as client:
        opened.gateway.error = Refused("Step way is decided already.")
        late = client.post(f"{HERE}/steps/way/choose", json={"option": "hold"})
        opened.gateway.error = Refused("Step way has no option 'flee'.", is_input=True)
        never = client.post(f"{HERE}/steps/way/choose", json={"option": "flee"})

    assert (late.status_code, late.json()["detail"]) == (409, "Step way is decided already.")
    assert (never.status_code, never.json()["detail"]) == (422, "Step way has no option 'flee'.")
    assert [entry.outcome for entry in opened.ledger.audited()] == ["refused", "refused"]


def test_a_repeat_of_a_choice_with_one_key_has_one_request_id(opened: Api):
    opened.gateway.error = Pending()
    with opened.client() as client:
        answers = [
            client.post(
                f"{HERE}/steps/way/choose",
                json={"option": "hold"},
                headers={"Idempotency-Key": "tap"},
            )
            for _ in range(2)
        ]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert {answer.json()["request_id"] for answer in answers} == {"user:ann/tap"}


def test_acting_on_a_step_needs_the_scope_respond_and_reading_it_does_not(opened: Api):
    key = opened.ledger.add_key("ci", ["author"], "user:bo")
    with opened.client(key=key) as client:
        read = client.get(f"{HERE}/steps")
        refused = [client.post(f"{HERE}/{path}", json=body) for path, body, _ in COMMANDS]

    assert read.status_code == 200
    assert {answer.status_code for answer in refused} == {403}
    assert opened.gateway.commands == []


def test_the_step_tree_and_the_facts_are_read_alone(opened: Api):
    with opened.client() as client:
        steps = client.get(f"{HERE}/steps").json()
        facts = client.get(f"{HERE}/facts").json()

    assert (steps["reference"], steps["fresh"]) == (REFERENCE, True)
    assert [(step["id"], step["needs"]) for step in steps["items"]] == [("way", ["choose"])]
    assert [(fact["name"], fact["value"], fact["stale"]) for fact in facts["items"]] == [
        ("ratio", 0.2, True)
    ]


@pytest.mark.parametrize("question", ["lower", "raise_to"])
def test_what_a_changed_fact_asks_is_confirmed_by_its_name(opened: Api, question: str):
    with opened.client() as client:
        client.post(f"{HERE}/confirm", json={"question": question})

    assert opened.gateway.commands[0][1].model_dump()["question"] == question
