"""Presses of the button under a page, as Slack brings them back."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from activities.channels.slack_blocks import blocks_of
from activities.links import callback_token
from api.gateway_errors import Refused
from domain.incident.commands import Answer
from domain.roster import Method, Roster
from tests.activities.builders import an_outgoing
from tests.api.conftest import WORKFLOW, Api, a_plan, a_roster, a_view
from tests.providers import SIGNING_SECRET, SlackServer, listening
from tests.receivers import Received

ANN, BO = "U0ANN1234", "@name_of_u0bob5678"


def in_slack() -> Roster:
    """Ann by her member id, Bo by his name."""
    roster = a_roster()
    contacts = {"ann": {Method.SLACK: ANN}, "bo": {Method.SLACK: BO}}
    users = {
        name: user.model_copy(update={"contact": contacts[name]})
        for name, user in roster.users.items()
    }
    return roster.model_copy(update={"users": users})


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    """A workspace, which calls back."""
    server = SlackServer()
    with listening(server):
        yield server


@pytest.fixture
def api(start_api: Callable[..., Api], slack: SlackServer) -> Api:
    """An API that the workspace reaches, with one incident."""
    api = start_api(
        a_plan(),
        roster=in_slack(),
        slack_signing_secret=SIGNING_SECRET,
        slack_url=f"{slack.url}/api",
    )
    api.record(a_view())
    api.gateway.views[WORKFLOW] = a_view()
    api.gateway.answer = Answer(sentence="Acknowledged; you are on it.")
    return api


def a_message(api: Api, person: str = "ann") -> dict[str, Any]:
    """Ann's page as it stands in the conversation."""
    button = callback_token(api.settings, "slack", "M4T9WC", person)
    return {"text": "[SEV2] Payments", "blocks": blocks_of(an_outgoing(), button)}


def shown(slack: SlackServer) -> dict[str, Any]:
    """What the conversation showed after the press."""
    found: dict[str, Any] = _answers(slack)[0].json()
    return found


def _answers(slack: SlackServer) -> list[Received]:
    """Answers come after the press was answered, so they are waited for."""
    from tests.e2e.scene import until

    return until(
        lambda: [one for one in slack.received() if one.path.startswith("/actions/")] or None
    )


def test_a_press_acknowledges_as_whoever_pressed_and_the_message_says_so(
    api: Api, slack: SlackServer
):
    answer = slack.press(api.address, a_message(api), ANN)

    where, command = api.gateway.commands[0]
    document = shown(slack)
    assert answer.status_code == 200
    assert (where, command.kind, command.actor) == (WORKFLOW, "acknowledge", "user:ann")
    assert document["replace_original"] is True
    assert "INC-M4T9WC: Acknowledged; you are on it." in json.dumps(document["blocks"])
    assert "watchbill_acknowledge" not in json.dumps(document)
    assert "watchbill_open" in json.dumps(document)


def test_somebody_else_of_the_roster_acknowledges_as_themselves(api: Api, slack: SlackServer):
    """The button stands in Ann's page, and Bo pressed it: Bo is on it, not Ann."""
    slack.press(api.address, a_message(api), "U0BOB5678")

    assert [command.actor for _, command in api.gateway.commands] == ["user:bo"]


def test_a_stranger_is_told_whose_page_it_is_and_nothing_is_done(api: Api, slack: SlackServer):
    slack.press(api.address, a_message(api), "U0STRANGE")

    document = shown(slack)
    assert api.gateway.commands == []
    assert document["response_type"] == "ephemeral"
    assert document["replace_original"] is False
    assert "This page is Ann Berg's" in document["text"]


def test_a_refusal_is_told_to_them_alone_and_the_message_stays(api: Api, slack: SlackServer):
    api.gateway.error = Refused("INC-M4T9WC is cancelled.")

    slack.press(api.address, a_message(api), ANN)

    assert shown(slack)["text"] == "INC-M4T9WC is cancelled."
    assert shown(slack)["response_type"] == "ephemeral"


def test_a_button_that_we_did_not_sign_does_nothing(api: Api, slack: SlackServer):
    message = a_message(api)
    message["blocks"][-1]["elements"][0]["value"] = callback_token(
        api.settings, "voice", "M4T9WC", "ann"
    )

    slack.press(api.address, message, ANN)

    assert api.gateway.commands == []
    assert "not one of ours" in shown(slack)["text"]


def test_another_button_is_only_taken_note_of(api: Api, slack: SlackServer):
    """Slack tells us of links that were followed as well."""
    message = a_message(api)
    message["blocks"][-1]["elements"][0]["action_id"] = "somebody_elses"

    assert slack.press(api.address, message, ANN).status_code == 200
    assert api.gateway.commands == []


# -- signatures -----------------------------------------------------------------------


@pytest.mark.parametrize("age_s", [301, 3600, -3600])
def test_a_replayed_press_is_refused_and_audited(age_s: float, api: Api, slack: SlackServer):
    """The signature is right, its timestamp is not of the last five minutes."""
    answer = slack.press(api.address, a_message(api), ANN, age_s=age_s)

    assert answer.status_code == 401
    assert api.ledger.audited(1)[0].outcome == "unauthenticated"
    assert api.gateway.commands == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Signature": "v0=00", "X-Slack-Request-Timestamp": "1"},
        {"X-Slack-Signature": "v0=00", "X-Slack-Request-Timestamp": "soon"},
        {"X-Slack-Request-Timestamp": "9999999999"},
    ],
)
def test_a_missing_or_wrong_signature_is_refused_and_audited(headers: dict[str, str], api: Api):
    answer = httpx.post(
        f"{api.address}/v1/channels/slack/actions", data={"payload": "{}"}, headers=headers
    )

    assert answer.status_code == 401
    assert "signature of Slack" in answer.json()["detail"]
    assert api.ledger.audited(1)[0].outcome == "unauthenticated"


def test_without_the_secret_nothing_is_believed(start_api: Callable[..., Api]):
    api = start_api(a_plan(), roster=in_slack())

    answer = httpx.post(f"{api.address}/v1/channels/slack/actions", data={"payload": "{}"})

    assert answer.status_code == 401
    assert "WATCHBILL_SLACK_SIGNING_SECRET" in answer.json()["detail"]
