"""`watchbill import` as people run it."""

import subprocess
import sys
from pathlib import Path

import pytest

from cli.migration.command import import_files
from tests.migration.importing import sample

Printed = pytest.CaptureFixture[str]


def test_the_program_writes_a_folder_that_check_accepts(tmp_path: Path):
    folder = tmp_path / "playbooks"
    command = [sys.executable, "-m", "cli.main"]
    given = ["import", "pagerduty", str(sample("pagerduty")), "--into", str(folder)]
    ran, checked = (
        subprocess.run([*command, *each], check=False, capture_output=True, text=True, timeout=60)
        for each in (given, ["check", str(folder)])
    )
    assert ran.returncode == 0, ran.stderr
    assert "Taken over: 3 playbooks, 2 policies, 4 users" in ran.stdout
    assert f"{folder}/payments_api.yaml:7: which alerts?" in ran.stdout
    assert f"Next: watchbill check {folder}" in ran.stdout
    assert checked.returncode == 0, checked.stdout


def test_files_that_exist_are_named_and_never_overwritten_unasked(tmp_path: Path, capsys: Printed):
    house = tmp_path / "house.yaml"
    house.write_text("language: 1\n")
    refused = import_files("opsgenie", [sample("opsgenie")], tmp_path)
    assert refused == 2
    assert "house.yaml; take another folder, or --force" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["house.yaml"]
    assert house.read_text() == "language: 1\n"

    assert import_files("opsgenie", [sample("opsgenie")], tmp_path, force=True) == 0
    assert "storage_escalation" in house.read_text()


def test_a_dry_run_prints_everything_and_writes_nothing(tmp_path: Path, capsys: Printed):
    folder = tmp_path / "playbooks"
    assert import_files("oncall", [sample("oncall")], folder, dry_run=True) == 0
    said = capsys.readouterr().out
    assert "name: prometheus_prod_critical" in said
    assert "Needs your decision" in said
    assert not folder.exists()


def test_an_unknown_system_or_export_is_refused(tmp_path: Path, capsys: Printed):
    assert import_files("pagerdty", [sample("pagerduty")], tmp_path) == 2
    assert "did you mean pagerduty?" in capsys.readouterr().err
    assert import_files("opsgenie", [tmp_path / "gone.json"], tmp_path) == 1
    assert "gone.json: cannot be read" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, capsys: Printed):
    (tmp_path / "roster").write_text("a file where the folder should be")
    assert import_files("pagerduty", [sample("pagerduty")], tmp_path) == 1
    assert "cannot write" in capsys.readouterr().err
