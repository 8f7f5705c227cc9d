"""Tests of playbooks shared among processes go as in one."""

from pathlib import Path

import pytest

from cli import tested as tested_module
from cli.check import many as many_module
from cli.tested import Chosen, Run, run_paths
from tests.cli.edits import FOLDER

TESTS = """\
tests:
  - name: ann is paged at once
    given: {{ labels: {{ alertname: {alert} }} }}
    expect: {{ triggers: true, paged: {{ user:ann: 0s }} }}
  - name: bo is paged at once, which is wrong
    given: {{ labels: {{ alertname: {alert} }} }}
    expect: {{ paged: {{ user:bo: 0s }} }}
  - name: what nothing takes goes to the fallback
    given: {{ labels: {{ alertname: Unheard }} }}
    expect: {{ triggers: false }}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tested = {"disk.yaml": "DiskFull", "array.yaml": "ArrayBroken", "site.yaml": "SiteDown"}
    for path, text in FOLDER.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        more = TESTS.format(alert=tested[path]) if path in tested else ""
        file.write_text(text + more)
    return tmp_path


def _told(run: Run) -> tuple[object, ...]:
    return run.verdicts, run.errors, run.untested, run.texts


@pytest.mark.parametrize("paths", [["."], ["site.yaml"], ["disk.yaml", "tape.yaml"]])
@pytest.mark.parametrize("text", ["", "fallback"])
def test_a_folder_tested_in_shares_has_the_verdicts_of_one_process(
    folder: Path, monkeypatch: pytest.MonkeyPatch, paths: list[str], text: str
) -> None:
    monkeypatch.chdir(folder)
    wanted = [Path(path) for path in paths]
    whole = run_paths(wanted, Chosen(text))

    monkeypatch.setattr(tested_module, "is_large", bool)
    shares = run_paths(wanted, Chosen(text))

    assert _told(shares) == _told(whole)
    assert text or any(not each.passed for each in whole.verdicts) or not whole.verdicts


def test_errors_of_a_file_and_the_tests_of_the_others_are_told_in_shares_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "disk.yaml").write_text((folder / "disk.yaml").read_text().replace("page:", "pag:"))
    whole = run_paths([folder], Chosen())

    monkeypatch.setattr(tested_module, "is_large", bool)
    monkeypatch.setattr(many_module, "is_large", bool)
    shares = run_paths([folder], Chosen())

    assert _told(shares) == _told(whole)
    assert [each.code for each in shares.errors] == ["E101"]
