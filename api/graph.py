"""Pictures of playbooks and of running incidents, over HTTP.

Decides which plan an incident's picture is drawn from: always the one that it runs on. What
is drawn is `domain.picture`.
"""

# ruff: noqa: FAST003  # a dependency reads the path

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from api.find import IncidentId, find_seen
from api.playbooks import get_playbook
from api.problems import Problem
from api.security import Reader
from api.services import Parts, Services
from domain.incident.view import IncidentView
from domain.picture.contents import outline_of
from domain.picture.layout import long_page
from domain.picture.mermaid import mermaid_of
from domain.picture.svg import svg_of
from domain.plan import Plan

router = APIRouter(prefix="/v1", tags=["pictures"])

SVG = "image/svg+xml"
MERMAID = "text/vnd.mermaid"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


def _drawn_as(media_type: str) -> dict[int | str, dict[str, Any]]:
    content = {media_type: {"schema": {"type": "string"}}}
    return {200: {"content": content, "description": "The picture."}}


async def pinned_plan(parts: Services, view: IncidentView) -> Plan:
    """The plan that the incident runs on, wherever it is kept; 404 if it is gone."""
    started_with = await parts.gateway.plan(view.id)
    in_service = parts.snapshot.plans.get(view.playbook)
    for plan in (started_with, in_service):
        if plan is not None and plan.sha256 == view.plan_sha256:
            return plan
    raise Problem(
        404,
        f"{view.reference} ran on {view.playbook} version {view.playbook_version}, which is not "
        "kept any more; GET /v1/incidents/{id}/timeline has what happened.",
    )


class Drawable:
    """An incident and the plan it runs on."""

    def __init__(self, plan: Plan, view: IncidentView) -> None:
        self.plan = plan
        self.view = view


async def _drawable(parts: Parts, caller: Reader, incident: IncidentId) -> Drawable:
    del caller
    view = (await find_seen(parts, incident)).view
    return Drawable(await pinned_plan(parts, view), view)


Running = Annotated[Drawable, Depends(_drawable)]
InService = Annotated[Plan, Depends(get_playbook)]


@router.get("/incidents/{id}/plan", operation_id="get_incident_plan")
async def get_incident_plan(running: Running) -> Plan:
    """The plan that the incident runs on, whatever its file says by now."""
    return running.plan


@router.get(
    "/incidents/{id}/graph.svg",
    operation_id="get_incident_picture",
    response_class=Response,
    responses=_drawn_as(SVG),
)
async def get_incident_picture(running: Running) -> Response:
    """The incident's playbook as a picture, and where the incident is in it."""
    return await picture(running.plan, running.view)


@router.get(
    "/incidents/{id}/graph.mmd",
    operation_id="get_incident_chart",
    response_class=Response,
    responses=_drawn_as(MERMAID),
)
async def get_incident_chart(running: Running) -> Response:
    """The same as a Mermaid flow chart."""
    return await chart(running.plan, running.view)


@router.get(
    "/playbooks/{name}/graph.svg",
    operation_id="get_playbook_picture",
    response_class=Response,
    responses=_drawn_as(SVG),
)
async def get_playbook_picture(plan: InService) -> Response:
    """A playbook in service as a picture."""
    return await picture(plan)


@router.get(
    "/playbooks/{name}/graph.mmd",
    operation_id="get_playbook_chart",
    response_class=Response,
    responses=_drawn_as(MERMAID),
)
async def get_playbook_chart(plan: InService) -> Response:
    """A playbook in service as a Mermaid flow chart."""
    return await chart(plan)


async def picture(plan: Plan, view: IncidentView | None = None) -> Response:
    """The plan's picture; with `view`, where that incident is."""
    text = await asyncio.to_thread(_svg, plan, view)
    return Response(text, media_type=SVG, headers=HEADERS)


async def chart(plan: Plan, view: IncidentView | None = None) -> Response:
    """The plan's flow chart; with `view`, where that incident is."""
    text = await asyncio.to_thread(lambda: mermaid_of(outline_of(plan, view)))
    return Response(text, media_type=MERMAID, headers=HEADERS)


def _svg(plan: Plan, view: IncidentView | None) -> str:
    outline = outline_of(plan, view)
    return svg_of(long_page(outline), title=outline.title, description=outline.described)
