"""Commands and called playbooks stay in service when their file breaks."""

from pathlib import Path

from catalog import Catalog, Snapshot
from tests.catalog.test_catalog import BROKEN, ROSTER, a_playbook

COMMANDS = "language: 1\ncommands: { sync: { argv: [/bin/sync] } }\n"
RUN = "steps: [{ id: sync, run: command:sync }]\n"
CALL = "steps: [{ id: call, playbook: { name: second }, deadline: 1h }]\n"


def a_folder(tmp_path: Path) -> Path:
    """A playbook that runs a command, and one that calls another."""
    folder = tmp_path / "playbooks"
    (folder / "roster").mkdir(parents=True)
    (folder / "ops").mkdir()
    (folder / "roster" / "storage.yaml").write_text(ROSTER)
    (folder / "ops" / "commands.yaml").write_text(COMMANDS)
    (folder / "first.yaml").write_text(a_playbook("first") + CALL)
    (folder / "second.yaml").write_text(a_playbook("second") + RUN)
    return folder


def load(folder: Path, state: Path) -> Snapshot:
    """What a freshly started process has in service."""
    return Catalog(folder, state).load()


def test_commands_are_in_service_and_change_with_their_file(tmp_path: Path) -> None:
    folder, state = a_folder(tmp_path), tmp_path / "state"

    before = load(folder, state).ops
    (folder / "ops" / "commands.yaml").write_text("language: 1\n")
    after = load(folder, state)

    assert set(before.commands) == {"sync"}
    assert after.ops.commands == {}
    assert [(each.path, each.code) for each in after.problems if each.is_error] == [
        ("second.yaml", "E205")
    ]
    assert after.plans["second"].steps != ()


def test_broken_commands_stay_in_service_as_they_last_were(tmp_path: Path) -> None:
    folder, state = a_folder(tmp_path), tmp_path / "state"

    before = load(folder, state)
    (folder / "ops" / "commands.yaml").write_text("language: 1\ncommands: { sync: { argv: [] } }\n")
    broken = load(folder, state)
    gone = load(tmp_path / "nowhere", state)

    assert broken.ops == before.ops == gone.ops
    assert [str(each) for each in broken.broken] == ["ops/commands.yaml"]
    assert broken.plans == before.plans


def test_caller_goes_on_calling_the_last_good_plan_of_a_broken_playbook(tmp_path: Path) -> None:
    folder, state = a_folder(tmp_path), tmp_path / "state"

    before = load(folder, state)
    (folder / "second.yaml").write_text(BROKEN)
    (folder / "first.yaml").write_text(a_playbook("first", page="user:bo") + CALL)
    after = load(folder, state)

    assert after.plans["first"].escalation.levels == (("user:bo",),)
    assert after.plans["first"].subplans == {"second": before.plans["second"]}
    assert after.plans["second"] == before.plans["second"]
