"""Push through ntfy, against a real HTTP server in its place."""

import json
from email.header import decode_header, make_header

import httpx
import pytest

from activities.channels.ntfy import send_ntfy
from domain.incident.effects import Outcome
from domain.severity import Severity
from settings import Settings
from tests.activities.builders import a_message, an_outgoing, tools_for
from tests.receivers import Reply, WebhookReceiver


async def test_push_goes_to_the_topic_with_title_priority_and_button(
    settings: Settings, http: httpx.AsyncClient, hooks: WebhookReceiver
) -> None:
    result = await send_ntfy(tools_for(settings, http), f"{hooks.ntfy}/ann", an_outgoing())

    one = hooks.received("/ann")[0]
    tap, opens = json.loads(one.headers["actions"])
    assert result.outcome is Outcome.DELIVERED
    assert one.headers["title"] == "[SEV2] Payment API: error ratio (INC-M4T9WC)"
    assert one.headers["priority"] == "5"
    assert one.headers["click"] == opens["url"] == "http://127.0.0.1:8080/i/token"
    assert (opens["action"], opens["label"]) == ("view", "Open")
    assert (tap["action"], tap["label"], tap["method"]) == ("http", "Acknowledge", "POST")
    assert tap["url"] == "http://127.0.0.1:8080/i/token/acknowledge"
    assert one.headers["idempotency-key"] == an_outgoing().key
    assert "payments-api is failing in eu-west-1" in one.body.decode()


@pytest.mark.parametrize(
    ("kind", "severity", "expected"),
    [
        ("page", Severity.SEV1, "5"),
        ("page", Severity.SEV3, "4"),
        ("notice", Severity.SEV1, "2"),
        ("announcement", Severity.SEV1, "3"),
    ],
)
async def test_only_pages_ring(
    kind: str,
    severity: Severity,
    expected: str,
    settings: Settings,
    http: httpx.AsyncClient,
    hooks: WebhookReceiver,
) -> None:
    """A notice at SEV1 is as quiet as any."""
    outgoing = an_outgoing().model_copy(
        update={"kind": kind, "message": a_message(severity=severity)}
    )

    await send_ntfy(tools_for(settings, http), f"{hooks.ntfy}/ann", outgoing)

    assert hooks.received("/ann")[0].headers["priority"] == expected


async def test_a_page_of_low_urgency_makes_no_sound(
    settings: Settings, http: httpx.AsyncClient, hooks: WebhookReceiver
) -> None:
    """Though it is a page at SEV1 and can be answered as any."""
    outgoing = an_outgoing().model_copy(
        update={"urgency": "low", "message": a_message(severity=Severity.SEV1)}
    )

    await send_ntfy(tools_for(settings, http), f"{hooks.ntfy}/ann", outgoing)

    one = hooks.received("/ann")[0]
    assert one.headers["priority"] == "2"
    assert "Acknowledge" in one.headers["actions"]


async def test_an_offered_role_is_taken_or_declined_in_one_tap(
    settings: Settings, http: httpx.AsyncClient, hooks: WebhookReceiver
) -> None:
    message = a_message(ask="Accept incident commander").model_copy(update={"offer": "o7"})
    outgoing = an_outgoing().model_copy(update={"message": message})

    await send_ntfy(tools_for(settings, http), f"{hooks.ntfy}/ann", outgoing)

    actions = json.loads(hooks.received("/ann")[0].headers["actions"])
    assert [(one["label"], one["url"].partition("/token")[2]) for one in actions] == [
        ("Accept incident commander", "/offers/o7/accept"),
        ("Decline", "/offers/o7/decline"),
        ("Open", ""),
    ]


async def test_title_in_any_script_arrives_whole(
    settings: Settings, http: httpx.AsyncClient, hooks: WebhookReceiver
) -> None:
    """Headers are ASCII; ntfy decodes RFC 2047."""
    message = a_message().model_copy(update={"title": "Zahlungen gestört – 支払い"})
    outgoing = an_outgoing().model_copy(update={"message": message})

    await send_ntfy(tools_for(settings, http), f"{hooks.ntfy}/ann", outgoing)

    title = hooks.received("/ann")[0].headers["title"]
    assert "Zahlungen gestört – 支払い" in str(make_header(decode_header(title)))


async def test_long_text_is_cut_below_what_ntfy_makes_an_attachment(
    settings: Settings, http: httpx.AsyncClient, hooks: WebhookReceiver
) -> None:
    message = a_message().model_copy(update={"lines": ("ü" * 9000,)})
    outgoing = an_outgoing().model_copy(update={"message": message})

    await send_ntfy(tools_for(settings, http), f"{hooks.ntfy}/ann", outgoing)

    body = hooks.received("/ann")[0].body
    assert len(body) < 4096
    assert body.decode().endswith("…")


@pytest.mark.parametrize(
    ("userinfo", "token", "expected"),
    [
        ("", None, None),
        ("", "tk_all", "Bearer tk_all"),
        ("tk_ann@", "tk_all", "Bearer tk_ann"),
        ("ann:pw@", "tk_all", "Basic YW5uOnB3"),
    ],
)
async def test_credentials_of_the_address_win_over_the_setting(
    userinfo: str,
    token: str | None,
    expected: str | None,
    settings: Settings,
    http: httpx.AsyncClient,
    hooks: WebhookReceiver,
) -> None:
    address = hooks.ntfy.replace("ntfy://", f"ntfy://{userinfo}") + "/ann"

    await send_ntfy(tools_for(settings, http, ntfy_token=token), address, an_outgoing())

    assert hooks.received("/ann")[0].headers.get("authorization") == expected


async def test_too_many_requests_is_worth_a_retry_and_forbidden_is_not(
    settings: Settings, http: httpx.AsyncClient, hooks: WebhookReceiver
) -> None:
    hooks.replies = {"/ann": Reply(status=429), "/bo": Reply(status=403)}
    tools = tools_for(settings, http)

    limited = await send_ntfy(tools, f"{hooks.ntfy}/ann", an_outgoing())
    forbidden = await send_ntfy(tools, f"{hooks.ntfy}/bo", an_outgoing())

    assert (limited.outcome, forbidden.outcome) == (Outcome.RETRY, Outcome.FAILED)


async def test_address_without_a_topic_fails_for_good(
    settings: Settings, http: httpx.AsyncClient, hooks: WebhookReceiver
) -> None:
    result = await send_ntfy(tools_for(settings, http), hooks.ntfy, an_outgoing())

    assert result.outcome is Outcome.FAILED
    assert not hooks.received()
