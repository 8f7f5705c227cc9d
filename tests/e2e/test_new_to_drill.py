"""What the README's way ends with: a new playbook, in service, is drilled on the engine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.environment import environment_for
from tests.processes import processes, settings_for
from tests.receivers import WebhookReceiver

pytestmark = [pytest.mark.engine]


def typed(folder: Path, environment: dict[str, str], *words: str) -> str:
    """What the command prints; it must go well."""
    told = subprocess.run(
        [sys.executable, "-m", "cli.main", *words],
        cwd=Path(__file__).parents[2],
        env=os.environ | environment | {"COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, f"{words}: {told.stdout}{told.stderr}"
    return told.stdout


def test_a_new_playbook_goes_in_service_and_keeps_its_promises_in_a_drill(
    tmp_path: Path, hooks: WebhookReceiver
) -> None:
    """From five answers to a score card; nobody's phone rings."""
    ours = tmp_path / "ours"
    people = f"Ann Berg={hooks.url}/ann, Bo Chen={hooks.url}/bo"
    new = ("new", "disk_full", "--alert", "alertname=DiskFull", "--page", people)
    typed(tmp_path, {}, *new, "--playbooks", str(ours))
    typed(tmp_path, {}, "check", str(ours))
    typed(tmp_path, {}, "test", str(ours))
    typed(tmp_path, {}, "graph", "disk_full", "--playbooks", str(ours), "-o", f"{tmp_path}/p.svg")
    with processes(settings_for(tmp_path / "data", playbooks=ours)) as copy:
        copy.start("engine", "worker", "api")

        said = typed(
            tmp_path, environment_for(copy.settings), "drill", "disk_full", "--speed", "120"
        )

    assert "drill of disk_full version 1, SEV3" in said
    assert said.rstrip().endswith("Score: 5 of 5 promises kept.")
    assert hooks.received() == []
