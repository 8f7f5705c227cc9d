"""The table in docs/states.md says what the reducer does."""

import ast
import re
from pathlib import Path

import pytest

from tests.incident.phases import EVENTS, PHASES, cell

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "states.md").read_text()


def rows_of(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, its two head lines included."""
    section = DOCUMENT.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


TABLE = rows_of("Events and phases")
ROWS = {row[0]: row[1 : 1 + len(PHASES)] for row in TABLE[2:]}


def test_the_table_has_every_phase_and_every_event() -> None:
    assert TABLE[0][1 : 1 + len(PHASES)] == [phase.value for phase in PHASES]
    assert list(ROWS) == list(EVENTS)


@pytest.mark.parametrize("event", EVENTS)
def test_each_row_is_what_the_reducer_does(event: str) -> None:
    assert ROWS[event] == [cell(event, phase) for phase in PHASES]


def test_every_command_and_happening_has_a_row() -> None:
    from typing import get_args

    from domain.incident.commands import Command
    from domain.incident.events import HappeningEvent

    union = [*get_args(get_args(Command)[0]), *get_args(get_args(HappeningEvent)[0])]
    kinds = {member.model_fields["kind"].default for member in union}
    told = {re.split(r"[`,: ]", row.strip("`"))[0] for row in ROWS}

    assert kinds - told == {"declared", "called", "deadline"}


def test_every_deadline_the_reducer_acts_on_is_explained() -> None:
    tree = ast.parse((ROOT / "domain" / "incident" / "due.py").read_text())
    on_topic = next(
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "_on_topic"
    )
    acted_on = {
        node.value.value
        for node in ast.walk(on_topic)
        if isinstance(node, ast.MatchValue) and isinstance(node.value, ast.Constant)
    }
    explained = {
        name.split("/")[0]
        for row in rows_of("Deadlines")[2:]
        for name in re.findall("`(.*?)`", row[0])
    }

    assert explained == acted_on
