"""What all doors for alerts share: keys, bodies, refusals and their documentation.

Decides how a body is read within its limit and how one that cannot be read, or that
nobody we trust has signed, is refused. Which doors there are: `api.alerts`,
`api.alerts_webhooks`, `api.alerts_opsgenie` and `api.alerts_sns`.
"""

from typing import Annotated, Any

from fastapi import Depends, Request

from api.intake import Intake, intake
from api.problems import Problem, ProblemDocument
from api.security import Caller, Scope, require
from api.services import Services
from api.sources.errors import Malformed, Unsigned
from ledger import AuditEntry

Ingester = Annotated[Caller, Depends(require(Scope.INGEST))]
"""A caller whose key may send alerts."""

Way = Annotated[Intake, Depends(intake)]
"""The way in."""

JSON: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}
ANY_JSON: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "oneOf": [
                        {"type": "object"},
                        {"type": "array", "items": {"type": "object"}},
                    ]
                }
            }
        },
    }
}
"""How OpenAPI describes a body that we read ourselves."""

REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": ProblemDocument, "description": text}
    for status, text in {
        400: "The body cannot be read; `errors` names the field.",
        401: "No key, or an unknown one.",
        403: "The key lacks the scope.",
        413: "The body is too large.",
        503: "The engine is unreachable or saturated; send it again after Retry-After.",
    }.items()
}
"""What every door answers besides 202."""


def malformed(error: Malformed) -> Problem:
    """400 naming the field."""
    return Problem(
        400,
        str(error),
        title="Malformed alert",
        errors=[(error.field or "body", error.message)],
    )


async def unsigned(request: Request, parts: Services, sender: str, error: Unsigned) -> Problem:
    """401 for a call that its sender has not signed; audited."""
    action = f"{request.method} {request.url.path}"
    entry = AuditEntry(
        actor=f"source:{sender}", action=action, outcome="unauthenticated", detail=str(error)
    )
    await parts.writer.write(lambda ledger: ledger.audit(entry))
    return Problem(401, f"Not taken from {sender}: {error}.", title="Not signed")


async def body_of(request: Request, limit: int) -> bytes:
    """The body, or 413 as soon as it is over the limit, without reading the rest."""
    too_large = Problem(413, f"The body is over {limit // 1024} KiB; send less at once.")
    stated = request.headers.get("Content-Length", "")
    if stated.isdigit() and int(stated) > limit:
        raise too_large
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise too_large
        parts.append(part)
    return b"".join(parts)
