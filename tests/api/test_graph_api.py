"""Pictures over HTTP, for whoever may read the incident."""

import xml.etree.ElementTree as ET
from uuid import uuid4

import httpx
import pytest

from activities.links import link_for
from tests.api.conftest import REFERENCE, WORKFLOW, Api, a_plan, a_view

SVG, MERMAID = "image/svg+xml", "text/vnd.mermaid"


def burn(api: Api, version: int = 3) -> None:
    """An incident that runs on an older version than is in service."""
    plan = a_plan(version=version, title="<b>As it was</b> & is")
    view = a_view(plan_sha256=plan.sha256, playbook_version=version, title="It <burns>")
    api.record(view)
    api.gateway.views[WORKFLOW] = view
    api.gateway.plans[WORKFLOW] = plan


def test_a_playbook_in_service_is_a_picture_and_a_flow_chart(api: Api):
    with api.client() as client:
        picture = client.get("/v1/playbooks/payments_api/graph.svg")
        chart = client.get("/v1/playbooks/payments_api/graph.mmd")
        unknown = client.get("/v1/playbooks/nothing/graph.svg")

    assert picture.status_code == 200
    assert picture.headers["content-type"].startswith(SVG)
    assert "default-src 'none'" in picture.headers["content-security-policy"]
    assert ET.fromstring(picture.text).get("role") == "img"  # noqa: S314 - our own text
    assert chart.headers["content-type"].startswith(MERMAID)
    assert chart.text.startswith("flowchart ")
    assert unknown.status_code == 404


def test_an_incident_is_drawn_on_the_plan_it_runs_on_with_all_text_escaped(api: Api):
    burn(api)
    with api.client() as client:
        picture = client.get(f"/v1/incidents/{REFERENCE}/graph.svg").text
        chart = client.get(f"/v1/incidents/{REFERENCE}/graph.mmd").text
        plan = client.get(f"/v1/incidents/{REFERENCE}/plan").json()

    assert "payments_api, version 3" in picture
    assert "&lt;b&gt;As it was&lt;/b&gt; &amp; is" in picture
    assert f"{REFERENCE}: triggered, as of" in picture
    assert "#60;b#62;As it was" in chart
    assert plan["version"] == 3


def test_while_the_engine_has_it_not_the_plan_in_service_is_taken_only_if_it_is_the_same(api: Api):
    burn(api)
    api.gateway.plans.clear()
    same = a_view(
        reference="INC-SAME00",
        id="same",
        plan_sha256=api.catalog.snapshot.plans["payments_api"].sha256,
    )
    api.record(same)

    with api.client() as client:
        gone = client.get(f"/v1/incidents/{REFERENCE}/graph.svg")
        kept = client.get("/v1/incidents/INC-SAME00/graph.svg")

    assert gone.status_code == 404
    assert "ran on payments_api version 3, which is not kept any more" in gone.json()["detail"]
    assert kept.status_code == 200


@pytest.mark.parametrize("path", ["incidents/INC-M4T9WC", "playbooks/payments_api"])
def test_a_picture_is_for_who_may_read_and_nobody_else(api: Api, path: str):
    burn(api)
    secret = uuid4().hex
    with api.client(key=secret) as stranger:
        assert stranger.get(f"/v1/{path}/graph.svg").status_code == 401


def test_the_page_behind_a_link_leads_to_the_picture_which_keeps_its_address_to_itself(api: Api):
    burn(api)
    page = link_for(api.settings, REFERENCE, "ann").replace(api.settings.public_address, "")
    path = httpx.URL(page).path

    shown = httpx.get(api.address + path)
    picture = httpx.get(f"{api.address}{path}/graph.svg")
    altered = httpx.get(f"{api.address}{path}x/graph.svg")

    assert f'href="{path}/graph.svg"' in shown.text
    assert picture.status_code == 200
    assert picture.headers["referrer-policy"] == "no-referrer"
    assert REFERENCE in picture.text
    assert altered.status_code == 403
