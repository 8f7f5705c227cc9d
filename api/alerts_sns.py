"""Where Amazon SNS posts CloudWatch's alarms, and asks to confirm a subscription.

Decides whom we believe: a topic of `WATCHBILL_SNS_TOPICS`, signed by a certificate from
SNS's own hosts. There is no key: SNS cannot send one. A subscription is confirmed by
visiting its address only where topic, signature and host are right.
"""

import asyncio

import httpx
import structlog
from fastapi import APIRouter, Request
from pydantic import BaseModel

from api.doors import JSON, REFUSALS, Way, body_of, malformed, unsigned
from api.intake import AlertAnswer
from api.limits import EVENT_LIMIT
from api.problems import Problem
from api.services import Parts, Services
from api.sources import cloudwatch, sns
from api.sources.errors import Malformed, Unsigned

router = APIRouter(tags=["alerts"])

log = structlog.get_logger(__name__)

FETCH_TIMEOUT_S = 5.0
"""For a certificate or a confirmation; SNS itself waits 15 s for our answer."""

CERTIFICATE_LIMIT = 64 * 1024

CERTIFICATES_KEPT = 20


class SnsAnswer(BaseModel):
    """What became of a message of SNS."""

    status: str
    notes: list[str] = []
    alerts: list[AlertAnswer] = []


@router.post(
    "/v1/alerts/cloudwatch",
    status_code=202,
    operation_id="post_cloudwatch_alarms",
    responses=REFUSALS,
    openapi_extra=JSON,
)
async def post_cloudwatch_alarms(request: Request, parts: Parts, way: Way) -> SnsAnswer:
    """Take in what SNS sends: an alarm's change of state, or the wish to subscribe."""
    body = await body_of(request, EVENT_LIMIT)
    try:
        message = sns.read(body)
        await _believe(request, parts, message)
        if message.kind == "SubscriptionConfirmation":
            return await _confirm(parts, message)
        if message.kind == "UnsubscribeConfirmation":
            log.warning("sns_unsubscribed", topic=message.topic)
            return SnsAnswer(status="noted", notes=[f"{message.topic} no longer sends alarms"])
        parsed = cloudwatch.parse(message.text)
    except Unsigned as error:
        raise await unsigned(request, parts, cloudwatch.SOURCE, error) from error
    except Malformed as error:
        raise malformed(error) from error
    answer = await way.take(parsed)
    return SnsAnswer(status="taken", notes=answer.notes, alerts=answer.alerts)


async def _believe(request: Request, parts: Services, message: sns.SnsMessage) -> None:
    """Return if it is from a topic we take, signed by SNS; raises Unsigned otherwise."""
    if message.topic not in sns.topics_of(parts.settings.sns_topics):
        raise Unsigned(f"the topic {message.topic} is not in WATCHBILL_SNS_TOPICS")
    certificate = await _certificate(request, parts, message.certificate_address)
    sns.require_signature(message, certificate)


async def _certificate(request: Request, parts: Services, address: str) -> bytes:
    """The certificate at an allowed address, fetched once; raises Unsigned or a 503."""
    _require_host(parts, address, "SigningCertURL")
    state = request.app.state
    if not hasattr(state, "sns_certificates"):
        state.sns_certificates = {}
    known: dict[str, bytes] = state.sns_certificates
    if address not in known:
        fetched = await _fetch(address)
        if len(known) >= CERTIFICATES_KEPT:
            known.clear()
        known[address] = fetched
    return known[address]


def _require_host(parts: Services, address: str, field: str) -> None:
    own = sns.origins_of(parts.settings.sns_hosts)
    if not sns.is_allowed_host(address, own):
        raise Unsigned(f"{field} is on a host that is not SNS's own")


async def _confirm(parts: Services, message: sns.SnsMessage) -> SnsAnswer:
    _require_host(parts, message.subscribe_address, "SubscribeURL")
    await _fetch(message.subscribe_address)
    log.info("sns_subscribed", topic=message.topic)
    return SnsAnswer(status="confirmed", notes=[f"subscribed to {message.topic}"])


async def _fetch(address: str) -> bytes:
    """What an allowed address answers; a 503 where it does not, since SNS asks again."""
    try:
        async with (
            asyncio.timeout(FETCH_TIMEOUT_S),
            httpx.AsyncClient(follow_redirects=False) as http,
        ):
            answer = await http.get(address)
            answer.raise_for_status()
    except (TimeoutError, httpx.HTTPError) as error:
        raise Problem(
            503,
            f"SNS's own address could not be read ({type(error).__name__}); send it again.",
            headers={"Retry-After": "5"},
        ) from error
    return answer.content[:CERTIFICATE_LIMIT]
