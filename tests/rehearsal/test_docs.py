"""The samples of tests in the guides pass, and their playbooks are clean."""

import re
from pathlib import Path

import pytest

from compiler.compile import compile_folder
from compiler.rehearsing import run_tests
from tests.rehearsal.test_cases import AROUND, HOUSE

DOCS = Path(__file__).parents[2] / "docs"
SAMPLES = [
    pytest.param(body, id=f"{page}-{number}")
    for page in ("playbooks.md", "tests.md")
    for number, body in enumerate(
        re.findall(r"```yaml\n(# disk_full\.yaml\n.*?)```", (DOCS / page).read_text(), re.DOTALL)
    )
    if "\ntests:" in body
]


@pytest.mark.parametrize("sample", SAMPLES)
def test_sample_of_a_guide_passes(sample: str) -> None:
    compiled = compile_folder({**AROUND, "house.yaml": HOUSE, "disk_full.yaml": sample})

    assert compiled.diagnostics == ()
    verdicts = run_tests(compiled, ["disk_full"])
    assert [each.problems for each in verdicts] == [()] * sample.count("  - name:")
