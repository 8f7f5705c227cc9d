"""Pieces of layout that every section is built from: blocks of words, headings, table rows.

Decides line heights, margins, and when a text is cut.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.picture.outline import Words
from domain.picture.pieces import (
    BODY,
    BOLD,
    CODE,
    HEADING,
    LEADING,
    SMALL,
    Anchor,
    Box,
    Face,
    Line,
    Row,
    Shape,
    Text,
)
from domain.picture.text_metrics import fitted, plain_text, width_of, wrapped

FACES: dict[str, Face] = {"body": BODY, "code": CODE, "small": SMALL, "strong": BOLD}

MOST_LINES = 4
"""Of one piece of text; what is longer is cut, and whole in the box's title."""

CELL_PAD = 4.0
SECTION_GAP = 20.0
HAIRLINE = 0.5


@dataclass(frozen=True, slots=True)
class Area:
    """Where something may stand: from `x`, so wide; `y` is its top."""

    x: float
    width: float
    y: float = 0.0

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    def inside(self, left: float, right: float | None = None) -> "Area":
        """The area without margins; the right one is as wide as the left unless said."""
        margin = left if right is None else right
        return Area(self.x + left, self.width - left - margin, self.y)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of text under each other; `full` is all of it where some was cut."""

    texts: tuple[Text, ...]
    height: float
    full: str = ""


def block(
    words: Iterable[Words], area: Area, *, most: int = MOST_LINES, anchor: Anchor = "start"
) -> Block:
    """The words, each piece on lines of its own, from the area's top."""
    given = [one for one in words if plain_text(one.text)]
    texts: list[Text] = []
    y, is_cut = area.y, False
    for one in given:
        face = FACES[one.look]
        lines = wrapped(one.text, face, area.width, most)
        is_cut = is_cut or lines.is_cut
        for line in lines.lines:
            y += face.size * LEADING
            texts.append(line_at(_anchored(area, anchor), y - face.size * 0.34, line, face, anchor))
    full = "\n".join(plain_text(one.text) for one in given) if is_cut else ""
    return Block(tuple(texts), y - area.y, full)


def _anchored(area: Area, anchor: Anchor) -> float:
    return {"start": area.x, "middle": area.x + area.width / 2, "end": area.right}[anchor]


def line_at(x: float, y: float, text: str, face: Face, anchor: Anchor = "start") -> Text:
    """One line of text at its place."""
    return Text(x, y, text, face, width_of(text, face), anchor)


def heading(text: str, area: Area, note: str = "") -> Row:
    """A section's heading with a rule under it, kept with what follows."""
    top = SECTION_GAP + HEADING.size
    shapes: list[Shape] = [
        line_at(area.x, top, fitted(text, HEADING, area.width), HEADING),
        Line(((area.x, top + 5), (area.right, top + 5)), stroke=1.6),
    ]
    used = width_of(text, HEADING) + 16
    if note and used < area.width:
        said = fitted(note, SMALL, area.width - used)
        shapes.append(line_at(area.right, top, said, SMALL, "end"))
    return Row(top + 11, tuple(shapes), keep=True)


Cell = tuple[Words, ...]


def table_row(cells: Sequence[Cell], widths: Sequence[float], area: Area, *, keep: bool) -> Row:
    """One row of a table with a hair line under it."""
    blocks = []
    x = area.x
    for cell, width in zip(cells, widths, strict=True):
        blocks.append((x, width, block(cell, Area(x, width - 2 * CELL_PAD, CELL_PAD), most=6)))
        x += width
    height = max(one.height for _, _, one in blocks) + 2 * CELL_PAD
    boxes: list[Shape] = [
        Box(at, 0, width, height, "none", texts=one.texts, title=one.full)
        for at, width, one in blocks
    ]
    rule = Line(((area.x, height), (area.right, height)), stroke=1.0 if keep else HAIRLINE)
    return Row(height, (*boxes, rule), keep=keep)


def table(columns: Sequence[str], rows: Sequence[Sequence[Words]], area: Area) -> list[Row]:
    """A table whose columns share the width by what stands in them."""
    widths = _shared(columns, rows, area.width)
    head = table_row([(Words(name, "small"),) for name in columns], widths, area, keep=True)
    return [head, *(table_row([(cell,) for cell in row], widths, area, keep=False) for row in rows)]


def _shared(
    columns: Sequence[str], rows: Sequence[Sequence[Words]], width: float
) -> tuple[float, ...]:
    """Widths of the columns: what they would like, the widest giving way."""
    wanted = []
    for place, name in enumerate(columns):
        texts = [(name, SMALL), *((row[place].text, FACES[row[place].look]) for row in rows)]
        widest = max(width_of(plain_text(text), face) for text, face in texts)
        wanted.append(widest + 2 * CELL_PAD + 2)
    fair = width / len(columns)
    while sum(wanted) > width:
        widest = max(wanted)
        over = sum(wanted) - width
        if widest <= fair * 1.001:
            break
        place = wanted.index(widest)
        others = [one for one in wanted if one < widest]
        wanted[place] = max(widest - over, fair, *(others or [0.0]))
        if wanted[place] == widest:
            wanted[place] = max(fair, widest - over)
    wanted[-1] += width - sum(wanted)
    return tuple(wanted)
