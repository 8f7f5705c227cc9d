"""Each `cases/*.yaml` gives exactly the report in the `.out` beside it.

Refresh the reports with `UPDATE_GOLDEN=1 pytest tests/compiler/test_cases.py`, and read
the difference. A case is a playbook, unless its first line names another place: `# house.yaml`.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from compiler.compile import Compiled
from compiler.diagnostics import report
from compiler.error_pages import codes

Compile = Callable[..., Compiled]
PLAYBOOK = "disk_full.yaml"
NAMED = re.compile(r"# (\S+\.yaml)\n")
SOUND = """\
language: 1
name: disk_full
owner: team:storage
on_alert: { alertname: DiskFull }
page: [schedule:storage_primary, schedule:storage_secondary]
"""
CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_report_is_the_golden_one(case: Path, compiled: Compile) -> None:
    text = case.read_text()
    golden = case.with_suffix(".out")
    named = NAMED.match(text)
    path = named[1] if named else PLAYBOOK

    result = compiled(SOUND, {path: text})
    of_case = [each for each in result.diagnostics if named is None or each.path == path]
    found = report(of_case, {path: text})

    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(f"{found}\n" if found else "")
    assert found == golden.read_text().rstrip("\n")
    if path == PLAYBOOK:
        assert ("disk_full" in result.plans) == (": error[" not in found)


LATER = frozenset({"E601", "W602", "E603"})
"""Codes of the language that wait for communications; until then these are E109."""

ELSEWHERE = frozenset({"W214", "E701", "E702", "E703", "E704", "W724", "W801"})
"""Codes that need several files, or a run of the tests: their pages are their samples."""

OF_THE_LANGUAGE = (
    *(f"E00{n}" for n in (1, 2, 3, 4, 5, 7, 8, 9)), "W006",
    *(f"E10{n}" for n in range(1, 10)), "E111", "W110",
    *(f"E20{n}" for n in range(1, 9)), "W209", "E210",
    *(f"E30{n}" for n in range(1, 10)), "W310",
    *(f"E40{n}" for n in range(1, 7)), "W410", "W411",
    "E501", "E502", "E503", "E504", "W507", "W508", "E601", "W602", "E603", "E701", "W801",
)  # fmt: skip
"""Every code that the language names."""


def test_every_code_of_the_language_exists_or_waits_for_what_it_judges() -> None:
    assert set(OF_THE_LANGUAGE) - LATER <= set(codes())
    assert not LATER & set(codes())


def test_every_code_has_a_golden_case() -> None:
    """So that a change of its words or its place is seen in a review."""
    reports = "".join(case.with_suffix(".out").read_text() for case in CASES)

    shown = set(re.findall(r": (?:error|warning)\[([EW]\d{3})\]: ", reports))
    assert set(codes()) - ELSEWHERE <= shown
