"""What an author sees of `check`, `explain-error` and `explain`."""

import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from cli.check import command as check_module
from cli.explain import command as explain_module

SHIPPED = Path(__file__).parents[2] / "playbooks"

app = typer.Typer()
check_module.register(app)
explain_module.register(app)
runner = CliRunner()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "playbooks"
    shutil.copytree(SHIPPED, target)
    return target


def break_disk_full(folder: Path) -> Path:
    path = folder / "disk_full.yaml"
    path.write_text(path.read_text().replace("alertname", "alertnam, : ["))
    return path


def test_clean_folder_is_status_0_and_prints_nothing() -> None:
    result = runner.invoke(app, ["check", str(SHIPPED)])

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "no problems\n"


def test_error_is_one_line_then_source_caret_and_help_with_status_1(folder: Path) -> None:
    path = folder / "disk_full.yaml"
    path.write_text(path.read_text().replace("page:", "pag:"))

    result = runner.invoke(app, ["check", str(folder)])

    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert lines[0] == f"{path}:5:1: error[E101]: unknown field 'pag'"
    assert lines[1].startswith("  pag: [schedule:")
    assert lines[2] == "  ^"
    assert lines[3].startswith("help: did you mean 'page'? allowed: ")


def test_warning_alone_is_status_0(folder: Path) -> None:
    path = folder / "disk_full.yaml"
    path.write_text(f"{path.read_text()}review_by: 2020-01-01\n")

    result = runner.invoke(app, ["check", str(folder)])

    assert result.exit_code == 0
    assert ": warning[W110]: " in result.stdout
    assert result.stderr == "1 warning\n"


def test_json_has_an_object_with_every_field_for_each_problem(folder: Path) -> None:
    break_disk_full(folder)

    result = runner.invoke(app, ["check", "--json", str(folder)])

    problems = json.loads(result.stdout)
    assert result.exit_code == 1
    fields = {"path", "line", "column", "code", "severity", "message", "help"}
    assert all(set(problem) == fields for problem in problems)
    assert problems[0]["path"] == str(folder / "disk_full.yaml")
    assert problems[0]["severity"] == "error"


def test_json_of_a_clean_folder_is_an_empty_list() -> None:
    result = runner.invoke(app, ["check", "--json", str(SHIPPED)])

    assert (result.exit_code, json.loads(result.stdout)) == (0, [])


def test_single_file_is_checked_in_its_folder_and_only_its_problems_are_told(
    folder: Path,
) -> None:
    broken = break_disk_full(folder)

    sound = runner.invoke(app, ["check", str(folder / "payment_api_5xx.yaml")])
    itself = runner.invoke(app, ["check", str(broken)])
    roster = runner.invoke(app, ["check", str(folder / "roster" / "payments.yaml")])

    assert (sound.exit_code, sound.stdout) == (0, "")
    assert itself.exit_code == 1
    assert (roster.exit_code, roster.stdout) == (0, "")


def test_file_named_twice_is_told_once(folder: Path) -> None:
    broken = break_disk_full(folder)

    result = runner.invoke(app, ["check", str(broken), str(broken)])

    assert result.stdout.count("error[") == 1
    assert result.stderr == "1 error\n"


def test_file_that_is_no_text_has_a_place(folder: Path) -> None:
    (folder / "binary.yaml").write_bytes(b"language: 1\nname: \xff\xfe\n")

    result = runner.invoke(app, ["check", str(folder)])

    assert result.exit_code == 1
    assert f"{folder / 'binary.yaml'}:2:7: error[E001]" in result.stdout


@pytest.mark.parametrize("path", ["missing", "README.md", "empty"])
def test_path_that_cannot_be_checked_is_status_2(tmp_path: Path, path: str) -> None:
    (tmp_path / "README.md").write_text("# no playbook\n")
    (tmp_path / "empty").mkdir()

    result = runner.invoke(app, ["check", str(tmp_path / path)])

    assert result.exit_code == 2
    assert result.stderr.startswith("watchbill check: ")


def test_file_that_cannot_be_read_is_status_2(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)

    result = runner.invoke(app, ["check", str(folder)])

    assert result.exit_code == 2
    assert "cannot read " in result.stderr


def test_error_code_is_explained_in_any_case() -> None:
    result = runner.invoke(app, ["explain-error", "e405"])

    assert result.exit_code == 0
    assert result.stdout.startswith("## E405 a lower severity is stricter\n")


def test_unknown_error_code_is_status_2() -> None:
    result = runner.invoke(app, ["explain-error", "E999"])

    assert (result.exit_code, result.stdout) == (2, "")


def test_explain_prints_a_file_that_check_accepts(folder: Path) -> None:
    result = runner.invoke(app, ["explain", "disk_full", "--playbooks", str(folder)])
    (folder / "disk_full.yaml").write_text(result.stdout)

    assert result.exit_code == 0
    assert "ack_within: { SEV1: 5m, SEV2: 15m, SEV3: 30m, SEV4: 1h, SEV5: never }" in result.stdout
    assert runner.invoke(app, ["check", str(folder)]).exit_code == 0


def test_explain_of_an_unknown_name_says_the_near_one() -> None:
    result = runner.invoke(app, ["explain", "disk_ful", "--playbooks", str(SHIPPED)])

    assert result.exit_code == 2
    assert "did you mean 'disk_full'?" in result.stderr


def test_explain_of_a_broken_playbook_says_what_is_wrong(folder: Path) -> None:
    break_disk_full(folder)

    result = runner.invoke(app, ["explain", "disk_full", "--playbooks", str(folder)])

    assert result.exit_code == 1
    assert "disk_full.yaml:4:" in result.stderr


def test_explain_without_a_folder_is_status_2(tmp_path: Path) -> None:
    result = runner.invoke(app, ["explain", "x", "--playbooks", str(tmp_path / "none")])

    assert result.exit_code == 2
