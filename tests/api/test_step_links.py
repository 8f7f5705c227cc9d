"""Steps and facts on the page behind a signed link: what is shown, asked, and done."""

import re
from typing import Any

import httpx
import pytest

from activities.links import link_for
from api.gateway_errors import Refused
from domain.incident.view import RoleView, StepView
from tests.api.conftest import OPENED, REFERENCE, WORKFLOW, Api, a_view
from tests.incident.step_trees import (
    a_checklist,
    a_decision,
    a_fact,
    a_step,
    an_approval,
)

ROLES = {
    "incident_commander": (RoleView(person="ann", name="Ann Berg", since=OPENED),),
    "operations_lead": (RoleView(person="bo", name="Bo Li", since=OPENED),),
}
FAILED = a_step(
    "call@2",
    state="failed",
    detail="HTTP 503",
    needs=("retry", "skip", "take_over"),
    label="call (b)",
)


def show(api: Api, *steps: StepView, **fields: Any) -> None:
    """The acknowledged incident has these steps now; Ann commands, Bo does the work."""
    view = a_view(**{"phase": "acknowledged", "roles": ROLES, "steps": steps} | fields)
    api.record(view)
    api.gateway.views[WORKFLOW] = view


def path_for(api: Api, person: str = "ann") -> str:
    """The path of the person's link."""
    return httpx.URL(link_for(api.settings, REFERENCE, person)).path


def page_of(api: Api, person: str) -> str:
    """The page as the person sees it."""
    answer = httpx.get(api.address + path_for(api, person))
    assert answer.status_code == 200
    return answer.text


def buttons(page: str) -> list[str]:
    """What the buttons of the page's cards say, in order."""
    found = re.findall(
        r'<form[^>]* action="[^"]*/(?:steps|facts)/[^>]*>.*?<button[^>]*>(.*?)</button>',
        page,
        re.DOTALL,
    )
    return [" ".join(re.sub(r"<[^>]*>", " ", one).split()) for one in found]


def post(api: Api, person: str, what: str, **form: str) -> httpx.Response:
    """The form as a browser sends it."""
    return httpx.post(f"{api.address}{path_for(api, person)}/{what}", data=form)


def test_each_person_gets_the_forms_that_they_may_use_now(api: Api):
    show(api, a_decision(), an_approval(asked_by="ann", owner="user:bo"), a_checklist(), FAILED)

    ticks = ["✓ Logs (ann)", "Graphs (optional)"]
    mends = ["Do it again", "Take it over", "Skip it"]
    no, glass = "Reject", "Break the glass"
    assert buttons(page_of(api, "ann")) == ["Decide", no, glass, *ticks, *mends]
    assert buttons(page_of(api, "bo")) == ["Approve", no, glass, *ticks, *mends]


def test_a_decision_shows_what_each_way_costs_and_what_is_suggested(api: Api):
    show(api, a_decision(question="How do we stop <it>?"))

    page = page_of(api, "ann")

    assert "How do we stop &lt;it&gt;?" in page
    assert "about 4 min; risk: loses the tax fix; can be undone" in page
    assert page.count(">suggested<") == 1
    assert " checked" not in page.partition("<body>")[2], (
        "a person decides; nothing is chosen beforehand"
    )


@pytest.mark.parametrize(
    ("what", "form", "fields"),
    [
        (
            "steps/way/choose",
            {"option": "rollback", "because": "deployed at 02:40"},
            {"kind": "step_choose", "option": "rollback", "because": "deployed at 02:40"},
        ),
        ("steps/four_eyes/approve", {"because": ""}, {"kind": "step_approve", "because": ""}),
        (
            "steps/four_eyes/break-glass",
            {"because": "nobody answers"},
            {"kind": "step_approve", "break_glass": True, "because": "nobody answers"},
        ),
        ("steps/four_eyes/reject", {"because": "no"}, {"kind": "step_reject"}),
        ("steps/look/done", {"item": "graphs"}, {"kind": "step_done", "item": "graphs"}),
        ("steps/look/undo", {"item": "logs"}, {"kind": "step_undo", "item": "logs"}),
        ("steps/count/answer", {"answer": "12"}, {"kind": "step_answer", "answer": "12"}),
        ("steps/call@2/retry", {}, {"kind": "step_retry", "step": "call@2"}),
        ("steps/call@2/skip", {"because": "by hand"}, {"kind": "step_skip", "step": "call@2"}),
        ("steps/call@2/take-over", {}, {"kind": "step_take_over", "because": ""}),
        ("facts/ratio/set", {"value": "0.2"}, {"kind": "fact_set", "fact": "ratio"}),
        ("facts/ratio/release", {}, {"kind": "fact_release", "fact": "ratio"}),
    ],
)
def test_a_form_acts_as_the_person_of_the_link_and_looking_never_does(
    api: Api, what: str, form: dict[str, str], fields: dict[str, Any]
):
    show(api, a_decision(), facts=[a_fact()])
    page_of(api, "ann")
    looked = httpx.get(f"{api.address}{path_for(api)}/{what}")
    before = list(api.gateway.commands)

    answer = post(api, "ann", what, **form)

    assert (looked.status_code, before) == (405, [])
    assert (answer.status_code, "Done." in answer.text) == (200, True)
    (sent,) = [command.model_dump(mode="json") for _, command in api.gateway.commands]
    assert sent["actor"] == "user:ann"
    assert fields.items() <= sent.items()


