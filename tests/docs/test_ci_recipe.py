"""The recipe for a repository of playbooks works: its steps are run as CI runs them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "deploy" / "ci" / "github-actions.yaml"
HOOKS = ROOT / ".pre-commit-hooks.yaml"
PROGRAMS = Path(sys.executable).parent


def run(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a runner's shell takes it, with its output."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("WATCHBILL_")}
    given |= {"PATH": f"{folder / 'bin'}:{PROGRAMS}:{os.environ['PATH']}", "HOME": str(folder)}
    return subprocess.run(
        ["bash", "-e", "-c", command],
        cwd=folder,
        env=given | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def done(command: str, folder: Path) -> str:
    """What the command prints; it must go well."""
    told = run(command, folder)
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one new playbook on `main`, and a branch that edits it."""
    done(
        "git init -q -b main . && git config user.email a@example.org && git config user.name A",
        tmp_path,
    )
    done(
        "watchbill new disk_full --playbooks playbooks --owner storage --label alertname=DiskFull"
        " --person 'Ann Berg=ntfys://ntfy.example/ann' --person 'Bo Chen=ntfys://ntfy.example/bo'",
        tmp_path,
    )
    done(
        "git add playbooks && git commit -qm first && git branch base && git switch -qc edit",
        tmp_path,
    )
    playbook = tmp_path / "playbooks" / "disk_full.yaml"
    playbook.write_text(playbook.read_text() + "\npriority: 1\n")
    done("watchbill fmt playbooks && git commit -qam 'a higher priority'", tmp_path)
    return tmp_path


@pytest.fixture
def comments(repository: Path) -> Path:
    """What the program `gh` of the runner was asked to say."""
    program, said = repository / "bin" / "gh", repository / "said"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" > "{said}"\ncat comment.md >> "{said}"\n')
    program.chmod(0o755)
    return said


def steps() -> dict[str, dict[str, Any]]:
    """The recipe's steps that are commands, by name."""
    recipe = yaml.safe_load(RECIPE.read_text())
    return {one["name"]: one for one in recipe["jobs"]["playbooks"]["steps"] if "run" in one}


def step(name: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """One step, run in the repository as on a pull request against `base`."""
    return run(steps()[name]["run"], folder, FOLDER="playbooks", BASE="base", NUMBER="7")


def test_the_recipe_and_the_hooks_are_what_their_programs_read(tmp_path: Path) -> None:
    """Held against the schemas of GitHub and of pre-commit."""
    schema = ["check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(RECIPE)]
    hooks = ["pre-commit", "validate-manifest", str(HOOKS)]

    for program, *arguments in (schema, hooks):
        told = run(f"{program} {' '.join(arguments)}", tmp_path)
        assert told.returncode == 0, told.stdout + told.stderr


def test_every_step_of_the_recipe_passes_on_a_sound_repository(
    repository: Path, comments: Path
) -> None:
    """A new playbook goes through all of it, and the comment shows the picture."""
    for name in steps():
        if name == "Install Watchbill":
            continue
        told = step(name, repository)
        assert told.returncode == 0, f"{name}: {told.stdout}{told.stderr}"

    said = comments.read_text()
    assert said.startswith("pr comment 7 --edit-last")
    assert "playbooks/disk_full.yaml</summary>" in said
    assert "```mermaid" in said
    assert (repository / "watchbill.sarif").exists()


def test_the_recipe_fails_and_annotates_a_broken_playbook(repository: Path, comments: Path) -> None:
    """Check says where; the findings for code scanning and the comment are made all the same."""
    playbook = repository / "playbooks" / "disk_full.yaml"
    playbook.write_text(playbook.read_text().replace("owner: team:", "owner: team:x"))
    done("git commit -qam 'a typo'", repository)

    check = step("Check", repository)
    scanned = step("Findings for code scanning", repository)
    commented = step("Comment", repository)

    assert check.returncode == 1
    assert "::error file=playbooks/disk_full.yaml,line=" in check.stdout
    assert scanned.returncode == 0, scanned.stderr
    assert commented.returncode == 0, commented.stderr
    assert "error[E201]" in comments.read_text()


def test_an_edit_without_a_new_version_is_told(repository: Path) -> None:
    """What the incident shows as version 1 would be two things."""
    told = step("Check", repository)

    assert "W801" in told.stdout


def test_the_hooks_run_and_stop_a_commit_that_breaks_a_playbook(repository: Path) -> None:
    """By pre-commit itself, with the program that is installed here."""
    hooks = yaml.safe_load(HOOKS.read_text())
    local = [hook | {"language": "system"} for hook in hooks]
    config = {"repos": [{"repo": "local", "hooks": local}]}
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    sound = run("git add -A && pre-commit run --all-files", repository)
    playbook = repository / "playbooks" / "disk_full.yaml"
    playbook.write_text(playbook.read_text().replace("DiskFull", "DiskFul", 1))

    broken = run("git add -A && pre-commit run --all-files", repository)

    assert sound.returncode == 0, sound.stdout + sound.stderr
    assert broken.returncode == 1
    assert "error[E701]" in broken.stdout
