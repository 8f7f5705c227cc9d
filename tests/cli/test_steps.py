"""`watchbill step` and `watchbill fact`, and how the tree looks in a terminal."""

import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from rich.console import Console, Group

from cli.show.incident import incident, live
from cli.show.shown import parsed
from cli.show.steps import fact_lines, step_lines
from domain.incident.view import StepView
from tests.cli.conftest import INCIDENT, ROOT, ApiServer, CommandLine, answer, document, problem
from tests.incident.step_trees import (
    AT,
    a_checklist,
    a_decision,
    a_fact,
    a_loop,
    a_step,
    an_approval,
)
from tests.receivers import Received

HERE = "/v1/incidents/INC-M4T9WC"
SAID = answer("Done.")


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times are read in UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def drawn(*steps: StepView) -> list[str]:
    """The tree as a terminal of 100 columns shows it."""
    console = Console(width=100, highlight=False)
    with console.capture() as captured:
        console.print(Group(*step_lines(steps, AT)))
    return [line.rstrip() for line in captured.get().rstrip().split("\n")]


def test_the_tree_shows_state_owner_deadline_result_and_what_somebody_must_know():
    inside = a_step(
        "triage",
        "parallel",
        "running",
        steps=(
            a_step("deploys", results={"count": 3}, branch=1),
            a_step("status", state="failed", detail="HTTP 503 after 3 tries.", branch=2),
            a_checklist(branch=3),
        ),
    )

    assert drawn(inside, a_decision(), an_approval(), a_step("tell", "notify", "pending")) == [
        "[>] triage: parallel, running",
        "├─ [x] deploys: http, done: count=3",
        "├─ [!] status: http, failed: HTTP 503 after 3 tries",
        "└─ [>] look: checklist, 1 of 2 ticked, operations lead",
        "     [x] logs: Logs  (ann)",
        "     [ ] graphs: Graphs (optional)",
        "[>] way: decide, to be decided, incident commander, due in 4 min (03:14:00)",
        "  12 % fail. How do we stop it?",
        "  * rollback: Roll back the last deploy (suggested)",
        "      about 4 min; risk: loses the tax fix; can be undone",
        "    hold: Keep looking",
        "      risk: customers keep failing",
        "[>] four_eyes: approve, approved by 1 of 2, incident commander, nora",
        "  yes: Cleo at 03:10:00, because sane",
        "[ ] tell: notify, pending",
    ]


def test_a_deadline_that_has_passed_says_since_when():
    late = a_step("x", "wait_for", "running", deadline=AT - timedelta(minutes=2))

    assert drawn(late) == ["[>] x: wait for, running, overdue since 03:08:00"]


def test_a_loop_of_200_rounds_is_a_count_and_the_rounds_that_need_somebody():
    assert drawn(a_loop(200, failed=(7,))) == [
        "[>] each_region: for each, running",
        "├─ 200 rounds: 1 failed, 100 pending, 99 done",
        "├─ [!] shift (eu-7): http, failed",
        "└─ [ ] check@7: http, pending",
    ]


def test_a_long_runbook_is_cut_and_the_rest_counted():
    text = "\n".join(f"line {number}" for number in range(30))

    lines = drawn(a_step("read", "runbook", text=text))

    assert lines[1] == "  | line 0"
    assert lines[-1] == "  | and 18 more lines"


def test_a_live_screen_shows_the_steps_that_wait_and_no_others():
    shown = parsed(
        INCIDENT
        | {"steps": [one.model_dump(mode="json") for one in (a_step("call"), a_decision())]}
    )
    console = Console(width=100, height=60, highlight=False)

    with console.capture() as captured:
        console.print(live(shown, [], AT, 60))

    assert "[>] way: decide, to be decided, incident commander" in captured.get()
    assert "call" not in captured.get()


def test_an_incident_that_another_called_says_so():
    console = Console(width=100, highlight=False)

    with console.capture() as captured:
        console.print(incident(parsed(INCIDENT | {"parent": "INC-CALLER"}), AT))

    assert "Called by    INC-CALLER" in captured.get()


def test_a_stale_fact_is_marked_with_its_age_and_what_stands_against_it():
    stale = a_fact(stale=True, why="connection refused")
    unknown = a_fact("cause", type="string", value=None, at=None, source=None)
    console = Console(width=100, highlight=False)

    with console.capture() as captured:
        console.print(Group(*fact_lines((stale, unknown), AT + timedelta(minutes=7))))

    assert captured.get().splitlines() == [
        "ratio  0.124  (measured, 7 min ago)  STALE  connection refused",
        "cause  unknown",
    ]


