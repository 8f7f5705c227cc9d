"""`watchbill new` as its author meets it: on a terminal, in a script, with odd answers."""

import os
import pty
import re
import select
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.new.answers import (
    USUAL_STEPS,
    Answers,
    UnfitAnswerError,
    name_from,
    read_first,
    read_labels,
    read_name,
    read_page,
    read_same,
    read_severity,
)
from cli.new.command import Options, new
from cli.new.draft import draft
from cli.new.folder import Folder
from compiler.compile import compile_folder
from compiler.layout.formatted import formatted

ROOT = Path(__file__).parents[2]
PROGRAM = Path(sys.executable).parent / "watchbill"
TODAY = date(2026, 11, 22)
PEOPLE = "Ann Berg=+4930123456, Bo Chen=ntfys://ntfy.example/bo"


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """The program without a terminal."""
    return subprocess.run(
        [PROGRAM, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


def on_a_terminal(answers: list[str], *arguments: str) -> tuple[int, str]:
    """Types each answer when the prompt stands there; the status and all that was shown."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [PROGRAM, "new", *arguments], stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT
    )
    os.close(theirs)
    shown = ""
    waiting = list(answers)
    while select.select([ours], [], [], 60)[0]:
        try:
            piece = os.read(ours, 4096).decode()
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
        if waiting and shown.endswith("> "):
            os.write(ours, f"{waiting.pop(0)}\n".encode())
    os.close(ours)
    return process.wait(30), shown.replace("\r\n", "\n")


def written(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_five_answers_on_a_terminal_write_a_playbook_that_passes(tmp_path: Path) -> None:
    """A folder from nothing: playbook, runbook, roster, house and the fallback."""
    answers = ["DiskFull, env=prod", "instance", PEOPLE, "sev2", "Look at the disk", "Call Bo", ""]

    status, shown = on_a_terminal(answers, "--playbooks", str(tmp_path))

    assert status == 0, shown
    assert written(tmp_path) == {
        "disk_full.yaml",
        "runbooks/disk-full.md",
        "roster/on_call.yaml",
        "house.yaml",
        "unmatched_alerts.yaml",
    }
    assert f"watchbill check {tmp_path}" in shown
    assert "- [ ] Call Bo\n" in (tmp_path / "runbooks/disk-full.md").read_text()
    outcomes = [run("check", str(tmp_path)), run("test", str(tmp_path)), run("fmt", str(tmp_path))]
    assert [each.returncode for each in outcomes] == [0, 0, 0]
    assert [each.stdout for each in outcomes] == ["", "disk_full  2 tests passed\n", ""]


def test_answer_that_cannot_be_taken_is_asked_for_again(tmp_path: Path) -> None:
    answers = ["my-label=x", "alertname=A", "", "Ann=ann@example.org", PEOPLE, "SEV9", "", ""]

    status, shown = on_a_terminal(answers, "a_name", "--playbooks", str(tmp_path))

    assert status == 0, shown
    assert "did you mean 'my_label'?" in shown
    assert "wakes nobody" in shown
    assert "'SEV9' is not a severity" in shown
    assert (tmp_path / "a_name.yaml").exists()


def test_end_of_the_input_writes_nothing(tmp_path: Path) -> None:
    status, shown = on_a_terminal(["DiskFull", "\x04"], "--playbooks", str(tmp_path / "new"))

    assert status == 1
    assert "nothing was written" in shown
    assert not (tmp_path / "new").exists()


def test_without_a_terminal_missing_answers_are_named_with_their_options(tmp_path: Path) -> None:
    done = run("new", "--playbooks", str(tmp_path))

    assert done.returncode == 2
    assert "--alert" in done.stderr
    assert "--page" in done.stderr
    assert written(tmp_path) == set()


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    """A folder with one playbook, made by the command itself."""
    labels, page = {"alertname": "A", "env": "x"}, read_page([PEOPLE])
    answers = Answers("a", labels, (), page, "alert", USUAL_STEPS, "team:on_call")
    return draft(answers, Folder(ROOT / "there-is-none", {}, TODAY)).files


def kept(path: Path, files: dict[str, str]) -> Folder:
    """The folder on disk."""
    for inside, text in files.items():
        (path / inside).parent.mkdir(parents=True, exist_ok=True)
        (path / inside).write_text(text)
    return Folder(path, files, TODAY)


def test_new_playbook_beside_others_uses_their_roster_and_house(
    tmp_path: Path, files: dict[str, str]
) -> None:
    """Nothing that exists is touched; the schedule is known, and so is its team."""
    folder = kept(tmp_path, files)
    options = Options(
        alert=("DiskFull",),
        page=("on_call_primary", "schedule:on_call_secondary"),
        severity="SEV4",
        title="Disk full on {{ labels.instance }}",
        same="instance",
    )

    status = new(options, folder, asks=False)

    assert status == 0
    assert written(tmp_path) - files.keys() == {"disk_full.yaml", "runbooks/disk-full.md"}
    assert all((tmp_path / path).read_text() == text for path, text in files.items())
    text = (tmp_path / "disk_full.yaml").read_text()
    assert "owner: team:on_call" in text
    assert "default: SEV4" in text
    assert "dedup: example_instance" in text


def test_what_exists_is_never_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = kept(tmp_path, {"disk_full.yaml": "mine\n"})

    status = new(Options(alert=("DiskFull",), page=(PEOPLE,)), folder, asks=False)

    assert status == 2
    assert "disk_full.yaml already" in capsys.readouterr().err
    assert written(tmp_path) == {"disk_full.yaml"}
    assert (tmp_path / "disk_full.yaml").read_text() == "mine\n"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "disk-full"}, "did you mean 'disk_full'?"),
        ({"page": ("schedule:on_cal_primary",)}, "did you mean 'schedule:on_call_primary'?"),
        ({"owner": "on_cal"}, "did you mean 'on_call'?"),
        ({"severity": "SEV5"}, "nobody is paged"),
        ({"zone": "Berlin"}, "is not a time zone"),
        ({"title": "{{ labls.x }}"}, "did you mean 'labels'?"),
        ({"same": "my label"}, "did you mean 'my_label'?"),
        ({"alert": ("env=",)}, "has no value"),
        ({"page": ("Ann=12345",)}, "+4930123456"),
        ({"page": ("Ann Berg=+4930123456",)}, "in the roster already"),
        ({"alert": ("A", "env=x"), "name": "second"}, "add a label"),
    ],
)
def test_option_that_cannot_be_taken_is_refused_with_the_mend(
    tmp_path: Path,
    files: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    wrong: dict[str, object],
    said: str,
) -> None:
    """The alert of another playbook is among them: nothing is written that would not open."""
    right: dict[str, object] = {"alert": ("B",), "page": ("on_call_primary",)}
    folder = Folder(tmp_path / "untouched", files, TODAY)

    status = new(Options(**(right | wrong)), folder, asks=False)

    assert status == 2
    assert said in capsys.readouterr().err
    assert not folder.path.exists()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("DiskFull", "disk_full"),
        ("KubeAPIErrorBudgetBurn", "kube_apierror_budget_burn"),
        ("5xx", "new_playbook"),
        ("🔥", "new_playbook"),
        ("node-exporter/down", "node_exporter_down"),
    ],
)
def test_name_is_made_from_the_alert(text: str, name: str) -> None:
    assert name_from(text, "new_playbook") == name
    assert read_name(name) == name


HOSTILE = [
    "plain", "no", "12:30", "0755", "a: b", "a #b", "'", '"', "it's", "{{ x }}", "{% if", "🔥", "é",
    "- x", "[a", "{a", "*a", "&a", "!a", "|", ">", "@", "`", "%", "\\", "a\nb", "a\r\nb", "\u2028",
    "null", "~", "true", "2027-03-31", "#", "?", ": ", "x" * 300, "<!channel>", "\x85", "\ufeff",
]  # fmt: skip
words = st.one_of(
    st.sampled_from(HOSTILE),
    st.lists(st.sampled_from(HOSTILE), min_size=2, max_size=3).map(" ".join),
    st.text(min_size=1, max_size=20),
)


@settings(max_examples=40)
@given(value=words, other=words, person=words, step=words, title=st.one_of(st.none(), words))
def test_any_text_gives_sound_files_that_say_it_or_a_refusal(
    value: str, other: str, person: str, step: str, title: str | None
) -> None:
    """Quotes, colons, braces, emoji and line breaks are data, not YAML and not a template."""
    folder = Folder(ROOT / "there-is-none", {}, TODAY)
    try:
        labels = read_labels([f"alertname={value}", f"env={other}"])
        page = read_page([f"{person.replace(',', ' ')}=+4930123456", "Bo=+4930123457"])
        first = read_first([step]) or USUAL_STEPS
        answers = Answers("a_name", labels, ("env",), page, "alert", first, "team:a", title)
        found = draft(answers, folder)
    except UnfitAnswerError:
        return

    compiled = compile_folder(found.files, today=TODAY)
    plan = compiled.plans["a_name"]
    match = {name: values[0] for name, values in plan.triggers[0].match.items()}
    assert match == labels
    assert [each for each in compiled.diagnostics if each.is_error] == []
    assert all(formatted(path, text) == text for path, text in found.files.items() if ".y" in path)
    assert re.search(r"^- \[ \] \S", found.files["runbooks/a-name.md"], re.MULTILINE)


def test_usual_answers_are_read_as_they_are_written() -> None:
    assert read_same(" instance, env ,instance") == ("instance", "env")
    assert read_severity("sev1") == "SEV1"
    assert read_page(["a_primary, team:b"]).levels == ("schedule:a_primary", "team:b")
    assert [each.id for each in read_page([PEOPLE]).people] == ["ann_berg", "bo_chen"]


def test_people_and_schedules_together_are_refused() -> None:
    with pytest.raises(UnfitAnswerError, match="not both"):
        read_page(["a_primary", "Ann=+4930123456"])
