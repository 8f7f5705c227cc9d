"""Where senders post their alerts: Alertmanager, any JSON, PagerDuty's Events v2.

Decides statuses: 202 once durable, 400 naming the field, 413, 503 with Retry-After. It
never answers 2xx and loses an alert. What becomes of one is `api.intake` and below.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from fastapi.security.utils import get_authorization_scheme_param
from pydantic import BaseModel

from api.doors import ANY_JSON, JSON, REFUSALS, Ingester, Way, body_of, malformed
from api.intake import AlertAnswer, AlertsAnswer, Intake
from api.limits import BODY_LIMIT, EVENT_LIMIT
from api.security import Scope, authorise
from api.services import Parts
from api.sources import alertmanager, generic, pagerduty
from api.sources.errors import InvalidEvent, Malformed
from api.sources.parsed import Parsed
from api.sources.reading import as_object, decoded
from domain.source_mapping import DEFAULT_MAPPING

router = APIRouter(tags=["alerts"])


class EventAnswer(BaseModel):
    """PagerDuty's answer, and what became of the alert."""

    status: str = "success"
    message: str = "Event processed"
    dedup_key: str
    alerts: list[AlertAnswer] = []
    notes: list[str] = []


class EventRefusal(BaseModel):
    """PagerDuty's refusal of an event."""

    status: str = "invalid event"
    message: str = "Event object is invalid"
    errors: list[str]


@router.post(
    "/v1/alerts/alertmanager",
    status_code=202,
    operation_id="post_alertmanager_alerts",
    responses=REFUSALS,
    openapi_extra=JSON,
)
async def post_alertmanager_alerts(request: Request, caller: Ingester, way: Way) -> AlertsAnswer:
    """Take in Alertmanager's webhook, version 4, or Grafana's unified alerting."""
    del caller
    body = await body_of(request, BODY_LIMIT)
    try:
        parsed = alertmanager.parse(as_object(decoded(body), ""))
    except Malformed as error:
        raise malformed(error) from error
    return await way.take(parsed)


@router.post(
    "/v1/alerts/generic",
    status_code=202,
    operation_id="post_generic_alerts",
    responses=REFUSALS,
    openapi_extra=ANY_JSON,
)
async def post_generic_alerts(
    request: Request,
    parts: Parts,
    caller: Ingester,
    way: Way,
    sender: Annotated[
        str, Query(description="A sender of sources.yaml; others are read in the plain form.")
    ] = generic.DEFAULT_SENDER,
) -> AlertsAnswer:
    """Take in one alert, or a list of them, as the sender's mapping reads it."""
    del caller
    body = await body_of(request, BODY_LIMIT)
    mapping = parts.catalog.snapshot.sources.get(sender, DEFAULT_MAPPING)
    try:
        parsed = generic.parse(decoded(body), mapping, sender)
    except Malformed as error:
        raise malformed(error) from error
    return await way.take(parsed)


@router.post(
    "/v2/enqueue",
    status_code=202,
    operation_id="enqueue_event",
    response_model=EventAnswer,
    responses=REFUSALS
    | {400: {"model": EventRefusal, "description": "What PagerDuty would refuse as well."}},
    openapi_extra=JSON,
)
async def enqueue_event(request: Request, way: Way) -> EventAnswer | JSONResponse:
    """Take in an event as PagerDuty's Events API v2 does; `routing_key` is an ingest key."""
    body = await body_of(request, EVENT_LIMIT)
    try:
        value = decoded(body)
    except Malformed as error:
        return _refusal((str(error),))
    key = _key_of(request, value)
    if key is None:
        return _refusal(("'routing_key' is missing or blank",))
    try:
        event = pagerduty.parse(value)
    except InvalidEvent as error:
        await authorise(request, key, Scope.INGEST, Scope.ACKNOWLEDGE)
        return _refusal(error.errors)
    if event.alert is None:
        return await _acknowledge(request, key, event, way)
    await authorise(request, key, Scope.INGEST)
    answer = await way.take(Parsed(alerts=(event.alert,)))
    return EventAnswer(dedup_key=event.dedup_key, alerts=answer.alerts, notes=answer.notes)


async def _acknowledge(
    request: Request, key: str, event: pagerduty.Event, way: Intake
) -> EventAnswer:
    """A source stops the paging; it needs the scope, and is never a person."""
    caller = await authorise(request, key, Scope.ACKNOWLEDGE)
    sentence = await way.acknowledge(
        pagerduty.SOURCE, event.dedup_key, f"source:{caller.key}", caller.key
    )
    return EventAnswer(dedup_key=event.dedup_key, notes=[sentence])


def _key_of(request: Request, value: Any) -> str | None:
    """The bearer key, else the event's own."""
    scheme, given = get_authorization_scheme_param(request.headers.get("Authorization"))
    if scheme.lower() == "bearer" and given:
        return given
    own = value.get("routing_key") if isinstance(value, dict) else None
    return own.strip() or None if isinstance(own, str) else None


def _refusal(errors: tuple[str, ...]) -> JSONResponse:
    return JSONResponse(EventRefusal(errors=list(errors)).model_dump(), status_code=400)