@pytest.mark.parametrize(
    ("typed", "path", "body"),
    [
        (("done", "look", "logs"), "steps/look/done", {"item": "logs"}),
        (("undo", "look"), "steps/look/undo", {"item": None}),
        (
            ("choose", "way", "rollback", "--because", "deployed at 02:40"),
            "steps/way/choose",
            {"option": "rollback", "because": "deployed at 02:40"},
        ),
        (("choose", "way", "hold"), "steps/way/choose", {"option": "hold", "because": ""}),
        (("answer", "count", "12"), "steps/count/answer", {"answer": "12"}),
        (
            ("approve", "four_eyes"),
            "steps/four_eyes/approve",
            {"because": "", "break_glass": False},
        ),
        (
            ("approve", "four_eyes", "--break-glass", "--because", "nobody is there"),
            "steps/four_eyes/approve",
            {"because": "nobody is there", "break_glass": True},
        ),
        (("reject", "four_eyes", "--because", "no"), "steps/four_eyes/reject", {"because": "no"}),
        (("retry", "drain@2.1"), "steps/drain@2.1/retry", {}),
        (("skip", "call", "--because", "by hand"), "steps/call/skip", {"because": "by hand"}),
        (("take-over", "call"), "steps/call/take-over", {"because": ""}),
    ],
)
def test_each_command_about_a_step_posts_to_its_address(
    api: ApiServer,
    run_here: Callable[..., int],
    sent: Callable[[], Received],
    typed: tuple[str, ...],
    path: str,
    body: dict[str, object],
):
    api.replies[f"{HERE}/{path}"] = SAID
    what, step, *rest = typed

    assert run_here("step", what, "INC-M4T9WC", step, *rest) == 0
    assert (sent().path, sent().json()) == (f"{HERE}/{path}", body)
    assert sent().headers["idempotency-key"]


@pytest.mark.parametrize(
    "typed", [("reject", "x"), ("skip", "x"), ("approve", "x", "--break-glass")]
)
def test_a_reason_that_is_needed_is_asked_for_by_name_where_no_terminal_is(
    watchbill: CommandLine, api: ApiServer, typed: tuple[str, ...]
):
    what, step, *rest = typed
    run = watchbill("step", what, "INC-M4T9WC", step, *rest)

    assert run.returncode == 2
    assert "--because" in run.stderr
    assert api.received() == []


def test_choosing_at_a_terminal_asks_why(watchbill: CommandLine, api: ApiServer):
    api.replies[f"{HERE}/steps/way/choose"] = SAID
    ours, theirs = pty.openpty()
    run = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "step", "choose", "INC-M4T9WC", "way", "rollback"],
        cwd=ROOT,
        env=watchbill.environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, b"deployed at 02:40\n")
    try:
        assert run.wait(60) == 0
    finally:
        os.close(ours)

    (request,) = api.received()
    assert request.json() == {"option": "rollback", "because": "deployed at 02:40"}


def test_a_refused_step_is_one_line_with_the_commands_name(
    api: ApiServer, run_here: Callable[..., int], capsys: pytest.CaptureFixture[str]
):
    api.replies[f"{HERE}/steps/call/take-over"] = problem(409, "Step call runs.")

    assert run_here("step", "take-over", "INC-M4T9WC", "call") == 1
    assert capsys.readouterr().err == "watchbill step take-over: Step call runs.\n"


def test_facts_are_listed_set_and_released(
    api: ApiServer, run_here: Callable[..., int], capsys: pytest.CaptureFixture[str]
):
    facts = {"reference": "INC-M4T9WC", "items": [a_fact(at=None).model_dump(mode="json")]}
    api.replies[f"{HERE}/facts"] = document(facts)
    api.replies[f"{HERE}/facts/ratio"] = answer("ratio is 0.2.")
    api.replies[f"{HERE}/facts/ratio/release"] = answer("Measured again.")

    assert run_here("fact", "list", "INC-M4T9WC") == 0
    assert run_here("fact", "set", "INC-M4T9WC", "ratio", "0.2") == 0
    assert run_here("fact", "release", "INC-M4T9WC", "ratio") == 0

    said = capsys.readouterr().out
    assert said == "ratio  0.124  (measured)\nratio is 0.2.\nMeasured again.\n"
    assert api.received()[1].json() == {"value": "0.2"}


def test_the_step_list_and_show_have_the_same_tree(watchbill: CommandLine, api: ApiServer):
    steps = [one.model_dump(mode="json") for one in (a_decision(deadline=None), a_loop(2))]
    facts = [a_fact(stale=True).model_dump(mode="json")]
    api.replies[f"{HERE}/steps"] = document({"reference": "INC-M4T9WC", "items": steps})
    api.replies[HERE] = document(INCIDENT | {"steps": steps, "facts": facts})

    listed = watchbill("step", "list", "INC-M4T9WC").stdout
    shown = watchbill("show", "INC-M4T9WC").stdout
    as_json = json.loads(watchbill("step", "list", "INC-M4T9WC", "--json").stdout)

    assert listed.splitlines()[0] == "[>] way: decide, to be decided, incident commander"
    assert listed in shown
    assert "STALE" in shown
    assert [step["id"] for step in as_json["items"]] == ["way", "each_region"]
