"""Looks for what would be wrong in a picture: overlaps, text outside its box, crossed lines."""

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from domain.picture.pieces import Box, Line, Page, Text

SLACK = 0.6
"""Points by which things may touch."""


class Area(NamedTuple):
    """A rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Area") -> bool:
        """Whether they share more than an edge."""
        return (
            self.left < other.right - SLACK
            and other.left < self.right - SLACK
            and self.top < other.bottom - SLACK
            and other.top < self.bottom - SLACK
        )

    def holds(self, other: "Area") -> bool:
        """Whether the other lies inside."""
        return (
            other.left >= self.left - SLACK
            and other.right <= self.right + SLACK
            and other.top >= self.top - SLACK
            and other.bottom <= self.bottom + SLACK
        )


def area_of(shape: Box | Text) -> Area:
    """Where the shape is."""
    if isinstance(shape, Box):
        return Area(shape.x, shape.y, shape.x + shape.width, shape.y + shape.height)
    top, bottom = shape.y - shape.face.size * 0.76, shape.y + shape.face.size * 0.22
    return Area(shape.left, top, shape.left + shape.width, bottom)


def faults_of(page: Page) -> list[str]:
    """Everything that is wrong with the page; empty if nothing is."""
    return list(_faults(page))


def _faults(page: Page) -> Iterator[str]:
    boxes = [shape for shape in page.shapes if isinstance(shape, Box)]
    free = [shape for shape in page.shapes if isinstance(shape, Text)]
    texts = [*free, *(text for box in boxes for text in box.texts)]
    lines = [shape for shape in page.shapes if isinstance(shape, Line)]
    paper = Area(0, 0, page.width, page.height)
    for shape in (*boxes, *texts):
        if not paper.holds(area_of(shape)):
            yield f"off the page: {shape}"
    for box in boxes:
        for text in box.texts:
            if not area_of(box).holds(area_of(text)):
                yield f"text outside its box: {text} {box}"
    yield from _overlaps(boxes, texts)
    yield from _crossings(lines, [*boxes, *texts])


def _overlaps(boxes: list[Box], texts: list[Text]) -> Iterator[str]:
    for one, other in _near(boxes):
        mine, its = area_of(one), area_of(other)
        if mine.meets(its) and not mine.holds(its) and not its.holds(mine):
            yield f"boxes overlap: {one} {other}"
    for one, other in _near(texts):
        if area_of(one).meets(area_of(other)):
            yield f"texts overlap: {one} {other}"


def _near(shapes: list[Box] | list[Text]) -> Iterator[tuple[Box, Box] | tuple[Text, Text]]:
    """Pairs that may meet at all: those whose heights overlap."""
    ordered = sorted(shapes, key=lambda shape: area_of(shape).top)
    for place, one in enumerate(ordered):
        bottom = area_of(one).bottom
        for other in ordered[place + 1 :]:
            if area_of(other).top >= bottom:
                break
            yield one, other  # type: ignore[misc]


def _segments(line: Line) -> Iterator[Area]:
    for (x0, y0), (x1, y1) in zip(line.points, line.points[1:], strict=False):
        yield Area(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _crossings(lines: list[Line], shapes: list[Box | Text]) -> Iterator[str]:
    segments = [segment for line in lines for segment in _segments(line)]
    for segment in segments:
        thick = Area(
            segment.left - SLACK,
            segment.top - SLACK,
            segment.right + SLACK,
            segment.bottom + SLACK,
        )
        for shape in shapes:
            inner = area_of(shape)
            if isinstance(shape, Box):
                inner = Area(*(inner[0] + 1, inner[1] + 1, inner[2] - 1, inner[3] - 1))
            if thick.meets(inner) and not _is_frame(shape):
                yield f"a line {segment} goes through {shape}"
    for one, other in combinations(segments, 2):
        if _cross(one, other):
            yield f"lines cross: {one} {other}"


def _is_frame(shape: Box | Text) -> bool:
    """Whether a box only groups words, where a hair line may stand at its edge."""
    return isinstance(shape, Box) and shape.height <= 2


def _cross(one: Area, other: Area) -> bool:
    """Whether an upright and a level segment cross, and do not only meet at an end."""
    one_is_upright = one.right - one.left < SLACK
    other_is_upright = other.right - other.left < SLACK
    if one_is_upright == other_is_upright:
        return False
    upright, level = (one, other) if one_is_upright else (other, one)
    return (
        level.left + SLACK < upright.left < level.right - SLACK
        and upright.top + SLACK < level.top < upright.bottom - SLACK
    )
