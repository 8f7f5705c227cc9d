"""`watchbill drill`: what it asks the API for, how it follows, and how it ends."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.main import build_app
from tests.cli.conftest import INCIDENT, ROOT, ApiServer, document, entry, event_stream, problem
from tests.receivers import Received

PLAYBOOKS = str(ROOT / "playbooks")
STARTED = {"reference": "INC-M4T9WC", "sentence": "INC-M4T9WC is a drill of disk_full."}
FOLLOWED = (
    ("snapshot", {**INCIDENT, "drill": True}, 1),
    ("timeline", entry(2, "Paging Ann Berg by push (level 1)."), 2),
    ("closed", {}, None),
)


def scored(missed: int, state: str = "scored") -> dict[str, Any]:
    """A drill as the API shows it."""
    has = state == "scored"
    return {
        "reference": "INC-M4T9WC",
        "playbook": "disk_full",
        "state": state,
        "score": {"any": "card"} if has else None,
        "kept": 3,
        "missed": missed,
        "sentence": "Score: 3 of 3 promises kept.",
        "text": "the whole card",
        "opened_at": "2026-11-22T03:00:00Z",
    }


def a_drill(api: ApiServer, *, missed: int) -> None:
    """A drill that starts, is followed, and has this score."""
    api.replies["/v1/drills"] = document(STARTED)
    api.replies["/v1/incidents/INC-M4T9WC/events"] = event_stream(*FOLLOWED)
    api.replies["/v1/drills/INC-M4T9WC"] = document(scored(missed))


def rehearsed(*arguments: str) -> int:
    """The exit status of a drill without a server."""
    typed = ["drill", *arguments, "--rehearse", "--playbooks", PLAYBOOKS]
    with pytest.raises(SystemExit) as ended:
        build_app(typed)(typed)
    return int(ended.value.code or 0)


def body_of(request: Received) -> dict[str, Any]:
    found: dict[str, Any] = request.json()
    return found


@pytest.mark.parametrize(("missed", "status"), [(0, 0), (1, 1)])
def test_a_drill_is_followed_to_its_card_whose_promises_are_the_status(
    api: ApiServer,
    run_here: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    missed: int,
    status: int,
):
    a_drill(api, missed=missed)

    assert run_here("drill", "disk_full") == status

    printed = capsys.readouterr().out
    assert "INC-M4T9WC is a drill of disk_full." in printed
    assert "[drill]" in printed
    assert "Paging Ann Berg by push" in printed
    assert printed.rstrip().endswith("the whole card")


def test_what_is_typed_is_what_is_asked_for(
    api: ApiServer, run_here: Callable[..., int], tmp_path: Path
):
    api.replies["/v1/drills"] = document(STARTED)
    alert = tmp_path / "alert.json"
    labels = {"alertname": "DiskFull", "host": "db1"}
    alert.write_text(json.dumps(_alertmanager(labels)))

    status = run_here(
        *("drill", "disk_full", "--no-wait", "--speed", "30", "--people", "real"),
        *("--responders", "default=2m,user:bo=never", "--fact", "used=0.9", "--fact", "on=true"),
        *("--alert", str(alert), "--label", "host=db2"),
    )

    [request] = api.received("/v1/drills")
    assert status == 0
    assert body_of(request) == {
        "playbook": "disk_full",
        "speed": 30.0,
        "people": "real",
        "labels": {"alertname": "DiskFull", "host": "db2"},
        "annotations": {"summary": "full"},
        "summary": "full",
        "facts": {"used": 0.9, "on": True},
        "responders": {"default": "2m", "user:bo": "never"},
    }


def _alertmanager(labels: dict[str, str]) -> dict[str, Any]:
    alert = {
        "status": "firing",
        "labels": labels,
        "annotations": {"summary": "full"},
        "startsAt": "2026-11-22T03:00:00Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "fingerprint": "f1",
    }
    common = {"groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "groupKey": "g"}
    return {"version": "4", "status": "firing", "receiver": "r", "alerts": [alert]} | common


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("--people", "fake"), "use simulated or real"),
        (("--responders", "bo"), "'bo' is not WHO=WHAT"),
        (("--alert", "/no/such/file"), "--alert /no/such/file"),
        (("--fact", "used"), "is not NAME=VALUE"),
    ],
)
def test_wrong_usage_is_status_2_and_asks_nobody(
    api: ApiServer,
    run_here: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    typed: tuple[str, ...],
    said: str,
):
    assert run_here("drill", "disk_full", *typed) == 2

    assert said in capsys.readouterr().err
    assert api.received() == []


def test_a_refusal_and_a_drill_without_a_score_are_status_2(
    api: ApiServer,
    run_here: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
):
    api.replies["/v1/drills"] = problem(409, "A drill of disk_full is under way: INC-1.")

    assert run_here("drill", "disk_full") == 2
    assert "under way: INC-1" in capsys.readouterr().err


def test_the_list_says_when_each_runs_next_and_how_the_last_went(
    api: ApiServer, run_here: Callable[..., int], capsys: pytest.CaptureFixture[str]
):
    scheduled = {
        "playbook": "disk_full",
        "every": "every 90 d",
        "source": "disk_full.yaml",
        "next": ["2026-12-01T10:00:00+00:00"],
        "is_paused": False,
        "is_known_to_the_engine": True,
    }
    api.replies["/v1/drills"] = document({"scheduled": [scheduled], "items": [scored(0)]})

    assert run_here("drill", "--list") == 0

    printed = capsys.readouterr().out
    assert "disk_full: every 90 d; next 2026-12-01" in printed
    assert "Score: 3 of 3 promises kept." in printed


def test_rehearsed_it_needs_no_server_and_prints_what_happens_and_the_card(
    capsys: pytest.CaptureFixture[str],
):
    assert rehearsed("disk_full") == 0

    printed = capsys.readouterr().out
    assert "3 min  Acknowledged by" in printed
    assert printed.rstrip().endswith("Score: 3 of 3 promises kept.")


def test_rehearsed_a_missed_promise_is_status_1_and_a_strange_name_2(
    capsys: pytest.CaptureFixture[str],
):
    assert rehearsed("payment_api_5xx", "--responders", "default=20m") == 1
    assert "MISSED" in capsys.readouterr().out

    assert rehearsed("disk_ful") == 2
    assert "did you mean 'disk_full'" in capsys.readouterr().err
    assert rehearsed("payment_api_5xx", "--fact", "error_rati=1") == 2
    assert "did you mean 'error_ratio'" in capsys.readouterr().err
