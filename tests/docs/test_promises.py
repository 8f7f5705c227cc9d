"""Every promise in the documentation is held by tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "promises.md"
NAMED = re.compile(r"`([a-z0-9_/]+\.py)::(test_\w+)`")


def promises() -> dict[str, list[tuple[str, str]]]:
    """Each promise with the tests, by file and function, that it names."""
    lines = [line.split(" | ") for line in PAGE.read_text().splitlines() if line[:2] == "| "]
    rows = [(cells[0].strip("| "), cells[1]) for cells in lines if "promise" not in cells[0]]
    return {text: NAMED.findall(held_by) for text, held_by in rows}


@cache
def functions_of(file: str) -> frozenset[str]:
    """The test functions of this file; none if there is no such file."""
    path = TESTS / file
    tree = ast.parse(path.read_text() if path.exists() else "")
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in tree.body if isinstance(node, functions))


def test_every_promise_names_a_test_and_each_of_them_exists() -> None:
    named = promises()

    assert len(named) >= 40
    assert [text for text, tests in named.items() if not tests] == []
    every = {one for tests in named.values() for one in tests}
    assert {(file, name) for file, name in every if name not in functions_of(file)} == set()


def test_no_promise_is_made_twice() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if NAMED.search(line)]

    assert len(rows) == len(promises())
