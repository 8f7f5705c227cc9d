"""The picture behind a signed link: the playbook, and where the incident is in it.

Decides that whoever may open an incident's page may see its picture too.
"""

# ruff: noqa: FAST003  # a dependency reads the path

from fastapi import APIRouter
from fastapi.responses import Response

from api.graph import picture, pinned_plan
from api.links import Link, LinkRefused
from api.page_rendering import HEADERS
from api.problems import Problem

router = APIRouter(prefix="/i", tags=["links"], include_in_schema=False)


@router.get("/{token}/graph.svg")
async def open_picture(link: Link) -> Response:
    """The incident's playbook as a picture; opening it changes nothing."""
    try:
        plan = await pinned_plan(link.parts, link.view)
    except Problem as error:
        raise LinkRefused(404, "There is no picture any more", error.document.detail) from error
    answer = await picture(plan, link.view)
    answer.headers["Referrer-Policy"] = HEADERS["Referrer-Policy"]
    answer.headers["X-Robots-Tag"] = HEADERS["X-Robots-Tag"]
    return answer
