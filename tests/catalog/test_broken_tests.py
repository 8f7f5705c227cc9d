"""What is wrong in a playbook's own tests never takes it out of service."""

from pathlib import Path

import pytest

from catalog import Catalog, Snapshot

PLAYBOOK = """language: 1
name: disk_full
owner: team:storage
on_alert: { alertname: DiskFull }
page: [%s]
"""
FILES = {
    "house.yaml": "language: 1\nfallback: disk_full\n",
    "roster/storage.yaml": """language: 1
users:
  ann: { contact: { push: "ntfy://ntfy.example/ann" } }
  bo: { contact: { push: "ntfy://ntfy.example/bo" } }
teams:
  storage: { members: [ann, bo] }
""",
    "disk_full.yaml": PLAYBOOK % "user:ann",
}
BROKEN = {
    "misshapen": "tests: [{ nam: it }]\n",
    "unknown names": "tests: [{ name: it, given: { labels: { a: b }}, expect: { facts: {x: 1}}}]\n",
    "no list": "tests: later\n",
    "a key twice": "tests:\n  - { name: it, name: it, expect: { triggers: true } }\n",
    "an alias": "tests:\n  - &it { name: it }\n  - *it\n",
}


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def load(tmp_path: Path) -> Snapshot:
    """What a freshly started process has in service."""
    return Catalog(tmp_path / "playbooks", tmp_path / "state").load()


@pytest.mark.parametrize("tests", BROKEN.values(), ids=BROKEN)
def test_playbook_with_broken_tests_is_served_as_it_is_written_now(
    tmp_path: Path, tests: str
) -> None:
    """Not its last good plan, and not nothing: what it does is sound."""
    write(tmp_path / "playbooks", FILES)
    load(tmp_path)
    write(tmp_path / "playbooks", {"disk_full.yaml": (PLAYBOOK % "user:bo") + tests})

    snapshot = load(tmp_path)

    assert snapshot.plans["disk_full"].escalation.levels == (("user:bo",),)
    assert snapshot.broken == ()
    assert any(each.is_error for each in snapshot.problems)


def test_an_edit_of_tests_changes_no_plan(tmp_path: Path) -> None:
    write(tmp_path / "playbooks", FILES)
    before = load(tmp_path).plans["disk_full"]
    test = (
        "  - { name: it, given: { labels: { alertname: DiskFull } }, expect: { severity: SEV3 } }\n"
    )
    write(tmp_path / "playbooks", {"disk_full.yaml": FILES["disk_full.yaml"] + "tests:\n" + test})

    assert load(tmp_path).plans["disk_full"].sha256 == before.sha256
