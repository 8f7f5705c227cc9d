"""Microsoft Teams, against a server of its webhook's shape."""

import httpx
import pytest

from activities.channels.routing import deliver
from activities.channels.teams import card_message
from domain.incident.effects import Outcome
from domain.roster import Method
from settings import Settings
from tests.activities.builders import a_message, an_outgoing, tools_for
from tests.providers import TeamsServer
from tests.receivers import Reply


async def test_a_page_is_a_card_whose_buttons_open_our_page(
    settings: Settings, http: httpx.AsyncClient, teams: TeamsServer
):
    tools = tools_for(settings, http)

    result = await deliver(tools, Method.TEAMS, f"{teams.url}/webhook/1", an_outgoing())

    card = teams.received("/webhook/1")[0].json()["attachments"][0]["content"]
    texts = [element["text"] for element in card["body"]]
    assert result.outcome is Outcome.DELIVERED
    assert texts[0] == "SEV2 · INC-M4T9WC"
    assert "payments-api is failing in eu-west-1" in texts
    assert {action["type"] for action in card["actions"]} == {"Action.OpenUrl"}
    assert card["actions"][0]["title"] == "Open to acknowledge"
    assert card["actions"][0]["url"] == "http://127.0.0.1:8080/i/token"


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(200, b"1"), Outcome.DELIVERED),
        (Reply(200, b"... endpoint returned HTTP error 429 with ..."), Outcome.RETRY),
        (Reply(200, b"... endpoint returned HTTP error 404 with ..."), Outcome.FAILED),
        (Reply(429), Outcome.RETRY),
        (Reply(410), Outcome.FAILED),
        (Reply(502), Outcome.RETRY),
    ],
)
async def test_what_stands_behind_the_webhook_decides(
    reply: Reply,
    outcome: Outcome,
    settings: Settings,
    http: httpx.AsyncClient,
    teams: TeamsServer,
):
    """Connectors answer 200 even where Teams behind them took nothing."""
    teams.replies["/webhook/1"] = reply

    result = await deliver(
        tools_for(settings, http), Method.TEAMS, f"{teams.url}/webhook/1", an_outgoing()
    )

    assert result.outcome is outcome


def test_text_from_an_alert_is_no_markup_in_a_card():
    message = a_message().model_copy(update={"headline": "[click](https://evil.example) *x*"})
    card = card_message(an_outgoing().model_copy(update={"message": message}))

    assert "\\[click\\](https://evil.example) \\*x\\*" in str(
        card["attachments"][0]["content"]["body"][1]["text"]
    )