@pytest.mark.parametrize(
    ("what", "form", "missing"),
    [
        ("steps/way/choose", {}, "the option"),
        ("steps/four_eyes/reject", {"because": "  "}, "the reason"),
        ("steps/call@2/skip", {}, "the reason"),
        ("steps/count/answer", {"answer": ""}, "the answer"),
        ("facts/ratio/set", {"value": " "}, "a value"),
    ],
)
def test_a_form_that_lacks_something_does_nothing_and_says_what(
    api: Api, what: str, form: dict[str, str], missing: str
):
    show(api, a_decision())

    answer = post(api, "ann", what, **form)

    assert answer.status_code == 422
    assert missing in answer.text
    assert api.gateway.commands == []


def test_what_the_incident_refuses_stands_on_the_page(api: Api):
    show(api, a_decision())
    api.gateway.error = Refused("Only incident commander decides this: Ann.")

    answer = post(api, "bo", "steps/way/choose", option="hold")

    assert answer.status_code == 409
    assert "Only incident commander decides this: Ann." in answer.text


def test_a_question_takes_input_of_its_type(api: Api):
    ask = {"owner": "user:ann", "needs": ("answer",)}
    show(
        api,
        a_step("count", "ask", "running", answer_type="int", **ask),
        a_step("cause", "ask", "running", one_of=("database", "deploy"), **ask),
        a_step("sure", "ask", "running", answer_type="bool", **ask),
    )

    page = page_of(api, "ann")

    assert '<input name="answer" aria-label="answer" type="number" step="1"' in page
    assert re.findall(r"<option>(\w+)</option>", page) == ["database", "deploy", "true", "false"]


def test_facts_are_shown_with_their_age_and_set_by_who_is_on_it(api: Api):
    show(api, facts=[a_fact(stale=True, why="<refused>"), a_fact("cause", source="set")])

    page = page_of(api, "bo")

    assert "0.124" in page
    assert ">stale<" in page
    assert "&lt;refused&gt;" in page
    assert buttons(page) == ["Set ratio", "Set cause", "Let what is measured count again"]
    show(api, facts=[a_fact()], roles={})
    assert buttons(page_of(api, "bo")) == []


def test_a_runbook_is_shown_in_place_and_nothing_in_it_runs(api: Api):
    text = (
        "# Look <script>alert(1)</script>\n\n```sh\nrm -rf /tmp/<x>\n```\n\n"
        "[graphs](https://g.example/a) [bad](javascript:alert(1)) [here](/i/x)\n"
        "![pixel](https://evil.example/p.png) <img src=x onerror=alert(1)>"
    )
    show(api, a_step("read", "runbook", text=text))

    page = page_of(api, "ann")

    assert '<code class="language-sh">rm -rf /tmp/&lt;x&gt;\n</code>' in page
    assert '<a href="https://g.example/a" rel="noreferrer noopener">graphs</a>' in page
    for forbidden in ("<script", "<img", 'href="javascript', 'href="/i/x"'):
        assert forbidden not in page


def test_a_closed_incident_shows_its_steps_and_no_form(api: Api):
    show(api, a_decision(), FAILED, phase="closed", closed_at=OPENED)

    answer = httpx.get(api.address + path_for(api))

    assert answer.status_code == 410
    assert "call (b)" in answer.text
    assert "<form" not in answer.text


def test_the_incident_that_a_step_opened_and_the_one_that_called_are_a_tap_away(api: Api):
    show(api, a_step("recovery", "playbook", child="INC-CHILD1"), parent="INC-PARENT")
    page = page_of(api, "ann")

    for reference in ("INC-CHILD1", "INC-PARENT"):
        path = httpx.URL(link_for(api.settings, reference, "ann")).path
        assert f'<a href="{path}" rel="noreferrer">{reference}</a>' in page


def test_more_fields_than_a_form_has_are_not_read(api: Api):
    show(api, a_decision())
    many = {f"f{number}": "x" for number in range(50)}

    answer = post(api, "ann", "steps/way/choose", option="hold", **many)

    assert answer.status_code == 422
    assert api.gateway.commands == []
