"""The pictures in docs/graph.md are what the program draws today.

`UPDATE_GOLDEN=1 pytest tests/picture/test_pictures_in_the_guide.py` draws them anew.
"""

import os

import pytest

from domain.incident.view import IncidentView
from domain.picture.contents import outline_of
from domain.picture.layout import long_page
from domain.picture.mermaid import mermaid_of
from domain.picture.svg import svg_of
from tests.picture.situations import decided, shipped
from tests.processes import ROOT

DOCS = ROOT / "docs"
PICTURES: list[tuple[str, str, IncidentView | None]] = [
    ("graph_disk_full.svg", "disk_full", None),
    ("graph_payment_api_5xx.svg", "payment_api_5xx", None),
    ("graph_incident.svg", "payment_api_5xx", decided()),
]
START, END = "```mermaid\n", "```\n"


@pytest.mark.parametrize(("file", "playbook", "view"), PICTURES)
def test_a_picture_of_the_guide_is_what_is_drawn(
    file: str, playbook: str, view: IncidentView | None
):
    outline = outline_of(shipped(playbook), view)
    drawn = svg_of(long_page(outline), title=outline.title, description=outline.described)
    path = DOCS / "images" / file

    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(drawn)

    assert path.read_text() == drawn
    assert f"images/{file}" in (DOCS / "graph.md").read_text()


def test_the_flow_chart_of_the_guide_is_what_is_written():
    chart = mermaid_of(outline_of(shipped("disk_full")))
    guide = DOCS / "graph.md"
    before, _, rest = guide.read_text().partition(START)
    shown, _, after = rest.partition(END)

    if os.environ.get("UPDATE_GOLDEN"):
        guide.write_text(f"{before}{START}{chart}{END}{after}")
        shown = chart

    assert shown == chart
