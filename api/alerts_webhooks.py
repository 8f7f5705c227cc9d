"""Where Grafana, Datadog and senders of CloudEvents post their alerts.

Decides statuses, as `api.alerts` does, and whose word counts: a key with the scope
`ingest`, or for Grafana its signature where a secret is set.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.doors import ANY_JSON, JSON, REFUSALS, Ingester, Way, body_of, malformed, unsigned
from api.intake import AlertsAnswer
from api.limits import BODY_LIMIT
from api.security import Scope, authorise
from api.services import Parts
from api.sources import cloudevents, datadog, generic, grafana
from api.sources.errors import Malformed, Unsigned
from api.sources.reading import as_object, decoded
from domain.source_mapping import DEFAULT_MAPPING

router = APIRouter(tags=["alerts"])

_bearer = HTTPBearer(auto_error=False, description="An API key; not needed where it is signed.")


@router.post(
    "/v1/alerts/grafana",
    status_code=202,
    operation_id="post_grafana_alerts",
    responses=REFUSALS,
    openapi_extra=JSON,
)
async def post_grafana_alerts(
    request: Request,
    parts: Parts,
    way: Way,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> AlertsAnswer:
    """Take in Grafana's webhook; with `WATCHBILL_GRAFANA_SECRET` set it must be signed."""
    secret = parts.settings.grafana_secret
    if secret is None:
        plaintext = credentials.credentials if credentials else None
        await authorise(request, plaintext, Scope.INGEST)
    body = await body_of(request, BODY_LIMIT)
    try:
        if secret is not None:
            grafana.require_signature(request.headers, body, secret)
        parsed = grafana.parse(as_object(decoded(body), ""))
    except Unsigned as error:
        raise await unsigned(request, parts, grafana.SOURCE, error) from error
    except Malformed as error:
        raise malformed(error) from error
    return await way.take(parsed)


@router.post(
    "/v1/alerts/datadog",
    status_code=202,
    operation_id="post_datadog_alerts",
    responses=REFUSALS,
    openapi_extra=JSON,
)
async def post_datadog_alerts(request: Request, caller: Ingester, way: Way) -> AlertsAnswer:
    """Take in Datadog's webhook, with the payload that docs/senders.md gives."""
    del caller
    body = await body_of(request, BODY_LIMIT)
    try:
        parsed = datadog.parse(as_object(decoded(body), ""))
    except Malformed as error:
        raise malformed(error) from error
    return await way.take(parsed)


@router.post(
    "/v1/alerts/cloudevents",
    status_code=202,
    operation_id="post_cloudevents",
    responses=REFUSALS,
    openapi_extra=ANY_JSON,
)
async def post_cloudevents(
    request: Request,
    parts: Parts,
    caller: Ingester,
    way: Way,
    sender: Annotated[
        str | None, Query(description="A sender of sources.yaml that reads the whole event.")
    ] = None,
) -> AlertsAnswer:
    """Take in CloudEvents 1.0: binary, structured or batched."""
    del caller
    body = await body_of(request, BODY_LIMIT)
    try:
        if sender is None:
            parsed = cloudevents.parse(request.headers, body)
        else:
            mapping = parts.snapshot.sources.get(sender, DEFAULT_MAPPING)
            parsed = generic.parse(cloudevents.events(request.headers, body), mapping, sender)
    except Malformed as error:
        raise malformed(error) from error
    return await way.take(parsed)


@router.options("/v1/alerts/cloudevents", include_in_schema=False)
async def allow_cloudevents(request: Request) -> Response:
    """Answer the handshake of the CloudEvents webhook specification, section 4."""
    origin = request.headers.get("WebHook-Request-Origin")
    headers = {"Allow": "POST"}
    if origin:
        headers |= {"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*"}
    return Response(status_code=200, headers=headers)
