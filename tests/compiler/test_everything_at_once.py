"""An author's mistakes are all told in one run, each with its place and its mend."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SHIPPED = Path(__file__).parents[2] / "playbooks"
WATCHBILL = (sys.executable, "-m", "cli.main")

BROKEN = """\
language: 1
name: broken_on_purpose
owner: team:payments
owner: team:storage
timezone: Europe/Berln
on_alert: { alertname: BrokenOnPurpose, paging: no }
pages: [schedule:payments_primary]
page: [schedule:payments_primary, schedule:payments_secondary]
escalation: { ack_within: 5 }
roles:
  scribe: { fill: role:liaison }
  liaison: { fill: role:scribe }
steps:
  - { id: call, playbook: { name: broken_beside }, deadline: 1h }
"""
BESIDE = """\
language: 1
name: broken_beside
owner: team:payments
triggers: [manual: {}]
page: [schedule:payments_primary, schedule:payments_secondary]
steps:
  - { id: call, playbook: { name: broken_round }, deadline: 1h }
"""
EXPECTED = {
    ("broken_on_purpose.yaml", 4, 1): ("E003", "line 3, column 1", "keep one of the two"),
    ("broken_on_purpose.yaml", 5, 11): ("E111", "'Europe/Berln'", "did you mean 'Europe/Berlin'?"),
    ("broken_on_purpose.yaml", 6, 49): ("W006", "'no'", 'quote it: "no"'),
    ("broken_on_purpose.yaml", 7, 1): ("E101", "'pages'", "did you mean 'page'?"),
    ("broken_on_purpose.yaml", 9, 27): ("E104", "'5' has no unit", "5s or 5m"),
}
CIRCLES = {
    ("circle.yaml", 11, 19): ("E511", "scribe → liaison → scribe", "page: somebody"),
    ("circle.yaml", 14, 35): ("E208", "circle → circle_beside → circle", "never ends"),
    ("circle_beside.yaml", 7, 35): ("E208", "circle_beside → circle → circle_beside", "never ends"),
}
SOUND = "circle"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "playbooks"
    shutil.copytree(SHIPPED, target)
    (target / "broken_on_purpose.yaml").write_text(BROKEN)
    circle = "".join(
        line
        for line in BROKEN.replace("broken_on_purpose", "circle")
        .replace("broken_beside", "circle_beside")
        .splitlines(keepends=True)
    )
    for wrong, right in (
        ("owner: team:storage", "version: 2"),
        ("Berln", "Berlin"),
        ("paging: no", "paging: x"),
        ("pages: [schedule:payments_primary]", "priority: 1"),
        ("ack_within: 5 ", "repeat: 1 "),
    ):
        circle = circle.replace(wrong, right)
    (target / "circle.yaml").write_text(circle)
    beside = BESIDE.replace("broken_beside", "circle_beside").replace("broken_round", "circle")
    (target / "circle_beside.yaml").write_text(beside)
    return target


def ran(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*WATCHBILL, *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_check_tells_every_mistake_at_its_place_with_its_mend_and_ends_with_1(
    folder: Path,
) -> None:
    """Duplicate key, unknown field, `no`, `5` for `5m`, a bad zone, circles: one run, not six."""
    checked = ran("check", str(folder))

    assert checked.returncode == 1
    assert "Traceback" not in checked.stderr
    for (name, line, column), (code, said, mend) in (EXPECTED | CIRCLES).items():
        kind = "warning" if code.startswith("W") else "error"
        start = f"{folder / name}:{line}:{column}: {kind}[{code}]: "
        found = checked.stdout.find(start)
        assert found >= 0, (start, checked.stdout)
        problem = checked.stdout[found:].split(f"\n{folder}")[0]
        assert said in problem
        assert "^" in problem.splitlines()[2]
        assert mend in problem


def test_machines_read_the_same_places(folder: Path) -> None:
    checked = ran("check", "--json", str(folder))

    found = {
        (Path(each["path"]).name, each["line"], each["column"]): each["code"]
        for each in json.loads(checked.stdout)
    }

    assert checked.returncode == 1
    assert found == {place: code for place, (code, *_) in (EXPECTED | CIRCLES).items()}


def test_what_is_beside_a_broken_playbook_is_explained_all_the_same(folder: Path) -> None:
    """One broken file takes down itself, not the author's other questions."""
    broken = ran("explain", "broken_on_purpose", "--playbooks", str(folder))
    sound = ran("explain", "disk_full", "--playbooks", str(folder))

    assert broken.returncode == 1
    assert "broken_on_purpose.yaml:4:1: error[E003]" in broken.stderr
    assert sound.returncode == 0
