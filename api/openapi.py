"""The API's description for programs, and a plain page of it for people.

Decides what FastAPI's own description lacks: problem documents have their media type,
and the page needs no script from elsewhere.
"""

from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse

from api.page_rendering import page
from api.problems import MEDIA_TYPE, ProblemDocument

router = APIRouter(include_in_schema=False)

DESCRIPTION = """Incidents of Watchbill: send alerts, read incidents, act on them.

Every error is an RFC 9457 problem document. Lists are paged by cursor. A command takes
an `Idempotency-Key`; a repeat with the same key gets the first answer."""

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": ProblemDocument, "description": text}
    for status, text in (
        (400, "The request cannot be read."),
        (401, "No key, or an unknown one."),
        (403, "The key has not the scope."),
        (404, "There is no such thing."),
        (409, "The incident's rules say no; the detail names its state."),
        (413, "The body is too large."),
        (422, "A field is wrong; `errors` names it."),
        (503, "The engine is unreachable and nothing was done; see Retry-After."),
    )
}
"""What every address under /v1 may answer instead."""

_METHODS = ("get", "post", "put", "delete", "patch")


def describe(app: FastAPI) -> None:
    """The app's /openapi.json is ours from now on."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title,
                version=app.version,
                description=DESCRIPTION,
                routes=app.routes,
                license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
            )
            for operation in _operations(made):
                for answer in operation.get("responses", {}).values():
                    _name_problem(answer)
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way


@router.get("/docs")
async def show_operations(request: Request) -> HTMLResponse:
    """Every address with what it does, for people."""
    groups: dict[str, list[dict[str, str]]] = {}
    for path, item in request.app.openapi()["paths"].items():
        for method, operation in item.items():
            tag = operation.get("tags", ["other"])[0]
            groups.setdefault(tag, []).append(
                {
                    "method": method.upper(),
                    "path": path,
                    "summary": operation.get("description", operation.get("summary", "")),
                }
            )
    return page("operations.html", groups=groups, version=request.app.version)


def _operations(made: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        operation
        for item in made["paths"].values()
        for method, operation in item.items()
        if method in _METHODS
    ]


def _name_problem(answer: dict[str, Any]) -> None:
    """A problem document is `application/problem+json`, whatever the route answers else."""
    content = answer.get("content", {})
    for media_type, described in list(content.items()):
        if described.get("schema", {}).get("$ref", "").endswith("/ProblemDocument"):
            del content[media_type]
            content[MEDIA_TYPE] = described
