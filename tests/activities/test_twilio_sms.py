"""SMS through Twilio, against a server of its shape."""

from collections.abc import Awaitable, Callable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.channels.routing import deliver
from activities.channels.sms_text import sms_text, units
from domain.incident.effects import Outcome, SendResult
from domain.roster import Method
from settings import Settings
from tests.activities.builders import a_message, an_outgoing, tools_for
from tests.providers import (
    BLOCKED_NUMBER,
    BUSY_NUMBER,
    INVALID_NUMBER,
    OUR_NUMBER,
    TwilioServer,
    twilio_settings,
)
from tests.receivers import Reply, free_port

Send = Callable[..., Awaitable[SendResult]]
ANN = "+4930123456"
PUBLIC = "https://watchbill.example"


@pytest.fixture
def send(settings: Settings, http: httpx.AsyncClient, twilio: TwilioServer) -> Send:
    """Sends one page by SMS to a number, with settings changed by name."""

    async def sent(number: str = ANN, **changes: object) -> SendResult:
        values = {"public_url": PUBLIC, **twilio_settings(twilio), **changes}
        tools = tools_for(settings, http, **values)
        return await deliver(tools, Method.SMS, number, an_outgoing())

    return sent


async def test_an_sms_says_the_worst_first_and_how_to_answer(send: Send, twilio: TwilioServer):
    result = await send()

    form = twilio.messages(ANN)[0]
    lines = form["Body"].split("\n")
    assert result.outcome is Outcome.DELIVERED
    assert result.detail.startswith("accepted by Twilio (SM")
    assert form["From"] == OUR_NUMBER
    assert lines[0] == "SEV2 payments-api is failing in eu-west-1"
    assert lines[1] == "Reply: ack M4T9WC"
    assert lines[2] == "http://127.0.0.1:8080/i/token"


async def test_a_reply_is_offered_only_where_it_could_reach_us(send: Send, twilio: TwilioServer):
    await send(public_url=None)

    assert "Reply" not in twilio.messages()[0]["Body"]
    assert "INC-M4T9WC" in twilio.messages()[0]["Body"]


@pytest.mark.parametrize(
    ("number", "outcome", "says"),
    [
        (INVALID_NUMBER, Outcome.FAILED, "21211"),
        (BLOCKED_NUMBER, Outcome.FAILED, "21610"),
        (BUSY_NUMBER, Outcome.RETRY, "20429"),
    ],
)
async def test_twilio_refusing_a_number_is_named_without_the_number(
    number: str, outcome: Outcome, says: str, send: Send
):
    """No number reaches a history, though Twilio's sentences quote it."""
    result = await send(number)

    assert result.outcome is outcome
    assert says in result.detail
    assert number not in result.detail


async def test_a_server_that_is_down_or_failing_is_worth_a_retry(send: Send, twilio: TwilioServer):
    path = f"/2010-04-01/Accounts/{twilio_settings(twilio)['twilio_account_sid']}/Messages.json"
    twilio.replies[path] = Reply(503, b"<html>down</html>")

    failing = await send()
    gone = await send(twilio_url=f"http://127.0.0.1:{free_port()}")

    assert (failing.outcome, gone.outcome) == (Outcome.RETRY, Outcome.RETRY)


async def test_wrong_credentials_fail_for_good_and_name_the_setting(send: Send):
    result = await send(twilio_auth_token="not it")

    assert result.outcome is Outcome.FAILED
    assert "WATCHBILL_TWILIO_AUTH_TOKEN" in result.detail
    assert "not it" not in result.detail


async def test_a_number_without_twilio_fails_for_good_with_the_mend(
    send: Send, twilio: TwilioServer
):
    result = await send(twilio_account_sid=None, twilio_from=None)

    assert result.outcome is Outcome.FAILED
    assert "WATCHBILL_TWILIO_ACCOUNT_SID, WATCHBILL_TWILIO_FROM" in result.detail
    assert twilio.received() == []


@given(
    title=st.text(max_size=600),
    lines=st.lists(st.text(max_size=300), max_size=6),
    path=st.integers(0, 600),
)
def test_an_sms_never_needs_more_than_three_segments(title: str, lines: list[str], path: int):
    """Whatever the title, its alphabet, and the length of the link."""
    message = a_message().model_copy(update={"headline": title, "lines": tuple(lines)})
    link = f"https://watchbill.example/i/{'x' * path}"
    outgoing = an_outgoing().model_copy(update={"message": message, "link": link})

    text = sms_text(outgoing, answerable=True)

    length, limit = units(text)
    assert length <= limit <= 459
    assert text.startswith("SEV2")
    assert "Reply: ack M4T9WC" in text


def test_typography_does_not_double_the_price():
    """Curly quotes and dashes alone would make every character two bytes."""
    message = a_message().model_copy(update={"headline": "„Zahlung“ gestört – 90 %…"})
    outgoing = an_outgoing().model_copy(update={"message": message})

    text = sms_text(outgoing, answerable=True)

    assert text.startswith('SEV2 "Zahlung" gestört - 90 %...')
    assert units(text)[1] == 459


def test_one_reply_answers_a_page_for_many():
    message = a_message(ask="Acknowledge all 40")
    outgoing = an_outgoing().model_copy(update={"message": message})

    assert "Reply: ack all" in sms_text(outgoing, answerable=True)
