"""Where steps stand: boxes down a line of flow, branches beside each other or one by one.

Decides that branches stand side by side where they have room, both in width and on one page,
and else below each other beside a rail. Lines never cross: flow goes down, branches to the
right.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from domain.picture.blocks import Area, block, line_at
from domain.picture.outline import BranchOutline, Standing, StepOutline, Words
from domain.picture.pieces import (
    BOLD,
    LEADING,
    SMALL,
    STRONG,
    Box,
    Line,
    Outline,
    Row,
    Shape,
    joined,
)
from domain.picture.text_metrics import fitted, width_of, wrapped

SPINE = 22.0
"""How far from the left edge the line of flow runs."""

ARROW = 15.0
INDENT = 38.0
COLUMN_GAP = 12.0
NARROWEST_COLUMN = 150.0
PADS: dict[Outline, float] = {"hexagon": 18.0, "sides": 14.0, "pill": 14.0, "double": 11.0}


@dataclass(frozen=True, slots=True)
class StepLayout:
    """Lays steps out; `tallest` is what fits on one page."""

    tallest: float

    def rows(
        self,
        steps: tuple[StepOutline, ...],
        area: Area,
        *,
        led_to: bool = False,
        goes_on: bool = False,
    ) -> list[Row]:
        """The steps from top to bottom.

        `led_to` draws an arrow to the first one too; the line of flow of what `goes_on` is
        drawn to the end.
        """
        rows: list[Row] = []
        for place, step in enumerate(steps):
            box = step_row(step, area)
            if place or led_to:
                box = joined([_arrow(area), box])
            inside = self._branches(step, area, is_last=place + 1 == len(steps) and not goes_on)
            rows += [replace(box, keep=bool(inside)), *inside]
        return rows

    def _branches(self, step: StepOutline, area: Area, *, is_last: bool) -> list[Row]:
        if not step.branches:
            return []
        columns = self._columns(step, area)
        return [columns] if columns is not None else self._stacked(step, area, is_last=is_last)

    def _columns(self, step: StepOutline, area: Area) -> Row | None:
        """The branches side by side; None where they have no room."""
        count = len(step.branches)
        width = (area.width - COLUMN_GAP * (count - 1)) / count
        if count == 1 or width < NARROWEST_COLUMN:
            return None
        areas = [Area(area.x + place * (width + COLUMN_GAP), width) for place in range(count)]
        columns = [
            joined(self._branch(step, branch, place))
            for branch, place in zip(step.branches, areas, strict=True)
        ]
        height = max(column.height for column in columns) + 9
        ends = _ends(step, areas, columns, height)
        if height + ends.height > self.tallest:
            return None
        shapes = tuple(shape for column in columns for shape in column.shapes)
        return Row(height + ends.height, (*shapes, *ends.shapes))

    def _branch(self, step: StepOutline, branch: BranchOutline, area: Area) -> list[Row]:
        """One branch from its arrow down."""
        if step.kind != "decide":
            return self.rows(branch.steps, area, led_to=True, goes_on=True)
        head = joined([_arrow(area), option_row(branch, area)])
        return [head, *self.rows(branch.steps, area, led_to=True, goes_on=True)]

    def _stacked(self, step: StepOutline, area: Area, *, is_last: bool) -> list[Row]:
        """The branches below each other, each hanging on a rail."""
        inner = Area(area.x + INDENT, area.width - INDENT)
        rail = area.x + SPINE
        rows: list[Row] = []
        for place, branch in enumerate(step.branches):
            head, *rest = self._hanging(step, branch, area, inner)
            ends_here = is_last and place + 1 == len(step.branches) and not step.joins
            rows.append(head if ends_here else _with_rail(head, rail))
            rows += rest if ends_here else [_with_rail(row, rail) for row in rest]
        if step.joins:
            rows.append(_joins_row(step.joins, area))
        return rows

    def _hanging(
        self, step: StepOutline, branch: BranchOutline, area: Area, inner: Area
    ) -> list[Row]:
        head = option_row(branch, inner) if step.kind == "decide" else label_row(branch, inner)
        middle = 8 + min(head.height / 2, 12)
        hung = Line(((area.x + SPINE, 0), (area.x + SPINE, middle), (inner.x, middle)), arrow=True)
        moved = joined([Row(8), head])
        first = Row(moved.height, (*moved.shapes, hung), keep=bool(branch.steps))
        return [first, *self.rows(branch.steps, inner, led_to=True)]


def step_row(step: StepOutline, area: Area) -> Row:
    """A step's box."""
    pad = PADS.get(step.frame, 9.0)
    inner = area.inside(pad)
    mark = f"{step.standing.mark} " if step.standing else ""
    kind_width = width_of(step.kind, SMALL)
    name = f"{mark}{step.id}"
    is_beside = width_of(name, STRONG) + kind_width + 10 <= inner.width
    room = inner.width - (kind_width + 10 if is_beside else 0)
    lines = wrapped(name, STRONG, room, 2)
    y = 6.0
    texts = []
    for line in lines.lines:
        y += STRONG.size * LEADING
        texts.append(line_at(inner.x, y - 3.4, line, STRONG))
    if is_beside:
        texts.append(line_at(inner.right, y - 3.4, step.kind, SMALL, "end"))
    else:
        y += SMALL.size * LEADING
        texts.append(line_at(inner.x, y - 3, fitted(step.kind, SMALL, inner.width), SMALL))
    words = [Words(step.who, "strong"), *step.words]
    said = block(words, Area(inner.x, inner.width, y + 1))
    y += said.height + 7
    full = said.full or (name if lines.is_cut else "")
    frame = Box(area.x, 0, area.width, y, step.frame, 1.1, texts=(*texts, *said.texts), title=full)
    return _standing_frame(frame, step.standing)


