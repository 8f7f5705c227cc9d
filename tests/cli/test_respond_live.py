"""The responder's commands against the real thing: engine, worker, API and one incident."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.client import Api
from cli.demo.folder import write_playbooks
from cli.demo.receivers import Receivers
from cli.main import build_app
from cli.watch import plain_lines
from tests.processes import Processes, processes, settings_for

pytestmark = pytest.mark.engine

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def receivers() -> Iterator[Receivers]:
    """Everybody's phones."""
    with Receivers() as listening:
        yield listening


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory, receivers: Receivers) -> Iterator[Processes]:
    """One running copy with the demo's people."""
    folder: Path = tmp_path_factory.mktemp("live")
    write_playbooks(folder / "playbooks", receivers.address)
    settings = settings_for(folder / "data", playbooks=folder / "playbooks")
    with processes(settings) as running:
        running.start("engine", "worker", "api")
        yield running


@pytest.fixture
def run(
    copy: Processes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Type a command: its status, what it printed, and its complaint."""
    monkeypatch.setenv("WATCHBILL_API_PORT", str(copy.settings.api_port))
    monkeypatch.setenv("WATCHBILL_DATA_DIR", str(copy.settings.data_dir))
    capsys.readouterr()

    def typed(*arguments: str) -> tuple[int, str, str]:
        status = 0
        try:
            build_app(list(arguments))(list(arguments))
        except SystemExit as end:
            status = int(end.code or 0)
        out, err = capsys.readouterr()
        return status, out, err

    return typed


def declared(run: Run, **options: str) -> str:
    """A fresh incident of the payment playbook; its reference."""
    extra = [part for name, text in options.items() for part in (f"--{name}", text)]
    status, out, err = run(
        "declare", "Cards are declined", "--playbook", "payment_api_5xx", "--as", "ann", *extra
    )
    assert status == 0, err
    return re.findall(r"INC-\w+", out)[0]


def said(answer: tuple[int, str, str]) -> str:
    """The sentence of a command that was carried out."""
    status, out, err = answer
    assert (status, err) == (0, "")
    return out.strip()


def wait_for_page(receivers: Receivers, who: str, saying: str, reference: str) -> None:
    """Return once this person's phone has rung for this."""

    def has_rung() -> bool:
        pages = receivers.to(who, saying)
        return any(reference in page.headers["title"] for page in pages)

    with receivers.changed:
        assert receivers.changed.wait_for(has_rung, 20)


def test_an_incident_is_declared_worked_on_and_ended_from_the_command_line(
    run: Run, receivers: Receivers
):
    ref = declared(run, severity="SEV3")

    assert said(run("ack", ref, "--as", "bo")).startswith("You acknowledged.")
    assert said(run("ack", ref, "--as", "bo")).startswith("You acknowledged at")
    assert said(run("note", ref, "checked DNS", "--type", "finding", "--as", "bo")) == "Noted."
    assert "SEV2" in said(run("severity", ref, "SEV2", "--because", "all cards", "--as", "bo"))
    wait_for_page(receivers, "cleo", "incident commander", ref)
    assert "You hold" in said(run("accept", ref, "incident_commander", "--as", "cleo"))
    assert said(run("escalate", ref, "--because", "need a hand", "--as", "bo"))
    assert said(run("mitigate", ref, "--text", "rolled back", "--as", "bo")) == "Mitigated."
    assert said(run("resolve", ref, "--as", "cleo")).startswith("Resolved")
    assert said(run("reopen", ref, "--because", "again", "--as", "cleo")).startswith("Reopened")
    assert said(run("cancel", ref, "--because", "a test", "--as", "cleo")).startswith("Cancelled")

    timeline = said(run("timeline", ref))
    for part in ("Acknowledged by Bo Chen.", "checked DNS", "Mitigated", "Resolved", "Reopened"):
        assert part in timeline


def test_a_role_is_offered_declined_offered_again_and_accepted(run: Run):
    ref = declared(run, severity="SEV3")
    run("ack", ref, "--as", "bo")
    offer = ("handoff", ref, "incident_commander", "cleo", "--as", "bo")

    status, _, err = run(*offer)
    assert status == 1
    assert "state_now" in err

    first = re.findall(r"offer-\d+", said(run(*offer, "--state-now", "calm")))[0]
    assert wait_for_offer(run, ref, first)
    assert "declined" in said(run("handoff-decline", ref, first, "--as", "cleo"))
    second = re.findall(r"offer-\d+", said(run(*offer, "--state-now", "calm")))[0]
    assert wait_for_offer(run, ref, second)
    assert "You hold" in said(run("handoff-accept", ref, second, "--as", "cleo"))

    shown = json.loads(said(run("show", ref, "--json")))
    assert [held["person"] for held in shown["roles"]["incident_commander"]] == ["cleo"]


def wait_for_offer(run: Run, ref: str, offer: str) -> bool:
    """Whether the offer is open now; `show` asks the running incident each time."""
    for _ in range(200):
        shown: dict[str, Any] = json.loads(said(run("show", ref, "--json")))
        if any(each["id"] == offer for each in shown["offers"]):
            return True
    return False


def test_refusals_say_why_and_have_status_1(run: Run):
    ref = declared(run)

    for typed, part in (
        (("confirm", ref, "--as", "ann"), ""),
        (("accept", ref, "no_such_role", "--as", "ann"), "no_such_role"),
        (("assign", ref, "scribe", "anne", "--as", "ann"), "ann"),
        (("done", ref, "no_such_step", "--as", "ann"), "no_such_step"),
        (("handoff-accept", ref, "offer-99", "--as", "ann"), "offer-99"),
        (("ack", "INC-NOBODY", "--as", "ann"), "INC-NOBODY"),
    ):
        status, out, err = run(*typed)
        assert (status, out) == (1, ""), typed
        assert part in err, err
        assert err.count("\n") == 1, err


def test_the_list_shows_what_is_open(run: Run):
    ref = declared(run)
    gone = declared(run)
    run("cancel", gone, "--as", "ann")

    shown = said(run("list"))

    assert ref in shown
    assert "Cards are declined" in shown


def test_watching_follows_an_incident_live(run: Run, copy: Processes):
    ref = declared(run, severity="SEV3")
    lines: list[str] = []
    follows, seen = threading.Event(), threading.Event()

    def watch() -> None:
        with Api(copy.api_url, copy.key, "ann") as api:
            for line in plain_lines(api.follow(ref)):
                lines.append(line)
                follows.set()  # what is said from now on is a line of its own
                if "a finding of mine" in line:
                    seen.set()
                    return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    assert follows.wait(60)
    said(run("note", ref, "a finding of mine", "--as", "ann"))

    assert seen.wait(60), lines
    watcher.join(5)
    assert lines[0].startswith(ref)


def test_who_is_on_it_is_shaped_by_hand_from_the_command_line(run: Run, receivers: Receivers):
    ref = declared(run, severity="SEV3")

    assert said(run("page", ref, "cleo", "--because", "payments expert", "--as", "bo")) == (
        "Paging cleo."
    )
    wait_for_page(receivers, "cleo", "you are needed", ref)
    assert said(run("snooze", ref, "--for", "2h", "--as", "bo")).startswith("Snoozed until ")
    assert said(run("still-on-it", ref, "--as", "bo")) == "Noted: you are still on it."
    assert said(run("join", ref, "--as", "cleo")) == "You joined."
    taken = said(run("take", ref, "incident_commander", "--as", "cleo"))
    assert taken == "You hold incident commander. Bo Chen is told."
    assert said(run("leave", ref, "--as", "cleo")) == "You are off it."

    status, _, err = run("page", ref, "schedule:nobody", "--because", "x", "--as", "bo")
    assert status == 1
    assert "no schedule 'nobody' in the roster" in err


def test_facts_and_tasks_are_shown_with_the_incident(run: Run):
    ref = declared(run, severity="SEV3")
    run("ack", ref, "--as", "bo")

    facts = ("--impact", "cards fail", "--eta", "when the bank calls", "--as", "bo")
    assert said(run("set", ref, *facts)) == (
        "Impact: cards fail. Recovery estimate: when the bank calls."
    )
    added = said(run("task", "add", ref, "call the bank", "--owner", "cleo", "--due", "30m"))
    assert added.startswith("task-1 is with Cleo")
    assert said(run("task", "add", ref, "write it down", "--as", "bo")) == "task-2 is with Bo Chen."
    assert said(run("task", "done", ref, "task-2", "--as", "bo")) == "task-2 is done."

    shown = said(run("show", ref))
    listed = said(run("task", "list", ref)).splitlines()
    for part in ("cards fail", "when the bank calls", "[ ] task-1: call the bank (Cleo"):
        assert part in shown
    assert listed[0].startswith("[ ] task-1")
    assert listed[1].startswith("[x] task-2: write it down (Bo Chen, done by Bo Chen)")


def test_mine_says_what_i_hold_once_the_record_has_it(run: Run):
    ref = declared(run, severity="SEV3")
    run("ack", ref, "--as", "bo")
    run("task", "add", ref, "call the bank", "--as", "bo")

    for _ in range(100):
        mine = said(run("mine", "--as", "bo"))
        if f"{ref}  task-1: call the bank" in mine:
            break
        time.sleep(0.1)

    assert mine.startswith("You are Bo Chen (")
    assert f"{ref}  SEV3  operations lead: Cards are declined" in mine
    assert "On call now" in mine


def test_a_test_page_rings_and_says_so(run: Run, receivers: Receivers):
    status, out, err = run("test-page", "--method", "push", "--as", "bo")

    assert (status, err) == (0, "")
    assert out.splitlines() == ["push      delivered", "1 of 1 ways to bo work."]
    assert any("TEST-" in page.headers["title"] for page in receivers.to("bo", "test page"))
