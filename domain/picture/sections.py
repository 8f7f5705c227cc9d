"""The sections of a picture, as rows that follow each other down the page.

Decides where head, phases, severities, ladder, roles and tables stand in their rows. The
step tree is `domain.picture.step_layout`, pages are `domain.picture.layout`.
"""

from dataclasses import replace

from domain.picture.blocks import Area, block, heading, line_at, table
from domain.picture.outline import (
    LadderOutline,
    Moment,
    Outline,
    PhaseOutline,
    RuleOutline,
    RungOutline,
    TableOutline,
    Words,
)
from domain.picture.pieces import (
    BOLD,
    LEADING,
    SMALL,
    STRONG,
    TITLE,
    Box,
    Line,
    Row,
    Shape,
    height_of,
)
from domain.picture.text_metrics import wrapped
from domain.severity import Severity

LABEL_WIDTH = 92.0
NAME_WIDTH = 134.0
PHASE_WIDTH, PHASE_HEIGHT = 124.0, 24.0
BADGE_WIDTH, BADGE_HEIGHT = 46.0, 18.0
KEPT_WHOLE = 260.0
RUNG_WIDTH, TIME_WIDTH = 76.0, 53.0
STROKES = {
    Severity.SEV1: 2.6,
    Severity.SEV2: 1.9,
    Severity.SEV3: 1.2,
    Severity.SEV4: 0.7,
    Severity.SEV5: 0.7,
}


def head_rows(outline: Outline, area: Area) -> list[Row]:
    """The title, what runs now, and what the playbook is for."""
    lines = wrapped(outline.title, TITLE, area.width, 2)
    shapes: list[Shape] = []
    y = 0.0
    for line in lines.lines:
        y += TITLE.size * LEADING
        shapes.append(line_at(area.x, y - 5, line, TITLE))
    under = wrapped(outline.subtitle, SMALL, area.width, 1).lines
    y += SMALL.size * LEADING
    shapes += [line_at(area.x, y - 2, line, SMALL) for line in under]
    shapes.append(Line(((area.x, y + 6), (area.right, y + 6)), stroke=2.4))
    rows = [Row(y + 14, tuple(shapes), keep=True)]
    if outline.moment is not None:
        rows.append(_moment_row(outline.moment, area))
    return rows + [_field_row(field.name, field.words, area) for field in outline.head]


def _field_row(name: str, words: tuple[Words, ...], area: Area) -> Row:
    label = block((Words(name, "strong"),), Area(area.x, LABEL_WIDTH - 8, 2))
    said = block(words, Area(area.x + LABEL_WIDTH, area.width - LABEL_WIDTH, 2), most=3)
    height = max(label.height, said.height) + 5
    return Row(
        height,
        (
            Box(area.x, 0, LABEL_WIDTH - 4, height, "none", texts=label.texts, title=label.full),
            Box(
                area.x + LABEL_WIDTH,
                0,
                area.width - LABEL_WIDTH,
                height,
                "none",
                texts=said.texts,
                title=said.full,
            ),
        ),
    )


def _moment_row(moment: Moment, area: Area) -> Row:
    """The running incident, in a frame that is found first."""
    inner = area.inside(14)
    badge = badge_box(moment.severity, Area(inner.x, BADGE_WIDTH, 12), is_present=True)
    phase = Words(f"{moment.reference}: {moment.phase}, {moment.as_of}", "strong")
    left = inner.x + BADGE_WIDTH + 10
    top = block((phase, Words(moment.title)), Area(left, inner.right - left, 9))
    shapes: list[Shape] = [badge]
    y = max(9 + top.height, 12 + BADGE_HEIGHT) + 5
    title = [top.full]
    texts = list(top.texts)
    for field in moment.fields:
        label = block((Words(field.name, "strong"),), Area(inner.x, NAME_WIDTH - 8, y), most=2)
        said = block(field.words, Area(inner.x + NAME_WIDTH, inner.width - NAME_WIDTH, y), most=2)
        texts += [*label.texts, *said.texts]
        title.append(said.full)
        y += max(label.height, said.height) + 3
    frame = Box(
        area.x,
        2,
        area.width,
        y + 8,
        "double",
        2.0,
        texts=tuple(texts),
        title="\n".join(one for one in title if one),
    )
    return Row(y + 20, (frame, *shapes))


