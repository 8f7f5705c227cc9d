"""Every code has a page, and every page's samples do what they say."""

import re
from datetime import date
from pathlib import Path

import pytest

from compiler.checks.versions import check_versions
from compiler.compile import compile_folder
from compiler.diagnostics import Diagnostic
from compiler.error_pages import codes, page_of, whole_text
from compiler.rehearsing import run_tests

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
NAMED = re.compile(r"# (\S+\.yaml)\n")
BEFORE = "before/"
"""Where a sample's files stand as they were earlier."""


def files_of(part: str) -> dict[str, str]:
    found = {}
    for block in BLOCK.findall(part):
        named = NAMED.match(block)
        found[named[1] if named else "disk_full.yaml"] = block
    return found


def problems_in(
    files: dict[str, str], context: dict[str, str], today: date | None = None
) -> list[Diagnostic]:
    """What `check`, `test` and a comparison with the files under `before/` say."""
    earlier = {path.removeprefix(BEFORE): text for path, text in files.items() if BEFORE in path}
    whole = context | {path: text for path, text in files.items() if BEFORE not in path}
    compiled = compile_folder(whole, today=today)
    found = [*compiled.diagnostics]
    found += [problem for test in run_tests(compiled) for problem in test.problems]
    if earlier:
        plans = compile_folder(context | earlier).plans
        found += check_versions(plans, compiled, whole, since="main")
    return found


def codes_in(files: dict[str, str], context: dict[str, str], today: date) -> set[str]:
    return {each.code for each in problems_in(files, context, today)}


@pytest.mark.parametrize("code", codes())
def test_failing_sample_fails_with_its_code_and_fixed_one_is_clean(
    code: str, context: dict[str, str]
) -> None:
    page = page_of(code) or ""
    failing, _, fixed = page.partition("Fixed:")

    found_failing = codes_in(files_of(failing), context, date(2026, 11, 22))
    found_fixed = codes_in(files_of(fixed), context, date(2026, 11, 22))

    assert code in found_failing
    assert found_fixed == set()


@pytest.mark.parametrize("code", codes())
def test_failing_sample_reports_one_mistake_once(code: str, context: dict[str, str]) -> None:
    failing = (page_of(code) or "").partition("Fixed:")[0]

    found = problems_in(files_of(failing), context)

    assert code in ("W012", "W110", "W214") or len(found) == 1, [
        (each.code, each.message) for each in found
    ]


def test_every_code_that_can_be_said_has_a_page_and_none_else() -> None:
    sources = [
        *(ROOT / "compiler").rglob("*.py"),
        *(ROOT / "domain").glob("*.py"),
    ]
    said = {code for path in sources for code in re.findall(r'"([EW]\d{3})"', path.read_text())}

    assert said == set(codes())


def test_docs_page_is_the_copy_of_the_shipped_one() -> None:
    assert (ROOT / "docs/errors.md").read_text() == whole_text()