def option_row(branch: BranchOutline, area: Area) -> Row:
    """An option's box: its name and what it costs."""
    mark = f"{branch.standing.mark} " if branch.standing else ""
    words = [Words(f"{mark}{branch.label}", "strong"), *branch.words]
    said = block(words, Area(area.x + 9, area.width - 18, 6.0))
    frame = Box(
        area.x,
        0,
        area.width,
        said.height + 13,
        "round",
        0.8,
        texts=said.texts,
        title=said.full,
    )
    return _standing_frame(frame, branch.standing)


def label_row(branch: BranchOutline, area: Area) -> Row:
    """The name of a branch, or of a loop's body."""
    text = fitted(branch.label, BOLD, area.width - 8)
    label = line_at(area.x + 6, 14, text, BOLD)
    full = "" if text == branch.label else branch.label
    return Row(18, (Box(area.x + 2, 0, area.width - 2, 18, "none", texts=(label,), title=full),))


def _standing_frame(frame: Box, standing: Standing | None) -> Row:
    """The box as it looks where it stands: now, over, ahead or passed by."""
    if standing is None:
        return Row(frame.height, (frame,))
    match standing.emphasis:
        case "ahead":
            frame = replace(frame, stroke=0.8, dashed=True)
        case "passed_by":
            frame = replace(frame, stroke=0.5, dashed=True)
        case "over":
            frame = replace(frame, stroke=1.1)
        case "live" | "failed":
            frame = replace(frame, stroke=2.6)
    if not standing.said:
        return Row(frame.height, (frame,))
    pad = PADS.get(frame.outline, 9.0)
    if not standing.is_marked:
        words = (Words(standing.said, "strong"),)
        said = block(words, Area(frame.x + pad, frame.width - 2 * pad, frame.height - 4), most=3)
        height = frame.height + said.height + 1
        title = frame.title or said.full
        frame = replace(frame, height=height, texts=(*frame.texts, *said.texts), title=title)
        return Row(height, (frame,))
    text = f"NOW: {standing.said}" if standing.emphasis == "live" else standing.said
    words = (Words(text, "strong"),)
    area = Area(frame.x + pad + 6, frame.width - 2 * pad - 12, frame.height + 1)
    said = block(words, area, most=3)
    band = Box(
        frame.x + pad,
        frame.height - 2,
        frame.width - 2 * pad,
        said.height + 7,
        "square",
        0.8,
        filled=True,
        texts=said.texts,
        title=said.full,
    )
    height = frame.height + said.height + 12
    return Row(height, (replace(frame, height=height), band))


def _arrow(area: Area) -> Row:
    x = area.x + SPINE
    return Row(ARROW, (Line(((x, 0), (x, ARROW)), arrow=True),))


def _with_rail(row: Row, x: float) -> Row:
    return replace(row, shapes=(*row.shapes, Line(((x, 0), (x, row.height)))))


def _ends(step: StepOutline, areas: list[Area], columns: list[Row], height: float) -> Row:
    """The lines that bring the branches together again, from each one's end."""
    spines = [area.x + SPINE for area in areas]
    shapes: list[Shape] = [
        Line(((x, column.height), (x, height))) for x, column in zip(spines, columns, strict=True)
    ]
    stroke = 3.0 if step.joins else 1.0
    shapes.append(Line(((spines[0], height), (spines[-1], height)), stroke=stroke))
    if not step.joins:
        return Row(0, tuple(shapes))
    text = _joins_row(step.joins, Area(areas[0].x, areas[-1].right - areas[0].x))
    return Row(text.height, (*shapes, *(_lowered(text.shapes, height))))


def _lowered(shapes: Iterable[Shape], height: float) -> Iterable[Shape]:
    return joined([Row(height), Row(0, tuple(shapes))]).shapes


def _joins_row(joins: str, area: Area) -> Row:
    """What the branches wait for, beside the line of flow that goes on."""
    x = area.x + SPINE
    said = block((Words(joins, "small"),), Area(x + 8, area.right - x - 8, 3))
    height = said.height + 5
    frame = Box(x + 8, 0, area.right - x - 8, height, "none", texts=said.texts, title=said.full)
    return Row(height, (frame, Line(((x, 0), (x, height)))))
