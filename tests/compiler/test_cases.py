"""Each `cases/*.yaml` gives exactly the report in the `.out` beside it.

Refresh the reports with `UPDATE_GOLDEN=1 pytest tests/compiler/test_cases.py`, and read
the difference.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from compiler.compile import Compiled
from compiler.diagnostics import report

Compile = Callable[..., Compiled]
CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_report_is_the_golden_one(case: Path, compiled: Compile) -> None:
    text = case.read_text()
    golden = case.with_suffix(".out")

    result = compiled(text)
    found = report(result.diagnostics, {"disk_full.yaml": text})

    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(f"{found}\n" if found else "")
    assert found == golden.read_text().rstrip("\n")
    assert ("disk_full" in result.plans) == (": error[" not in found)
