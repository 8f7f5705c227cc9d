"""The responder's commands, run as processes against a real HTTP server."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from cli.main import RESPONDERS, build_app
from cli.respond import command as respond
from cli.respond import commands
from cli.respond.session import responders_command
from tests.cli.conftest import (
    INCIDENT,
    ApiServer,
    CommandLine,
    answer,
    document,
    entry,
    event_stream,
    problem,
)
from tests.receivers import Received, Reply

HERE = "/v1/incidents/INC-M4T9WC"
HELD_BACK = "/v1/incidents?phase=suppressed&limit=100"

COMMANDS: list[tuple[list[str], str, dict[str, Any]]] = [
    (["ack", "INC-M4T9WC"], "acknowledge", {}),
    (["acknowledge", "INC-M4T9WC"], "acknowledge", {}),
    (["unack", "INC-M4T9WC", "--because", "on a train"], "unacknowledge", {"reason": "on a train"}),
    (["escalate", "INC-M4T9WC"], "escalate", {"reason": ""}),
    (
        ["severity", "INC-M4T9WC", "sev1", "--because", "two regions"],
        "severity",
        {"severity": "SEV1", "reason": "two regions"},
    ),
    (
        ["assign", "INC-M4T9WC", "scribe", "bo"],
        "assign",
        {"role": "scribe", "to": "bo"},
    ),
    (["accept", "INC-M4T9WC", "scribe"], "roles/scribe/accept", {}),
    (["decline", "INC-M4T9WC", "scribe"], "roles/scribe/decline", {"reason": ""}),
    (["release", "INC-M4T9WC", "scribe"], "roles/scribe/release", {"reason": ""}),
    (["confirm", "INC-M4T9WC"], "confirm", {"question": None}),
    (["confirm", "INC-M4T9WC", "--question", "raise"], "confirm", {"question": "raise"}),
    (
        ["handoff", "INC-M4T9WC", "scribe", "bo", "--state-now", "calm", "--field", "risks=none"],
        "handoff",
        {"role": "scribe", "to": "bo", "summary": {"state_now": "calm", "risks": "none"}},
    ),
    (["handoff-accept", "INC-M4T9WC", "offer-3"], "handoff/offer-3/accept", {}),
    (["handoff-decline", "INC-M4T9WC", "offer-3"], "handoff/offer-3/decline", {"reason": ""}),
    (["done", "INC-M4T9WC", "verify", "ledger"], "steps/verify/done", {"item": "ledger"}),
    (["undo", "INC-M4T9WC", "verify"], "steps/verify/undo", {"item": None}),
    (
        ["note", "INC-M4T9WC", "it was DNS", "--type", "finding"],
        "note",
        {"text": "it was DNS", "type": "finding"},
    ),
    (["mitigate", "INC-M4T9WC", "--text", "rolled back"], "mitigate", {"text": "rolled back"}),
    (["resolve", "INC-M4T9WC"], "resolve", {"text": ""}),
    (["reopen", "INC-M4T9WC"], "reopen", {"reason": ""}),
    (["cancel", "INC-M4T9WC", "--because", "a test"], "cancel", {"reason": "a test"}),
]


@pytest.mark.parametrize(("typed", "path", "body"), COMMANDS, ids=lambda value: str(value)[:40])
def test_each_command_says_to_the_api_what_was_typed_and_prints_its_sentence(  # noqa: PLR0917
    typed: list[str],
    path: str,
    body: dict[str, Any],
    api: ApiServer,
    run_here: Callable[..., int],
    sent: Callable[[], Received],
    capsys: pytest.CaptureFixture[str],
):
    api.replies[f"{HERE}/{path}"] = answer("So it is.")

    status = run_here(*typed)

    assert (status, capsys.readouterr().out) == (0, "So it is.\n")
    assert (sent().method, sent().path) == ("POST", f"{HERE}/{path}")
    assert sent().json() == body
    assert sent().headers["authorization"] == "Bearer key-of-ann"
    assert sent().headers["idempotency-key"]


def test_every_command_loads_its_own_module_only():
    app = build_app([])
    names = {command.name for command in app.registered_commands}
    own = build_app(["ack"])

    assert set(RESPONDERS) <= names
    assert {command.name for command in own.registered_commands} == set(RESPONDERS)
    assert commands.ack.__name__ == responders_command(commands.ack).__name__
    assert respond.PHASES[:2] == ("open", "all")


def test_declare_sends_title_labels_and_severity(
    api: ApiServer, run_here: Callable[..., int], sent: Callable[[], Received]
):
    api.replies["/v1/incidents"] = answer("INC-1 is open.")

    status = run_here(
        "declare", "Pay is slow", "--severity", "SEV2", "--label", "env=prod", "--playbook", "p"
    )

    assert status == 0
    assert sent().json() == {
        "title": "Pay is slow",
        "labels": {"env": "prod"},
        "text": "",
        "playbook": "p",
        "severity": "SEV2",
    }


def test_the_acting_person_is_named_by_option_or_environment(
    watchbill: CommandLine, api: ApiServer
):
    watchbill("ack", "inc-m4t9wc", "--as", "ann")
    watchbill("ack", "INC-M4T9WC", WATCHBILL_ACTOR="bo")
    watchbill("ack", "INC-M4T9WC", "--as", "ann", WATCHBILL_ACTOR="bo")

    named = [request.headers["x-watchbill-actor"] for request in api.received()]
    assert named == ["ann", "bo", "ann"]
    assert {request.path for request in api.received()} == {f"{HERE}/acknowledge"}


def test_a_refusal_is_one_line_on_standard_error_with_status_1(
    watchbill: CommandLine, api: ApiServer
):
    detail = "summary.state_now is empty:\nsay how it stands."
    api.replies[f"{HERE}/handoff"] = problem(409, detail)

    run = watchbill("handoff", "INC-M4T9WC", "scribe", "bo")

    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == ("watchbill handoff: summary.state_now is empty: say how it stands.\n")


def test_pending_is_said_and_is_not_a_failure(watchbill: CommandLine, api: ApiServer):
    kept = {"status": "pending", "sentence": "It is kept.", "request_id": "1"}
    api.replies[f"{HERE}/acknowledge"] = document(kept, 202)

    run = watchbill("ack", "INC-M4T9WC")

    assert (run.returncode, run.stdout) == (0, "Pending: It is kept.\n")


def test_a_broken_connection_is_tried_three_times_with_one_key(
    watchbill: CommandLine, api: ApiServer
):
    api.replies[f"{HERE}/acknowledge"] = Reply(drop=True)

    run = watchbill("ack", "INC-M4T9WC")

    keys = [request.headers["idempotency-key"] for request in api.received()]
    assert run.returncode == 1
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert "no answer from" in run.stderr
    assert "watchbill up" in run.stderr


def test_two_runs_of_a_command_are_two_requests(watchbill: CommandLine, api: ApiServer):
    watchbill("escalate", "INC-M4T9WC")
    watchbill("escalate", "INC-M4T9WC")

    assert len({request.headers["idempotency-key"] for request in api.received()}) == 2


def test_without_any_key_it_says_where_one_comes_from(watchbill: CommandLine, api: ApiServer):
    run = watchbill("ack", "INC-M4T9WC", WATCHBILL_API_KEY=None)

    assert run.returncode == 2
    assert "set WATCHBILL_API_KEY" in run.stderr
    assert api.received() == []


def test_the_development_key_is_found_in_the_data_folder(
    watchbill: CommandLine, sent: Callable[[], Received], tmp_path: Any
):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "dev-api-key").write_text("of-the-folder\n")

    watchbill("ack", "INC-M4T9WC", WATCHBILL_API_KEY=None)

    assert sent().headers["authorization"] == "Bearer of-the-folder"


def test_an_answer_that_is_no_watchbill_is_said(watchbill: CommandLine, api: ApiServer):
    api.replies[f"{HERE}/acknowledge"] = Reply(status=404, body=b"<html>nginx</html>")

    run = watchbill("ack", "INC-M4T9WC")

    assert run.returncode == 1
    assert "is WATCHBILL_URL a Watchbill?" in run.stderr


@pytest.mark.parametrize(
    "typed",
    [
        ["severity", "INC-M4T9WC", "SEV9", "--because", "x"],
        ["severity", "INC-M4T9WC", "SEV1"],
        ["note", "INC-M4T9WC", "x", "--type", "rumour"],
        ["confirm", "INC-M4T9WC", "--question", "why"],
        ["handoff", "INC-M4T9WC", "scribe", "bo", "--field", "nothing"],
        ["list", "--phase", "burning"],
        ["ack"],
        ["ack", "INC-M4T9WC", "--all"],
    ],
)
def test_wrong_usage_is_status_2_and_sends_nothing(
    typed: list[str], api: ApiServer, run_here: Callable[..., int]
):
    assert run_here(*typed) == 2
    assert api.received() == []


def test_a_list_shows_one_incident_a_line_over_all_pages(
    api: ApiServer, run_here: Callable[..., int], capsys: pytest.CaptureFixture[str]
):
    first = {"items": [INCIDENT], "next": "c2"}
    second = {"items": [INCIDENT | {"reference": "INC-SECOND"}], "next": None}
    api.replies["/v1/incidents?phase=open&limit=100"] = document(first)
    api.replies["/v1/incidents?phase=open&limit=99&cursor=c2"] = document(second)
    api.replies[HELD_BACK] = document({"items": [], "next": None})

    status = run_here("list")

    lines = capsys.readouterr().out.splitlines()
    assert status == 0
    assert [line.split()[0] for line in lines] == ["Reference", "INC-M4T9WC", "INC-SECOND"]
    assert "nobody yet" in lines[1]


def test_no_open_incidents_is_said_in_words(
    api: ApiServer, run_here: Callable[..., int], capsys: pytest.CaptureFixture[str]
):
    for path in ("/v1/incidents?phase=open&limit=100", HELD_BACK):
        api.replies[path] = document({"items": [], "next": None})

    assert run_here("list") == 0
    assert capsys.readouterr().out == "No open incidents.\n"


def test_what_maintenance_holds_back_stands_below_what_is_open(
    api: ApiServer, run_here: Callable[..., int], capsys: pytest.CaptureFixture[str]
):
    api.replies["/v1/incidents?phase=open&limit=100"] = document({"items": [], "next": None})
    held = {"items": [INCIDENT | {"phase": "suppressed"}], "next": None}
    api.replies[HELD_BACK] = document(held)

    assert run_here("list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["No open incidents.", "", "Held back by maintenance, nobody is paged:"]
    assert lines[4].split()[:3] == ["INC-M4T9WC", "SEV2", "suppressed"]


def test_what_senders_write_cannot_steer_the_terminal(watchbill: CommandLine, api: ApiServer):
    title = "bad \x1b[31m[bold]markup[/bold]\nline"
    api.replies[HERE] = document(INCIDENT | {"title": title})

    run = watchbill("show", "INC-M4T9WC")

    assert run.returncode == 0
    assert "\x1b" not in run.stdout
    assert "[bold]markup[/bold] line" in run.stdout


def test_show_tells_what_is_asked_what_is_next_and_what_is_to_do(
    watchbill: CommandLine, api: ApiServer
):
    at = "2026-11-22T03:05:00Z"
    api.replies[HERE] = document(
        INCIDENT
        | {
            "asks": [{"question": "raise", "of": ["ann"], "asked_at": at, "until": at}],
            "deadlines": [{"name": "x", "summary": "Level 1: 5 min to acknowledge", "at": at}],
            "steps": [
                {
                    "id": "verify",
                    "kind": "checklist",
                    "state": "running",
                    "items": [{"id": "ledger", "text": "Totals agree", "done_by": "ann"}],
                }
            ],
            "fresh": False,
        }
    )

    shown = watchbill("show", "INC-M4T9WC").stdout

    assert "raise: ann, until 03:05:00" in shown
    assert "03:05:00  Level 1: 5 min to acknowledge" in shown
    assert "  [x] ledger: Totals agree  (ann)" in shown
    assert "No worker answers" in shown


def test_a_timeline_is_printed_whole_over_all_pages(watchbill: CommandLine, api: ApiServer):
    first = {"items": [entry(1, "Opened.")], "next": 1}
    second = {"items": [entry(2, "Found it.", "note.finding")], "next": None}
    api.replies[f"{HERE}/timeline?after=0&limit=500"] = document(first)
    api.replies[f"{HERE}/timeline?after=1&limit=500"] = document(second)

    run = watchbill("timeline", "INC-M4T9WC")

    assert run.stdout.splitlines() == [
        "2026-11-22 UTC",
        "03:00:01  Opened.",
        "03:00:02  Found it.  (finding, system)",
    ]


def test_json_prints_the_apis_own_document(watchbill: CommandLine, api: ApiServer):
    api.replies[HERE] = document(INCIDENT)

    run = watchbill("show", "INC-M4T9WC", "--json")

    assert json.loads(run.stdout) == INCIDENT


def test_watch_prints_plain_lines_in_a_pipe_and_ends_when_it_closes(
    watchbill: CommandLine, api: ApiServer
):
    known = {"items": [entry(1, "Opened.")], "next": None}
    api.replies[f"{HERE}/timeline?after=0&limit=500"] = document(known)
    api.replies[f"{HERE}/events"] = event_stream(
        ("snapshot", INCIDENT, None),
        ("timeline", entry(2, "Resolved.", "resolved"), 2),
        ("incident", INCIDENT | {"phase": "closed"}, None),
        ("closed", {"reference": "INC-M4T9WC"}, None),
    )

    run = watchbill("watch", "INC-M4T9WC")

    assert run.returncode == 0
    lines = run.stdout.splitlines()
    assert lines[0].startswith("INC-M4T9WC  SEV2  triggered  Payment API returns 5xx in prod")
    assert lines[1:] == ["03:00:01  Opened.", "03:00:02  Resolved.", "It is closed."]


def test_watch_goes_on_after_a_broken_stream_where_it_stopped(
    watchbill: CommandLine, api: ApiServer
):
    known = {"items": [entry(1, "Opened.")], "next": None}
    api.replies[f"{HERE}/timeline?after=0&limit=500"] = document(known)
    api.replies[f"{HERE}/events"] = event_stream(
        ("snapshot", INCIDENT, None), ("timeline", entry(2, "Paged."), 2)
    )
    api.then(f"{HERE}/events", event_stream(("closed", {}, None)))

    run = watchbill("watch", "INC-M4T9WC")

    resumed = [request.headers.get("last-event-id") for request in api.received()[1:]]
    assert resumed == ["1", "2"]
    assert run.stdout.splitlines()[1:] == ["03:00:01  Opened.", "03:00:02  Paged.", "It is closed."]


def test_ack_all_acknowledges_what_pages_me_and_says_what_came_of_each(
    api: ApiServer,
    run_here: Callable[..., int],
    sent: Callable[[], Received],
    capsys: pytest.CaptureFixture[str],
):
    one = {"reference": "INC-M4T9WC", "title": "Disk full db-1", "sentence": "You acknowledged."}
    api.replies["/v1/me/acknowledge-all"] = document({"sentence": "All 1 are.", "items": [one]})

    status = run_here("ack", "--all")

    said = "All 1 are.\n  INC-M4T9WC Disk full db-1: You acknowledged.\n"
    assert (status, capsys.readouterr().out) == (0, said)
    assert sent().headers["idempotency-key"]
