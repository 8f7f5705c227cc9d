"""Where clients of Opsgenie's alert API post: create, close, acknowledge, by alias.

Decides statuses and answers as Opsgenie gives them: 202 with a request id, 422 with a
message. The key comes as `Authorization: GenieKey <key>`, or as a bearer key.
"""

from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api.doors import JSON, REFUSALS, Way, body_of
from api.intake import AlertAnswer
from api.limits import EVENT_LIMIT
from api.security import Caller, Scope, authorise
from api.sources import opsgenie
from api.sources.errors import Malformed
from api.sources.reading import as_object, decoded

router = APIRouter(tags=["alerts"])

Identifier = Annotated[
    str, Query(alias="identifierType", description="Only `alias` is understood.")
]


class RequestAnswer(BaseModel):
    """Opsgenie's answer, and what became of the alert."""

    result: str = "Request will be processed"
    took: float = 0.0
    requestId: str  # noqa: N815 - Opsgenie's own name
    alerts: list[AlertAnswer] = []
    notes: list[str] = []


class RequestRefusal(BaseModel):
    """Opsgenie's refusal of a request."""

    message: str
    took: float = 0.0
    requestId: str  # noqa: N815 - Opsgenie's own name


_ANSWERS: dict[int | str, dict[str, Any]] = {
    **{status: text for status, text in REFUSALS.items() if status != 400},  # noqa: PLR2004
    422: {"model": RequestRefusal, "description": "What Opsgenie would refuse as well."},
}


@router.post(
    "/v2/alerts",
    status_code=202,
    operation_id="create_opsgenie_alert",
    response_model=RequestAnswer,
    responses=_ANSWERS,
    openapi_extra=JSON,
)
async def create_opsgenie_alert(request: Request, way: Way) -> RequestAnswer | JSONResponse:
    """Take in an alert as Opsgenie's create request does; `alias` is its identity."""
    await _caller(request, Scope.INGEST)
    try:
        parsed = opsgenie.created(as_object(decoded(await body_of(request, EVENT_LIMIT)), ""))
    except Malformed as error:
        return _refusal(error)
    answer = await way.take(parsed)
    return RequestAnswer(requestId=str(uuid4()), alerts=answer.alerts, notes=answer.notes)


@router.post(
    "/v2/alerts/{alias:path}/close",
    status_code=202,
    operation_id="close_opsgenie_alert",
    response_model=RequestAnswer,
    responses=_ANSWERS,
)
async def close_opsgenie_alert(
    request: Request, way: Way, alias: str, kind: Identifier = "id"
) -> RequestAnswer | JSONResponse:
    """The alert with this alias is over."""
    await _caller(request, Scope.INGEST)
    try:
        parsed = opsgenie.closed(_alias(alias, kind))
    except Malformed as error:
        return _refusal(error)
    answer = await way.take(parsed)
    return RequestAnswer(requestId=str(uuid4()), alerts=answer.alerts, notes=answer.notes)


@router.post(
    "/v2/alerts/{alias:path}/acknowledge",
    status_code=202,
    operation_id="acknowledge_opsgenie_alert",
    response_model=RequestAnswer,
    responses=_ANSWERS,
)
async def acknowledge_opsgenie_alert(
    request: Request, way: Way, alias: str, kind: Identifier = "id"
) -> RequestAnswer | JSONResponse:
    """Stop the paging for this alias as a source; needs the scope `acknowledge`."""
    caller = await _caller(request, Scope.ACKNOWLEDGE)
    try:
        fingerprint = opsgenie.fingerprint_of(_alias(alias, kind))
    except Malformed as error:
        return _refusal(error)
    sentence = await way.acknowledge(
        opsgenie.SOURCE, fingerprint, f"source:{caller.key}", caller.key
    )
    return RequestAnswer(requestId=str(uuid4()), notes=[sentence])


async def _caller(request: Request, scope: Scope) -> Caller:
    """Whose key it is; Opsgenie's clients say `GenieKey` where others say `Bearer`."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    known = scheme.lower() in ("geniekey", "bearer")
    return await authorise(request, key.strip() or None if known else None, scope)


def _alias(alias: str, kind: str) -> str:
    if kind != "alias":
        raise Malformed("identifierType", "must be alias: alerts have no other name here")
    return alias


def _refusal(error: Malformed) -> JSONResponse:
    refusal = RequestRefusal(message=str(error), requestId=str(uuid4()))
    return JSONResponse(refusal.model_dump(), status_code=422)
