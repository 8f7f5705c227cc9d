"""Every playbook that we ship, and the one that has everything, is a picture."""

import re
import xml.etree.ElementTree as ET

import pytest

from domain.picture.contents import outline_of
from domain.picture.layout import long_page, pages
from domain.picture.mermaid import mermaid_of
from domain.picture.outline import steps_of
from domain.picture.pieces import Box, Page, Text
from domain.picture.printed import html_of
from domain.picture.svg import svg_of
from domain.plan import Plan
from domain.plan_steps import all_steps
from tests.picture.geometry import faults_of
from tests.picture.situations import FULL_EXAMPLE, PLAYBOOKS, compiled, decided, shipped

SMALLEST_PT = 9.0
PLANS = [
    *(pytest.param(plan, id=name) for name, plan in sorted(compiled(PLAYBOOKS).plans.items())),
    *(
        pytest.param(plan, id=f"full_example/{name}")
        for name, plan in sorted(compiled(FULL_EXAMPLE).plans.items())
    ),
]


@pytest.mark.parametrize("plan", PLANS)
def test_a_playbook_is_drawn_without_overlaps_and_every_text_stays_in_its_box(plan: Plan):
    """On one long page, on A4 and on Letter, upright and across."""
    outline = outline_of(plan)

    drawn = [
        long_page(outline),
        *pages(outline),
        *pages(outline, "letter"),
        *pages(outline, landscape=True),
    ]

    assert [fault for page in drawn for fault in faults_of(page)] == []
    assert min(text.face.size for page in drawn for text in texts_of(page)) >= SMALLEST_PT


@pytest.mark.parametrize("plan", PLANS)
def test_a_playbook_is_well_formed_in_every_format(plan: Plan):
    """The SVG parses, names itself for who cannot see it, and asks for nothing from outside."""
    outline = outline_of(plan)

    svg = svg_of(long_page(outline), title=outline.title, description=outline.described)
    html = html_of(pages(outline), title=outline.title, description=outline.described)
    chart = mermaid_of(outline)

    root = ET.fromstring(svg)  # noqa: S314 - our own text
    assert root.get("role") == "img"
    assert [child.tag.rpartition("}")[2] for child in root[:2]] == ["title", "desc"]
    for text in (svg, html):
        assert not re.search(r"<script|href=|src=|url\(|@import|<image|<foreignObject", text)
    assert chart.startswith("flowchart LR\n")
    assert chart.count("subgraph ") == chart.splitlines().count("end")


def test_every_step_level_role_fact_and_rule_of_a_playbook_is_in_its_picture():
    plan = shipped("payment_api_5xx")

    outline = outline_of(plan)
    said = " ".join(text.text for text in texts_of(long_page(outline)))

    assert [step.id for step in steps_of(outline.steps)] == [s.id for s in all_steps(plan.steps)]
    for step in all_steps(plan.steps):
        assert step.id in said
    for word in ("SEV1", "SEV5", "Level 3", "Last resort", "incident commander", "sme"):
        assert word in said
    for word in ("error_ratio", "a quarter of payments fail", "Roll back the last deploy"):
        assert word in said
    assert "goes on when every branch has ended" in said
    assert "risk: 0.4 % higher fees" in said


def test_a_long_playbook_breaks_between_sections_and_no_page_is_too_full():
    outline = outline_of(shipped("payment_api_5xx"))

    found = pages(outline)

    assert len(found) > 1
    for number, page in enumerate(found, start=1):
        assert (page.width, page.height) == (595.0, 842.0)
        assert f"page {number} of {len(found)}" in " ".join(text.text for text in texts_of(page))


def test_an_incident_is_drawn_without_overlaps_too():
    outline = outline_of(shipped("payment_api_5xx"), decided())

    drawn = [long_page(outline), *pages(outline)]

    assert [fault for page in drawn for fault in faults_of(page)] == []


def texts_of(page: Page) -> list[Text]:
    """Every text of a page, in boxes and beside them."""
    inside = [text for box in page.shapes if isinstance(box, Box) for text in box.texts]
    return [*inside, *(shape for shape in page.shapes if isinstance(shape, Text))]
