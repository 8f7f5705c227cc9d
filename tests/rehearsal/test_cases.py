"""Each `cases/*.yaml` gives exactly the report of `check` and `test` in the `.out` beside it.

Refresh the reports with `UPDATE_GOLDEN=1 pytest tests/rehearsal/test_cases.py`, and read
the difference.
"""

import os
from pathlib import Path

import pytest

from compiler.compile import compile_folder
from compiler.diagnostics import report
from compiler.rehearsing import run_tests
from tests.compiler.conftest import CONTEXT, HOUSE, TODAY

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
AROUND = {
    path.relative_to(CONTEXT).as_posix(): path.read_text()
    for path in sorted(CONTEXT.rglob("*"))
    if path.is_file()
}


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_report_is_the_golden_one_and_the_playbook_is_served(case: Path) -> None:
    """What is wrong with its tests never takes a playbook out of service."""
    text = case.read_text()
    golden = case.with_suffix(".out")
    files = {**AROUND, "house.yaml": HOUSE, "disk_full.yaml": text}

    compiled = compile_folder(files, today=TODAY)
    failed = [problem for test in run_tests(compiled) for problem in test.problems]
    found = report([*compiled.diagnostics, *failed], {"disk_full.yaml": text})

    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(f"{found}\n" if found else "")
    assert found == golden.read_text().rstrip("\n")
    assert "disk_full" in compiled.plans
