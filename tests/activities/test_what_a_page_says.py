"""A page says what, how bad, who leads, what was tried, where to look and how it ended last."""

import json
import re
from html import unescape

import pytest

from activities.channels.ntfy import headers_of
from tests.ui.channel_looks import LOOKS, a_page

SAID = (
    "SEV2",
    "Payment API: error ratio 12.4 %",
    "Led by Bo Chen (acting).",
    "Rolled back the 02:40 deploy.",
    "Paged without an answer: Ann Berg.",
    "runbooks/payment-5xx.md#first-look",
    "INC-K2F7QX (SEV2, 3 Nov 2026, 42 min): Rolled back, connection pool was full",
    "INC-7RWD3H",
    "INC-Q9XN5B",
)


def shown(channel: str) -> str:
    """What a person reads of the page there, without markup."""
    return unescape(re.sub(r"<[^>]+>", " ", LOOKS[channel](a_page())))


@pytest.mark.parametrize("channel", ["push", "slack", "teams", "email"])
def test_every_channel_that_has_room_says_it_all(channel: str):
    assert [said for said in SAID if said not in shown(channel)] == []


@pytest.mark.parametrize(
    ("channel", "bridge"),
    [
        ("push", "https://meet.example/payments"),
        ("slack", "https://meet.example/payments"),
        ("teams", "Join the bridge"),
        ("email", "Join the bridge"),
    ],
)
def test_every_channel_that_has_room_leads_to_the_bridge(channel: str, bridge: str):
    assert bridge in shown(channel)


def test_a_text_message_has_the_worst_and_the_way_to_answer():
    text = shown("sms")

    for said in ("SEV2", "error ratio 12.4 %", "Reply: ack M4T9WC", a_page().link or "?"):
        assert said in text


def test_a_push_repeats_nothing_that_its_buttons_say():
    """A phone shows few lines: the signed link is long, and is behind both buttons."""
    page = a_page()
    actions = json.loads(headers_of(page)["Actions"])

    assert page.link not in page.text(buttons=True)
    assert page.link in page.text()
    assert all(str(page.link) in action["url"] for action in actions)
