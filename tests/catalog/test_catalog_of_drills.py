"""Drills are in service while their file is sound; of a broken file nothing is known."""

from datetime import timedelta
from pathlib import Path

from api.drill_watch import gone, wanted_schedules
from tests.catalog.test_catalog import BROKEN, ROSTER, a_playbook
from tests.catalog.test_catalog_of_ops import load


def a_folder(tmp_path: Path, drill: str = "drill: { every: 30d }\n") -> Path:
    """One playbook that is drilled by itself."""
    folder = tmp_path / "playbooks"
    (folder / "roster").mkdir(parents=True)
    (folder / "roster" / "storage.yaml").write_text(ROSTER)
    (folder / "first.yaml").write_text(a_playbook("first") + drill)
    return folder


def test_an_edit_of_the_drill_changes_the_drill_and_no_plan(tmp_path: Path):
    folder, state = a_folder(tmp_path), tmp_path / "state"

    before = load(folder, state)
    (folder / "first.yaml").write_text(a_playbook("first") + "drill: { every: 60d }\n")
    after = load(folder, state)

    every = [one.drills["first"].every for one in (before, after)]
    assert [one.interval for one in every if one] == [timedelta(days=30), timedelta(days=60)]
    assert before.plans["first"].sha256 == after.plans["first"].sha256


def test_a_broken_file_keeps_its_plan_and_its_schedule(tmp_path: Path):
    folder, state = a_folder(tmp_path), tmp_path / "state"

    assert set(wanted_schedules(load(folder, state))) == {"first"}
    (folder / "first.yaml").write_text(BROKEN)
    broken = load(folder, state)
    nowhere = load(tmp_path / "nowhere", state)

    assert (set(broken.plans), broken.drills) == ({"first"}, {})
    assert gone(broken, {"first"}) == ()
    assert gone(nowhere, {"first"}) == ()


def test_without_its_drill_section_a_playbook_is_drilled_no_more(tmp_path: Path):
    folder, state = a_folder(tmp_path, drill=""), tmp_path / "state"

    assert gone(load(folder, state), {"first"}) == ("first",)
