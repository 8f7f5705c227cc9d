"""Slack, against a server of its shape."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from activities.channels.outgoing import Outgoing
from activities.channels.routing import deliver
from activities.links import read_callback
from domain.incident.effects import Outcome, SendResult
from domain.roster import Method
from settings import Settings
from tests.activities.builders import a_message, an_outgoing, tools_for
from tests.providers import SlackServer, button_of, slack_settings
from tests.receivers import Reply

Send = Callable[..., Awaitable[SendResult]]
ANN = "U0123ABCD"
POST = "/api/chat.postMessage"


@pytest.fixture
def send(settings: Settings, http: httpx.AsyncClient, slack: SlackServer) -> Send:
    """Posts one message to a channel, with settings changed by name."""

    async def sent(
        channel: str = ANN, outgoing: Outgoing | None = None, **changes: object
    ) -> SendResult:
        tools = tools_for(settings, http, **{**slack_settings(slack), **changes})
        return await deliver(tools, Method.SLACK, channel, outgoing or an_outgoing())

    return sent


def texts(message: dict[str, Any]) -> str:
    """Every text of the message's blocks."""
    sections = [block["text"]["text"] for block in message["blocks"] if "text" in block]
    contexts = [
        element["text"]
        for block in message["blocks"]
        if block["type"] == "context"
        for element in block["elements"]
    ]
    return "\n".join([*sections, *contexts])


async def test_a_page_has_everything_and_a_button_for_the_person(
    settings: Settings, send: Send, slack: SlackServer
):
    message = a_message().model_copy(
        update={"tried": ("03:04 CET Rolled back.",), "runbook": "runbooks/pay.md#first-look"}
    )
    outgoing = an_outgoing().model_copy(
        update={"message": message, "earlier": ("INC-K2F7QX (SEV2): more replicas",)}
    )

    result = await send(outgoing=outgoing)

    posted = slack.posted(ANN)[0]
    assert result.outcome is Outcome.DELIVERED
    assert posted["text"] == "[SEV2] Payment API: error ratio (INC-M4T9WC)"
    for said in ("Rolled back", "runbooks/pay.md#first-look", "more replicas", "INC-M4T9WC"):
        assert said in texts(posted)
    button = button_of(posted)
    assert button["text"]["text"] == "Acknowledge"
    assert read_callback(settings, "slack", button["value"]) == ("M4T9WC", "ann")


async def test_a_retry_bears_the_same_message_id(send: Send, slack: SlackServer):
    await send()
    await send()
    await send(outgoing=an_outgoing("another/key"))

    first, again, other = (one["client_msg_id"] for one in slack.posted())
    assert first == again != other


async def test_nothing_from_an_alert_is_markup_or_a_mention(send: Send, slack: SlackServer):
    message = a_message().model_copy(update={"headline": "<!channel> <https://evil|click> & *x*"})

    await send("#inc-db", an_outgoing().model_copy(update={"message": message}))

    assert "&lt;!channel&gt; &lt;https://evil|click&gt; &amp;" in texts(slack.posted("#inc-db")[0])


async def test_texts_too_long_for_slack_are_cut_and_posted(send: Send, slack: SlackServer):
    message = a_message().model_copy(update={"title": "x" * 900, "lines": ("ü" * 9000,)})

    result = await send(outgoing=an_outgoing().model_copy(update={"message": message}))

    assert result.outcome is Outcome.DELIVERED


async def test_there_is_no_button_that_could_not_be_verified(send: Send, slack: SlackServer):
    """Without the signing secret; for a notice; for an offer, which acknowledging ignores."""
    offer = a_message(ask="Accept scribe").model_copy(update={"offer": "o1"})
    await send(slack_signing_secret=None)
    await send(outgoing=an_outgoing().model_copy(update={"kind": "notice"}))
    await send(outgoing=an_outgoing().model_copy(update={"message": offer}))

    for posted in slack.posted():
        assert "'value'" not in str(posted["blocks"])
        assert "watchbill_open" in str(posted["blocks"])


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b'{"ok":false,"error":"ratelimited"}', Outcome.RETRY),
        (b'{"ok":false,"error":"internal_error"}', Outcome.RETRY),
        (b'{"ok":false,"error":"is_archived"}', Outcome.FAILED),
        (b'{"ok":false,"error":"token_revoked"}', Outcome.FAILED),
        (b"<html>", Outcome.RETRY),
    ],
)
async def test_slacks_own_errors_decide_although_the_status_is_200(
    body: bytes, outcome: Outcome, send: Send, slack: SlackServer
):
    slack.replies[POST] = Reply(200, body)

    assert (await send()).outcome is outcome


async def test_too_many_requests_is_worth_a_retry(send: Send, slack: SlackServer):
    slack.replies[POST] = Reply(429, b"", (("Retry-After", "30"),))

    assert (await send()).outcome is Outcome.RETRY


async def test_a_wrong_channel_or_token_fails_for_good_with_the_mend(
    send: Send, slack: SlackServer
):
    slack.unknown_channels = {"#gone"}

    gone = await send("#gone")
    refused = await send(slack_bot_token="xoxb-wrong")
    unset = await send(slack_bot_token=None)

    assert {one.outcome for one in (gone, refused, unset)} == {Outcome.FAILED}
    assert "check the id" in gone.detail
    assert "WATCHBILL_SLACK_BOT_TOKEN" in refused.detail
    assert "WATCHBILL_SLACK_BOT_TOKEN" in unset.detail
    assert "xoxb" not in refused.detail
