"""Calls through Twilio, against a server of its shape."""

from typing import Any

import httpx
from hypothesis import given
from hypothesis import strategies as st

from activities.channels.routing import deliver
from activities.channels.twiml import goodbye, page_words, question, statement
from activities.links import read_callback
from domain.incident.effects import Outcome
from domain.roster import Method
from settings import Settings
from tests.activities.builders import a_message, an_outgoing, tools_for
from tests.providers import INVALID_NUMBER, TwilioServer, parsed, twilio_settings

ANN = "+4930123456"


async def call(settings: Settings, http: httpx.AsyncClient, twilio: TwilioServer, **how: Any):
    """One call to a number, with settings changed by name."""
    number, outgoing = how.pop("number", ANN), how.pop("outgoing", an_outgoing())
    tools = tools_for(settings, http, **{**twilio_settings(twilio), **how})
    return await deliver(tools, Method.PHONE, number, outgoing)


async def test_a_call_asks_us_what_to_say_by_a_signed_address(
    settings: Settings, http: httpx.AsyncClient, twilio: TwilioServer
):
    result = await call(settings, http, twilio, public_url="https://watchbill.example")

    form = twilio.calls(ANN)[0]
    start, _, token = form["Url"].rpartition("/")
    assert result.outcome is Outcome.DELIVERED
    assert result.detail.startswith("accepted by Twilio (CA")
    assert start == "https://watchbill.example/v1/channels/twilio/voice"
    assert read_callback(settings, "voice", token) == ("M4T9WC", "ann")
    assert read_callback(settings, "slack", token) is None


async def test_without_a_public_address_the_call_says_everything_itself(
    settings: Settings, http: httpx.AsyncClient, twilio: TwilioServer
):
    message = a_message().model_copy(update={"headline": "<b>50% & more</b>", "drill": True})
    outgoing = an_outgoing().model_copy(update={"message": message})

    await call(settings, http, twilio, outgoing=outgoing)

    form = twilio.calls(ANN)[0]
    said = [say.text or "" for say in parsed(form["Twiml"]).iter("Say")]
    assert "Url" not in form
    assert "This is a drill. Watchbill calls Ann Berg. Severity 2. <b>50% & more</b>." in said[0]
    assert said[0] == said[1]
    assert "open the link" in said[2]


async def test_a_number_that_cannot_be_called_fails_for_good(
    settings: Settings, http: httpx.AsyncClient, twilio: TwilioServer
):
    result = await call(settings, http, twilio, number=INVALID_NUMBER)

    assert result.outcome is Outcome.FAILED
    assert "21211" in result.detail


@given(title=st.text(), person=st.text(max_size=50))
def test_every_title_makes_a_document_that_can_be_read(title: str, person: str):
    """Control characters and markup from an alert must not break the call."""
    words = page_words(person, "SEV1", title)

    for document in (question(words, "https://w.example/?a=1&b=2"), goodbye(words)):
        assert parsed(document).tag == "Response"
    assert len(list(parsed(statement(words, "after")).iter("Say"))) == 3
    assert parsed(question(words, "https://w.example/?a=1&b=2")).find("Gather") is not None
