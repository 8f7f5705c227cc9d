"""Whatever a playbook says, its picture is well-formed and nothing in it lies over another."""

import re
import xml.etree.ElementTree as ET

from hypothesis import HealthCheck, Phase, given, settings

from domain.picture.contents import outline_of
from domain.picture.layout import MARGIN, long_page, pages
from domain.picture.mermaid import mermaid_of
from domain.picture.pieces import Box, Page
from domain.picture.printed import html_of
from domain.picture.svg import svg_of
from domain.plan import Plan
from tests.picture.geometry import area_of, faults_of
from tests.picture.plans import plans

ANY_PLAN = settings(
    max_examples=30,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
NODE = re.compile(r'(?:n|g)\d+[({\[/]+"[^"]*"[)}\]\\]+|subgraph g\d+\["[^"]*"\]')
EDGE = re.compile(r'n\d+ -->(?:\|"[^"]*"\|)? n\d+|g\d+ ~~~ g\d+|class n\d+ (?:live|ahead)')
FIXED = re.compile(r"flowchart LR|direction TB|end|classDef \w+ [\w:#,\- ]+|")
LABEL = re.compile(r'"([^"]*)"')
SAID = re.compile(r"(?:<br/>|#\d+;|[^\x00-\x1f\"#<>`;&%{}\\:~@$^])*")


@given(plans)
@ANY_PLAN
def test_any_plan_is_well_formed_xml_in_which_nothing_overlaps(plan: Plan):
    outline = outline_of(plan)
    page = long_page(outline)

    svg = svg_of(page, title=outline.title, description=outline.described)

    ET.fromstring(svg)  # noqa: S314 - our own text
    assert faults_of(page) == []


@given(plans)
@ANY_PLAN
def test_any_plan_fits_on_pages_of_which_none_is_too_full(plan: Plan):
    outline = outline_of(plan)

    found = pages(outline, "letter", landscape=True)

    assert [fault for page in found for fault in faults_of(page)] == []
    assert all(lowest(page) <= page.height - MARGIN for page in found)
    assert html_of(found, title=outline.title, description="").count("<svg ") == len(found)


def lowest(page: Page) -> float:
    """Where the last box of the page ends."""
    boxes = [shape for shape in page.shapes if isinstance(shape, Box)]
    return max((area_of(box).bottom for box in boxes), default=0.0)


@given(plans)
@ANY_PLAN
def test_any_plan_is_a_flow_chart_whose_texts_mean_nothing_to_mermaid(plan: Plan):
    chart = mermaid_of(outline_of(plan))

    for line in chart.split("\n"):
        assert any(form.fullmatch(line) for form in (NODE, EDGE, FIXED)), line
    for label in LABEL.findall(chart):
        assert SAID.fullmatch(label), label