def badge_box(severity: Severity, area: Area, *, is_present: bool = False) -> Box:
    """A severity's sign: the worse, the thicker its frame; the present one is black."""
    text = line_at(area.x + BADGE_WIDTH / 2, area.y + 12.6, severity.value, BOLD, "middle")
    return Box(
        area.x,
        area.y,
        BADGE_WIDTH,
        BADGE_HEIGHT,
        "round",
        STROKES[severity],
        dashed=severity is Severity.SEV5,
        filled=is_present,
        texts=(text,),
    )


def phase_rows(phases: tuple[PhaseOutline, ...], area: Area) -> list[Row]:
    """The phases under each other, with what moves an incident on beside the arrow."""
    rows = [heading("Phases", area)]
    for phase in phases:
        rows.append(_phase_row(phase, area))
        if phase.onwards:
            said_at = area.x + PHASE_WIDTH / 2 + 16
            said = block(phase.onwards, Area(said_at, area.right - said_at, 4), most=3)
            height = max(said.height + 9, 20)
            x = area.x + PHASE_WIDTH / 2
            box = Box(
                said_at - 4,
                0,
                area.right - said_at + 4,
                height,
                "none",
                texts=said.texts,
                title=said.full,
            )
            arrow = Line(((x, 0), (x, height)), arrow=True)
            rows.append(Row(height, (box, arrow), keep=True))
    return rows


def _phase_row(phase: PhaseOutline, area: Area) -> Row:
    middle = area.x + PHASE_WIDTH / 2
    text = line_at(middle, 16, phase.name, STRONG, "middle")
    box = Box(
        area.x,
        0,
        PHASE_WIDTH,
        PHASE_HEIGHT,
        "pill",
        1.4,
        filled=phase.is_present,
        texts=(text,),
    )
    shapes: list[Shape] = [box]
    said = "now" if phase.is_present else ""
    if phase.reached:
        said = f"{said + ', ' if said else ''}since {phase.reached}" if said else phase.reached
    if said:
        shapes.append(line_at(area.x + PHASE_WIDTH + 10, 16, said, BOLD))
    return Row(PHASE_HEIGHT, tuple(shapes), keep=bool(phase.onwards))


def rule_rows(rules: tuple[RuleOutline, ...], reassess: str, area: Area) -> list[Row]:
    """The severity rules in the order in which they are tried."""
    rows = [heading("Severity", area, "the first rule that holds")]
    for rule in rules:
        left = area.x + (BADGE_WIDTH + 14 if rule.severity else 0)
        words = (Words(rule.criteria, "strong"), Words(rule.condition, "code"))
        said = block(words, Area(left, area.right - left, 4), most=3)
        height = max(said.height + 9, BADGE_HEIGHT + 10)
        box = Box(left, 0, area.right - left, height, "none", texts=said.texts, title=said.full)
        shapes: list[Shape] = [box]
        if rule.severity is not None:
            place = Area(area.x + 1.5, BADGE_WIDTH, 5)
            shapes.append(badge_box(rule.severity, place, is_present=rule.is_present))
        rows.append(Row(height, tuple(shapes)))
    if reassess:
        said = block((Words(reassess, "small"),), Area(area.x, area.width, 4))
        rows.append(
            Row(
                said.height + 6,
                (Box(area.x, 0, area.width, said.height + 6, "none", texts=said.texts),),
            )
        )
    return rows


