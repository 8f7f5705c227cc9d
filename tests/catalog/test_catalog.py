"""A broken file takes down itself at most, and not even that if it was good before."""

import json
from pathlib import Path

import pytest

from catalog import Catalog, Snapshot, gone_users
from domain.plan import PLAN_FORMAT

HOUSE = "language: 1\nfallback: unmatched\n"
ROSTER = """language: 1
users:
  ann: { contact: { push: "ntfy://ntfy.example/ann" } }
  bo: { contact: { push: "ntfy://ntfy.example/bo" } }
teams:
  storage: { members: [ann, bo] }
"""
SOURCES = "language: 1\nsources: {}\n"
BROKEN = "language: 1\nname: [\n"


def a_playbook(name: str, page: str = "user:ann", **labels: str) -> str:
    wanted = labels or {"alertname": name}
    match = ", ".join(f"{label}: {value}" for label, value in wanted.items())
    return (
        f"language: 1\nname: {name}\nowner: team:storage\non_alert: {{ {match} }}\npage: [{page}]\n"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound folder: two playbooks, the house and a roster."""
    found = tmp_path / "playbooks"
    (found / "roster").mkdir(parents=True)
    (found / "house.yaml").write_text(HOUSE)
    (found / "roster" / "storage.yaml").write_text(ROSTER)
    (found / "disk_full.yaml").write_text(a_playbook("disk_full"))
    (found / "unmatched.yaml").write_text(a_playbook("unmatched"))
    return found


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Where the last good state is kept."""
    return tmp_path / "state"


def load(folder: Path, state: Path) -> Snapshot:
    """What a freshly started process has in service."""
    return Catalog(folder, state).load()


def test_sound_folder_is_in_service_whole(folder: Path, state: Path):
    snapshot = Catalog(folder, state).snapshot

    assert sorted(snapshot.plans) == ["disk_full", "unmatched"]
    assert snapshot.plan_paths["disk_full"] == "disk_full.yaml"
    assert snapshot.fallback == "unmatched"
    assert sorted(snapshot.roster.users) == ["ann", "bo"]
    assert snapshot.broken == ()


def test_broken_playbook_runs_on_its_last_good_plan_also_after_a_restart(folder: Path, state: Path):
    """The others are untouched."""
    good = load(folder, state).plans["disk_full"]
    (folder / "disk_full.yaml").write_text(BROKEN)
    (folder / "unmatched.yaml").write_text(a_playbook("unmatched", page="user:bo"))

    first = load(folder, state)
    restarted = load(folder, state)

    for snapshot in (first, restarted):
        assert snapshot.plans["disk_full"] == good
        assert snapshot.plans["unmatched"].escalation.levels == (("user:bo",),)
        assert [str(each) for each in snapshot.broken] == ["disk_full.yaml"]
        assert snapshot.broken[0].serving_last_good
        assert any(each.path == "disk_full.yaml" for each in snapshot.problems)
    assert first.is_broken("disk_full.yaml")
    assert restarted.broken[0].since == first.broken[0].since


def test_mended_playbook_is_served_as_written_again(folder: Path, state: Path):
    catalog = Catalog(folder, state)
    catalog.load()
    (folder / "disk_full.yaml").write_text(BROKEN)
    catalog.load()
    (folder / "disk_full.yaml").write_text(a_playbook("disk_full", page="user:bo"))

    snapshot = catalog.load()

    assert snapshot.broken == ()
    assert snapshot.plans["disk_full"].escalation.levels == (("user:bo",),)


def test_playbook_that_was_never_good_is_broken_and_not_served(folder: Path, state: Path):
    (folder / "new.yaml").write_text(a_playbook("new", page="user:nobody"))

    snapshot = load(folder, state)

    assert sorted(snapshot.plans) == ["disk_full", "unmatched"]
    assert [(each.path, each.serving_last_good) for each in snapshot.broken] == [
        ("new.yaml", False)
    ]


def test_deleted_playbook_goes_away(folder: Path, state: Path):
    load(folder, state)
    (folder / "disk_full.yaml").unlink()
    assert sorted(load(folder, state).plans) == ["unmatched"]

    (folder / "disk_full.yaml").write_text(BROKEN)
    assert sorted(load(folder, state).plans) == ["unmatched"]


def test_name_taken_by_a_sound_file_is_not_served_twice(folder: Path, state: Path):
    load(folder, state)
    (folder / "disk_full.yaml").write_text(BROKEN)
    (folder / "renamed.yaml").write_text(a_playbook("disk_full", page="user:bo"))

    snapshot = load(folder, state)

    assert snapshot.plan_paths["disk_full"] == "renamed.yaml"
    assert not snapshot.broken[0].serving_last_good


def test_broken_roster_file_keeps_its_last_good_people(folder: Path, state: Path):
    load(folder, state)
    (folder / "roster" / "storage.yaml").write_text(ROSTER + "  bad: 3\n")
    (folder / "roster" / "more.yaml").write_text(
        'language: 1\nusers: { cleo: { contact: { push: "ntfy://ntfy.example/cleo" } } }\n'
    )

    snapshot = load(folder, state)

    assert sorted(snapshot.roster.users) == ["ann", "bo", "cleo"]
    assert snapshot.plans["disk_full"].escalation.exhausted.page == ("team:storage",)
    assert [(each.path, each.serving_last_good) for each in snapshot.broken] == [
        ("roster/storage.yaml", True)
    ]


def test_playbook_for_a_person_in_a_broken_roster_file_is_served(folder: Path, state: Path):
    """The new person is known from the text; the older text serves meanwhile."""
    load(folder, state)
    (folder / "roster" / "storage.yaml").write_text(
        ROSTER.replace("  bo:", "  cleo: {}\n  bo:").replace("members: [ann, bo]", "members: 3")
    )
    (folder / "new.yaml").write_text(a_playbook("new", page="user:cleo"))

    snapshot = load(folder, state)

    assert snapshot.plans["new"].escalation.levels == (("user:cleo",),)
    assert "cleo" not in snapshot.roster.users


def test_broken_house_keeps_its_last_good_fallback(folder: Path, state: Path):
    load(folder, state)
    (folder / "house.yaml").write_text("language: 1\nfallbak: unmatched\n")

    snapshot = load(folder, state)

    assert snapshot.fallback == "unmatched"
    assert str(snapshot.broken[0]) == "house.yaml"


def test_fallback_that_is_broken_is_served_from_its_last_good_plan(folder: Path, state: Path):
    load(folder, state)
    (folder / "unmatched.yaml").write_text(BROKEN)

    assert load(folder, state).fallback == "unmatched"


def test_folder_without_house_has_no_fallback(folder: Path, state: Path):
    (folder / "house.yaml").unlink()

    assert load(folder, state).fallback is None


def test_missing_folder_serves_what_last_was_in_service(folder: Path, state: Path):
    """A volume that is not mounted yet must not look like a deletion of everything."""
    before = load(folder, state)
    folder.rename(folder.parent / "elsewhere")

    snapshot = load(folder, state)

    assert snapshot.plans == before.plans
    assert snapshot.roster == before.roster
    assert snapshot.fallback == "unmatched"
    assert all(each.serving_last_good for each in snapshot.broken)
    assert len(snapshot.broken) == 4


def test_file_that_is_no_text_is_broken_alone(folder: Path, state: Path):
    (folder / "disk_full.yaml").write_bytes(b"language: 1\nname: \xff\xfe\n")
    (folder / "folder.yaml").mkdir()
    (folder / ".hidden.yaml").write_text(BROKEN)

    snapshot = load(folder, state)

    assert [str(each) for each in snapshot.broken] == ["disk_full.yaml"]


@pytest.mark.parametrize("content", ["{", '{"plans": 3}', ""])
def test_unreadable_state_is_left_and_written_anew(folder: Path, state: Path, content: str):
    state.mkdir()
    (state / "last-good.json").write_text(content)

    load(folder, state)
    (folder / "disk_full.yaml").write_text(BROKEN)

    assert "disk_full" in load(folder, state).plans


def test_remembered_plan_of_a_newer_format_is_not_served(folder: Path, state: Path):
    load(folder, state)
    kept = state / "last-good.json"
    remembered = json.loads(kept.read_text())
    remembered["plans"]["disk_full.yaml"]["plan_format"] = PLAN_FORMAT + 1
    kept.write_text(json.dumps(remembered))
    (folder / "disk_full.yaml").write_text(BROKEN)

    assert "disk_full" not in load(folder, state).plans


def test_disk_that_refuses_stops_nothing(folder: Path, tmp_path: Path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")

    assert sorted(load(folder, in_the_way / "state").plans) == ["disk_full", "unmatched"]


def test_unchanged_folder_is_not_loaded_twice(folder: Path, state: Path):
    catalog = Catalog(folder, state)

    assert catalog.load() is catalog.load()


def test_users_who_left_are_named(folder: Path, state: Path):
    old = load(folder, state)
    (folder / "roster" / "storage.yaml").write_text(
        ROSTER.replace('  bo: { contact: { push: "ntfy://ntfy.example/bo" } }\n', "").replace(
            ", bo]", "]"
        )
    )

    assert gone_users(old, load(folder, state)) == ("bo",)
