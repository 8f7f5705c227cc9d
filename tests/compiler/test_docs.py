"""The samples of the language reference compile without a problem."""

import re
from pathlib import Path

import pytest

from compiler.compile import compile_folder

PAGE = Path(__file__).parents[2] / "docs" / "playbooks.md"
SAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.mark.parametrize("number", range(len(SAMPLES)))
def test_sample_of_the_reference_is_clean(number: int, context: dict[str, str]) -> None:
    text = SAMPLES[number]
    named = re.match(r"# (\S+\.yaml)\n", text)
    path = named[1] if named else "disk_full.yaml"

    result = compile_folder(context | {path: text})

    assert result.diagnostics == ()
