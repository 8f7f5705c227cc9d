"""What a picture is made of: boxes, texts and lines at places on a page, in points.

Decides shapes only, not what they mean: that is `domain.picture.outline`. A box owns the
texts inside it, so that a test can see that none leaves it. y grows downwards.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True, slots=True)
class Face:
    """How letters look; `size` in points."""

    size: float = 9.5
    bold: bool = False
    mono: bool = False


BODY = Face()
BOLD = Face(bold=True)
CODE = Face(size=9.0, mono=True)
SMALL = Face(size=9.0)
STRONG = Face(size=10.5, bold=True)
HEADING = Face(size=13.0, bold=True)
TITLE = Face(size=21.0, bold=True)

LEADING = 1.32
"""A line's height, as a multiple of its letters' size."""

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; `x` is where its anchor stands, `y` its base line."""

    x: float
    y: float
    text: str
    face: Face
    width: float
    anchor: Anchor = "start"

    @property
    def left(self) -> float:
        """Where the line begins."""
        shift = {"start": 0.0, "middle": self.width / 2, "end": self.width}[self.anchor]
        return self.x - shift


Outline = Literal["none", "square", "round", "pill", "hexagon", "sides", "double"]
"""`sides` is the flow chart's sign for another procedure, `double` a frame around a frame."""


@dataclass(frozen=True, slots=True)
class Box:
    """A frame with its texts; `title` is the full text where some of it was cut."""

    x: float
    y: float
    width: float
    height: float
    outline: Outline = "square"
    stroke: float = 0.8
    dashed: bool = False
    filled: bool = False
    texts: tuple[Text, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line through these points; `arrow` at its end."""

    points: tuple[tuple[float, float], ...]
    arrow: bool = False
    dashed: bool = False
    stroke: float = 1.0


Shape = Box | Text | Line


@dataclass(frozen=True, slots=True)
class Row:
    """A part of a picture that no page break goes through; `keep` it with the one below."""

    height: float
    shapes: tuple[Shape, ...] = ()
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One picture, or one page of it."""

    width: float
    height: float
    shapes: tuple[Shape, ...]


def moved(shape: Shape, dx: float, dy: float) -> Shape:
    """The same shape elsewhere."""
    match shape:
        case Box():
            texts = tuple(replace(one, x=one.x + dx, y=one.y + dy) for one in shape.texts)
            return replace(shape, x=shape.x + dx, y=shape.y + dy, texts=texts)
        case Text():
            return replace(shape, x=shape.x + dx, y=shape.y + dy)
        case Line():
            return replace(shape, points=tuple((x + dx, y + dy) for x, y in shape.points))


def height_of(rows: Iterable[Row]) -> float:
    """How high the rows are together."""
    return sum(row.height for row in rows)


def joined(rows: Iterable[Row]) -> Row:
    """The rows as one, which no page break goes through."""
    shapes: list[Shape] = []
    height = 0.0
    for row in rows:
        shapes += [moved(shape, 0, height) for shape in row.shapes]
        height += row.height
    return Row(height, tuple(shapes))


def beside(rows: Iterable[Row]) -> Row:
    """The rows over each other at the same height; each must bring its own place."""
    given = list(rows)
    shapes = tuple(shape for row in given for shape in row.shapes)
    return Row(max((row.height for row in given), default=0.0), shapes)
