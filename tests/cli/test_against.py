"""`watchbill check --against`: who changed what a playbook does, and kept its version."""

import subprocess
from pathlib import Path

import pytest

from tests.cli.author import Done, run
from tests.cli.test_testing import FILES, PLAYBOOK

SOUND = PLAYBOOK % "30m"


def checked(*arguments: str | Path) -> Done:
    """`watchbill check` with these arguments."""
    return run("check", *arguments)


def git(place: Path, *arguments: str) -> None:
    """One git command in the place, as somebody."""
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
    subprocess.run(["git", "-C", str(place), *who, *arguments], check=True, capture_output=True)


def write(place: Path, disk_full: str) -> None:
    for path, text in (FILES | {"disk_full.yaml": disk_full}).items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a folder of playbooks, committed once on `main`."""
    place = tmp_path_factory.mktemp("repository")
    git(place, "init", "-q", "-b", "main")
    (place / "readme.md").write_text("ours\n")
    git(place, "add", ".")
    git(place, "commit", "-q", "-m", "begin")
    git(place, "tag", "before")
    write(place / "playbooks", SOUND)
    git(place, "add", ".")
    git(place, "commit", "-q", "-m", "playbooks")
    return place


CHANGED = SOUND.replace("tests:", "resolve: { hold: 20m }\ntests:")


def test_changed_behaviour_under_the_same_version_is_warned_of(repository: Path) -> None:
    write(repository / "playbooks", CHANGED)

    done = checked(repository / "playbooks", "--against", "main")

    assert (done.returncode, done.stderr) == (0, "1 warning\n")
    assert done.stdout.splitlines()[0] == (
        f"{repository}/playbooks/disk_full.yaml:2:7: warning[W801]: "
        "resolve has changed since main, and the version is still 1"
    )


@pytest.mark.parametrize(
    "text",
    [
        CHANGED.replace("owner:", "version: 2\nowner:"),
        SOUND.replace("owner:", "# a comment\nowner:").replace("30m", "31m"),
        SOUND.replace("owner:", "review_by: 2030-01-31\nowner:"),
    ],
    ids=["higher version", "comment and tests", "review"],
)
def test_a_new_version_or_the_same_behaviour_is_clean(repository: Path, text: str) -> None:
    write(repository / "playbooks", text)

    done = checked(repository / "playbooks" / "disk_full.yaml", "--against", "main")

    assert (done.returncode, done.stdout) == (0, "")


def test_another_folder_can_be_compared_with(repository: Path, tmp_path: Path) -> None:
    write(tmp_path / "now", CHANGED.replace("owner:", "version: 3\nowner:"))
    write(tmp_path / "then", SOUND.replace("owner:", "version: 4\nowner:"))

    done = checked(tmp_path / "now", "--against", tmp_path / "then", "--warnings-as-errors")

    assert done.returncode == 1
    assert "and the version went back to 3" in done.stdout


@pytest.mark.parametrize(
    ("against", "said"),
    [
        ("nowhere", "'nowhere' is no folder and no revision of the repository"),
        ("--upload-pack=touch", "is no folder and no revision of the repository"),
        ("before", "did not exist at before"),
        ("/", "no playbooks (*.yaml) in /"),
    ],
)
def test_nothing_to_compare_with_is_wrong_usage(repository: Path, against: str, said: str) -> None:
    write(repository / "playbooks", SOUND)

    done = checked(repository / "playbooks", f"--against={against}")

    assert done.returncode == 2
    assert said in done.stderr


def test_folder_outside_any_repository_is_said(tmp_path: Path) -> None:
    write(tmp_path, SOUND)

    done = checked(tmp_path, "--against", "main")

    assert done.returncode == 2
    assert "is in no git repository" in done.stderr
