"""Writes a page of a picture as SVG that needs nothing else: no script, no font, no link.

Decides escaping, line styles and what is said to those who cannot see it. Black on white;
nothing is told by a colour alone.
"""

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from domain.picture.pieces import Box, Face, Line, Page, Shape, Text
from domain.picture.text_metrics import is_known, plain_text

SANS = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
MONO = "ui-monospace, Menlo, 'DejaVu Sans Mono', 'Liberation Mono', monospace"
INK, PAPER = "#111", "#fff"
ROUND = 7.0
SLANT = 11.0


def svg_of(page: Page, *, title: str, description: str, unit: str = "pt") -> str:
    """The page as an SVG document; `unit` is that of its width and height."""
    size = f'width="{page.width:g}{unit}" height="{page.height:g}{unit}"'
    box = f'viewBox="0 0 {page.width:g} {page.height:g}"'
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} role="img" '
        f'font-family="{SANS}" fill="{INK}">'
    )
    return "\n".join(
        (
            opening,
            f"<title>{_safe(title)}</title>",
            f"<desc>{_safe(description)}</desc>",
            f'<rect width="100%" height="100%" fill="{PAPER}"/>',
            *(_shape(shape) for shape in page.shapes),
            "</svg>\n",
        )
    )


def _safe(text: str) -> str:
    return escape("\n".join(plain_text(line) for line in text.split("\n")))


def _shape(shape: Shape) -> str:
    match shape:
        case Box():
            return _box(shape)
        case Text():
            return _text(shape, INK)
        case Line():
            return _line(shape)


def _box(box: Box) -> str:
    parts = [_frame(box)] if box.outline != "none" else []
    parts += [_text(text, PAPER if box.filled else INK) for text in box.texts]
    if not box.title:
        return "\n".join(parts)
    return "\n".join((f"<g><title>{_safe(box.title)}</title>", *parts, "</g>"))


def _frame(box: Box) -> str:
    pen = _pen(box.stroke, dashed=box.dashed) + f' fill="{INK if box.filled else PAPER}"'
    left, top, right, bottom = box.x, box.y, box.x + box.width, box.y + box.height
    match box.outline:
        case "hexagon":
            middle = (top + bottom) / 2
            slant = min(SLANT, box.height / 2)
            points = (
                (left + slant, top),
                (right - slant, top),
                (right, middle),
                (right - slant, bottom),
                (left + slant, bottom),
                (left, middle),
            )
            return f'<polygon points="{_points(points)}" {pen}/>'
        case "sides":
            bars = "".join(
                f'<path d="M{x:g} {top:g}V{bottom:g}" {_pen(box.stroke)}/>'
                for x in (left + 5, right - 5)
            )
            return f"{_rect(box, 0)} {pen}/>{bars}"
        case "double":
            inner = Box(left + 3, top + 3, box.width - 6, box.height - 6)
            thin = _pen(0.7, dashed=box.dashed)
            return f'{_rect(box, 0)} {pen}/>{_rect(inner, 0)} {thin} fill="none"/>'
        case "pill":
            return f"{_rect(box, min(box.height / 2, 13.0))} {pen}/>"
        case "round":
            return f"{_rect(box, ROUND)} {pen}/>"
        case _:
            return f"{_rect(box, 0)} {pen}/>"


def _rect(box: Box, radius: float) -> str:
    corner = f' rx="{radius:g}"' if radius else ""
    return (
        f'<rect x="{box.x:.4g}" y="{box.y:.6g}" width="{box.width:.5g}" '
        f'height="{box.height:.5g}"{corner}'
    )


def _text(text: Text, ink: str) -> str:
    said = [f'x="{text.x:.5g}" y="{text.y:.6g}"', _letters(text.face)]
    if text.anchor != "start":
        said.append(f'text-anchor="{text.anchor}"')
    if ink != INK:
        said.append(f'fill="{ink}"')
    if not is_known(text.text):
        # Letters that we could not measure are fitted into the room that was kept for them.
        said.append(f'textLength="{text.width:.5g}" lengthAdjust="spacingAndGlyphs"')
    return f"<text {' '.join(said)}>{escape(text.text)}</text>"


def _letters(face: Face) -> str:
    said = [f'font-size="{face.size:g}"']
    if face.bold:
        said.append('font-weight="bold"')
    if face.mono:
        said.append(f"font-family={quoteattr(MONO)}")
    return " ".join(said)


def _line(line: Line) -> str:
    points = list(line.points)
    head = ""
    if line.arrow:
        (x0, y0), (x1, y1) = points[-2:]
        length = max(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5, 0.01)
        dx, dy = (x1 - x0) / length, (y1 - y0) / length
        back, side = 6.0, 3.0
        corners = (
            (x1, y1),
            (x1 - dx * back - dy * side, y1 - dy * back + dx * side),
            (x1 - dx * back + dy * side, y1 - dy * back - dx * side),
        )
        head = f'<polygon points="{_points(corners)}"/>'
        points[-1] = (x1 - dx * back / 2, y1 - dy * back / 2)
    pen = _pen(line.stroke, dashed=line.dashed)
    return f'<polyline points="{_points(points)}" fill="none" {pen}/>{head}'


def _points(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.5g},{y:.6g}" for x, y in points)


def _pen(stroke: float, *, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    return f'stroke="{INK}" stroke-width="{stroke:g}"{dash}'