def ladder_rows(ladder: LadderOutline, area: Area) -> list[Row]:
    """Who is paged when, if nobody answers: a row a level, a column a severity."""
    rows = [heading("Escalation", area, "if nobody answers; counted from the first page")]
    first = area.right - TIME_WIDTH * len(ladder.severities)
    badges = tuple(
        badge_box(
            severity,
            Area(first + TIME_WIDTH * place + (TIME_WIDTH - BADGE_WIDTH) / 2, BADGE_WIDTH, 3),
            is_present=severity is ladder.present,
        )
        for place, severity in enumerate(ladder.severities)
    )
    rows.append(Row(BADGE_HEIGHT + 10, badges, keep=True))
    rungs = ladder.rungs
    for place, rung in enumerate(rungs):
        leads_on = place + 1 < len(rungs) and rung.is_level and rungs[place + 1].is_level
        rows.append(_rung_row(rung, area, first, leads_on=leads_on))
    return rows + [_criterion_row(field.name, field.words, area) for field in ladder.criteria]


def _rung_row(rung: RungOutline, area: Area, first: float, *, leads_on: bool) -> Row:
    top = 4.0
    people_at = area.x + RUNG_WIDTH + 10
    words = [Words(rung.people)]
    if rung.standing is not None:
        words.append(Words(f"{rung.standing.mark} {rung.standing.said}", "strong"))
    said = block(words, Area(people_at, first - people_at - 6, top), most=3)
    cells = [
        block(
            (Words(time, "small"),),
            Area(first + TIME_WIDTH * place + 2, TIME_WIDTH - 4, top),
            anchor="middle",
        )
        for place, time in enumerate(rung.times)
    ]
    height = max(said.height, *(cell.height for cell in cells), 16.0) + 2 * top
    gap = 12.0 if leads_on else 0.0
    shapes: list[Shape] = [
        Box(people_at, 0, first - people_at - 4, height, "none", texts=said.texts, title=said.full)
    ]
    shapes += [
        Box(first + TIME_WIDTH * place, 0, TIME_WIDTH, height, "none", texts=cell.texts)
        for place, cell in enumerate(cells)
    ]
    shapes += _rung_name(rung, area, height)
    if leads_on:
        x = area.x + RUNG_WIDTH / 2
        shapes.append(Line(((x, height), (x, height + gap)), arrow=True))
    rule = height + gap / 2 if leads_on else height
    from_x = people_at if leads_on else area.x
    shapes.append(Line(((from_x, rule), (area.right, rule)), stroke=0.5))
    return Row(height + gap, tuple(shapes), keep=leads_on)


def _rung_name(rung: RungOutline, area: Area, height: float) -> list[Shape]:
    if not rung.name:
        return []
    is_live = rung.standing is not None and rung.standing.is_marked
    if not rung.is_level:
        said = block((Words(rung.name, "strong"),), Area(area.x, RUNG_WIDTH, 4))
        return [Box(area.x, 0, RUNG_WIDTH, height, "none", texts=said.texts)]
    text = line_at(area.x + RUNG_WIDTH / 2, height / 2 + 3.8, rung.name, BOLD, "middle")
    return [
        Box(area.x, 0, RUNG_WIDTH, height, "square", 1.4, filled=is_live, texts=(text,)),
    ]


def _criterion_row(name: str, words: tuple[Words, ...], area: Area) -> Row:
    label = block((Words("More people", "strong"),), Area(area.x, RUNG_WIDTH, 6))
    left = area.x + RUNG_WIDTH + 10
    because = () if name == "More people" else (Words(f"because {name}", "small"),)
    said = block((*words, *because), Area(left, area.right - left, 6), most=3)
    height = max(label.height, said.height) + 10
    return Row(
        height,
        (
            Box(area.x, 0, RUNG_WIDTH + 6, height, "none", texts=label.texts),
            Box(left, 0, area.right - left, height, "none", texts=said.texts, title=said.full),
            Line(((area.x, height), (area.right, height)), stroke=0.5),
        ),
    )


def table_rows(given: TableOutline, area: Area) -> list[Row]:
    """A heading and its table; a short one is not broken over pages."""
    if not given.rows:
        return []
    rows = table(given.columns, given.rows, area)
    if height_of(rows) <= KEPT_WHOLE:
        rows = [*(replace(row, keep=True) for row in rows[:-1]), rows[-1]]
    return [heading(given.heading, area), *rows]
