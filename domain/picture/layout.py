"""Puts the sections of a picture on one long page, or on pages of paper.

Decides paper, margins and page breaks: never through a row, never between a heading and what
it heads.
"""

from collections.abc import Iterable
from typing import Literal

from domain.picture.blocks import Area, heading, line_at
from domain.picture.outline import Outline
from domain.picture.pieces import SMALL, Page, Row, Shape, moved
from domain.picture.sections import (
    head_rows,
    ladder_rows,
    phase_rows,
    rule_rows,
    table_rows,
)
from domain.picture.step_layout import StepLayout
from domain.picture.text_metrics import fitted

Paper = Literal["a4", "letter"]

SIZES: dict[Paper, tuple[float, float]] = {"a4": (595.0, 842.0), "letter": (612.0, 792.0)}
"""Width and height in points, upright."""

MARGIN = 36.0
FOOT = 16.0


def size_of(paper: Paper, *, landscape: bool = False) -> tuple[float, float]:
    """Width and height of a page in points."""
    width, height = SIZES[paper]
    return (height, width) if landscape else (width, height)


def long_page(outline: Outline, width: float = SIZES["a4"][0]) -> Page:
    """The whole picture as one page, as long as it takes."""
    rows = _rows(outline, width, tallest=2_000.0)
    shapes, height = _placed(rows, MARGIN)
    return Page(width, height + MARGIN, tuple(shapes))


def pages(outline: Outline, paper: Paper = "a4", *, landscape: bool = False) -> tuple[Page, ...]:
    """The picture on pages of paper."""
    width, height = size_of(paper, landscape=landscape)
    body = height - 2 * MARGIN - FOOT
    found: list[list[Row]] = [[]]
    used = 0.0
    for group in _groups(_rows(outline, width, tallest=body)):
        needed = sum(row.height for row in group)
        if found[-1] and used + needed > body:
            found.append([])
            used = 0.0
        for row in group:
            if found[-1] and used + row.height > body:
                found.append([])
                used = 0.0
            found[-1].append(row)
            used += row.height
    return tuple(
        _page(rows, (width, height), _foot(outline, number, len(found)))
        for number, rows in enumerate(found, start=1)
    )


def _rows(outline: Outline, width: float, *, tallest: float) -> list[Row]:
    area = Area(MARGIN, width - 2 * MARGIN)
    rows = [
        *head_rows(outline, area),
        *phase_rows(outline.phases, area),
        *rule_rows(outline.rules, outline.reassess, area),
        *ladder_rows(outline.ladder, area),
        *table_rows(outline.roles, area),
    ]
    if outline.steps:
        steps = StepLayout(tallest - 60).rows(outline.steps, area)
        rows += [heading("Steps", area, "round: a person; square: a machine"), *steps]
    for table in outline.tables:
        rows += table_rows(table, area)
    return rows


def _groups(rows: Iterable[Row]) -> list[list[Row]]:
    """Rows that want to stay together."""
    groups: list[list[Row]] = [[]]
    for row in rows:
        groups[-1].append(row)
        if not row.keep:
            groups.append([])
    return [group for group in groups if group]


def _placed(rows: Iterable[Row], top: float) -> tuple[list[Shape], float]:
    shapes: list[Shape] = []
    y = top
    for row in rows:
        shapes += [moved(shape, 0, y) for shape in row.shapes]
        y += row.height
    return shapes, y


def _page(rows: list[Row], size: tuple[float, float], foot: str) -> Page:
    width, height = size
    shapes, _ = _placed(rows, MARGIN)
    text = fitted(foot, SMALL, width - 2 * MARGIN)
    shapes.append(line_at(MARGIN, height - MARGIN, text, SMALL))
    return Page(width, height, tuple(shapes))


def _foot(outline: Outline, number: int, count: int) -> str:
    of = f"page {number} of {count}, {outline.subtitle}"
    return f"{of}, {outline.moment.reference}, {outline.moment.as_of}" if outline.moment else of
