"""Signed webhooks, against a real HTTP server."""

import httpx
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from activities.channels.webhook import send_webhook
from domain.incident.effects import Outcome
from settings import Settings
from tests.activities.builders import an_outgoing, tools_for
from tests.receivers import Reply, WebhookReceiver, free_port


async def test_page_arrives_as_documented_json(
    settings: Settings, http: httpx.AsyncClient, hooks: WebhookReceiver
) -> None:
    """The body is the one that docs/channels.md describes."""
    result = await send_webhook(tools_for(settings, http), f"{hooks.url}/ann", an_outgoing())

    body = hooks.received("/ann")[0].json()
    assert result.outcome is Outcome.DELIVERED
    assert body["kind"] == "page"
    assert body["reference"] == body["incident"] == "INC-M4T9WC"
    assert body["severity"] == "SEV2"
    assert body["ask"] == "Acknowledge within 5 min"
    assert body["link"] == body["ack_link"] == "http://127.0.0.1:8080/i/token"
    assert body["at"] == "2026-11-22T03:00:00Z"


async def test_signature_verifies_and_an_altered_body_does_not(
    settings: Settings, http: httpx.AsyncClient, hooks: WebhookReceiver
) -> None:
    """A receiver checks us with the Standard Webhooks library and our secret."""
    tools = tools_for(settings, http)
    await send_webhook(tools, f"{hooks.url}/ann", an_outgoing())
    one = hooks.received("/ann")[0]

    Webhook(tools.webhook_secret).verify(one.body, one.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(tools.webhook_secret).verify(one.body + b" ", one.headers)


async def test_retry_carries_the_same_key(
    settings: Settings, http: httpx.AsyncClient, hooks: WebhookReceiver
) -> None:
    """What a receiver uses to drop a repeat does not change with the attempt."""
    hooks.replies["/ann"] = Reply(status=500)
    outgoing = an_outgoing()
    first = await send_webhook(tools_for(settings, http), f"{hooks.url}/ann", outgoing)
    again = outgoing.model_copy(update={"attempt": 2})
    await send_webhook(tools_for(settings, http), f"{hooks.url}/ann", again)

    keys = {(one.headers["webhook-id"], one.headers["idempotency-key"]) for one in hooks.received()}
    assert first.outcome is Outcome.RETRY
    assert keys == {(outgoing.key, outgoing.key)}


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.DELIVERED),
        (204, Outcome.DELIVERED),
        (302, Outcome.FAILED),
        (400, Outcome.FAILED),
        (404, Outcome.FAILED),
        (408, Outcome.RETRY),
        (425, Outcome.RETRY),
        (429, Outcome.RETRY),
        (500, Outcome.RETRY),
        (503, Outcome.RETRY),
    ],
)
async def test_status_decides_whether_a_retry_can_help(
    status: int,
    outcome: Outcome,
    settings: Settings,
    http: httpx.AsyncClient,
    hooks: WebhookReceiver,
) -> None:
    hooks.replies["/ann"] = Reply(status=status, body=b"")

    result = await send_webhook(tools_for(settings, http), f"{hooks.url}/ann", an_outgoing())

    assert result.outcome is outcome
    assert len(hooks.received()) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=409, body=b"seen"),
        Reply(status=200, body=b'{"duplicate": true}'),
        Reply(status=200, body=b'{"status": "duplicate"}'),
        Reply(status=202, headers=(("Idempotent-Replayed", "true"),)),
    ],
)
async def test_a_repeat_counts_as_delivered_and_is_marked(
    reply: Reply, settings: Settings, http: httpx.AsyncClient, hooks: WebhookReceiver
) -> None:
    hooks.replies["/ann"] = reply

    result = await send_webhook(tools_for(settings, http), f"{hooks.url}/ann", an_outgoing())

    assert result.outcome is Outcome.DELIVERED
    assert result.repeated


async def test_silence_is_worth_a_retry_and_bounded(
    settings: Settings, http: httpx.AsyncClient, hooks: WebhookReceiver
) -> None:
    """Delivered or not, we cannot know: the same key goes again."""
    hooks.replies["/ann"] = Reply(hang=True)
    tools = tools_for(settings, http, send_timeout_s=0.2)

    result = await send_webhook(tools, f"{hooks.url}/ann", an_outgoing())

    assert result.outcome is Outcome.RETRY
    assert "0.2 s" in result.detail


async def test_hanging_up_and_refusing_are_worth_a_retry(
    settings: Settings, http: httpx.AsyncClient, hooks: WebhookReceiver
) -> None:
    hooks.replies["/ann"] = Reply(drop=True)
    tools = tools_for(settings, http)

    dropped = await send_webhook(tools, f"{hooks.url}/ann", an_outgoing())
    refused = await send_webhook(tools, f"http://127.0.0.1:{free_port()}/ann", an_outgoing())

    assert dropped.outcome is refused.outcome is Outcome.RETRY


@pytest.mark.parametrize("address", ["http://", "http://[::1/x", "http://127.0.0.1:99999/x"])
async def test_an_address_that_cannot_be_fails_for_good(
    address: str, settings: Settings, http: httpx.AsyncClient
) -> None:
    result = await send_webhook(tools_for(settings, http), address, an_outgoing())

    assert result.outcome is Outcome.FAILED


async def test_detail_never_shows_secrets_of_the_address(
    settings: Settings, http: httpx.AsyncClient, hooks: WebhookReceiver
) -> None:
    """Details reach the history and the timeline; tokens in addresses must not."""
    hooks.replies["/services/s3cret?token=t0ken"] = Reply(status=403)
    address = hooks.url.replace("http://", "http://bob:pa55@") + "/services/s3cret?token=t0ken"

    result = await send_webhook(tools_for(settings, http), address, an_outgoing())

    assert result.outcome is Outcome.FAILED
    assert not any(secret in result.detail for secret in ("s3cret", "t0ken", "pa55"))
