"""Microsoft Teams: an Adaptive Card to a webhook or a workflow.

Decides its look. A webhook cannot call us back, so its buttons open our page, where one
tap answers; nothing is acknowledged in Teams itself.
"""

import json
import re
from http import HTTPStatus
from typing import Any

from activities.channels.answers import from_status, host_of
from activities.channels.http_post import Answered, ask
from activities.channels.outgoing import Outgoing, label_of
from activities.channels.tools import ChannelTools
from domain.incident.effects import SendResult

TEXT_LIMIT = 2000
"""Characters of one text; a card may have 28 kB in all."""

_COLOURS = {"SEV1": "Attention", "SEV2": "Attention", "SEV3": "Warning"}
_BEHIND = re.compile(rb"returned HTTP error (\d{3})")
"""Connectors answer 200 even where Teams behind them did not take the card."""

Element = dict[str, Any]


async def send_teams(tools: ChannelTools, address: str, outgoing: Outgoing) -> SendResult:
    """Post one card to the webhook's address, which is its own credential."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": outgoing.key}
    content = json.dumps(card_message(outgoing)).encode()
    answered = await ask(tools, address, content, headers)
    return answered if isinstance(answered, SendResult) else _meaning(answered, address)


def card_message(outgoing: Outgoing) -> dict[str, Any]:
    """The message that webhooks and workflows of Teams take."""
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": _body(outgoing),
        "actions": _actions(outgoing),
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}


def _body(outgoing: Outgoing) -> list[Element]:
    message = outgoing.message
    mark = "DRILL · " if message.drill else ""
    severity = message.severity.value
    colour = _COLOURS.get(severity, "Default")
    head = f"{mark}{severity} · {message.reference}"
    body = [
        _text(head, weight="Bolder", color=colour),
        _text(message.headline, weight="Bolder", size="Large"),
        *(_text(line, spacing="None") for line in message.lines),
    ]
    for heading, lines in outgoing.background():
        body.append(_text(heading, weight="Bolder", spacing="Medium"))
        body += [_text(line, spacing="None") for line in lines]
    return body


def _actions(outgoing: Outgoing) -> list[Element]:
    actions = []
    if outgoing.link:
        label = label_of(outgoing)
        title = f"Open to {label[:1].lower()}{label[1:]}" if outgoing.message.ask else "Open"
        actions.append({"type": "Action.OpenUrl", "title": title, "url": outgoing.link})
    bridge = outgoing.message.bridge
    if bridge and bridge.startswith("https://"):
        actions.append({"type": "Action.OpenUrl", "title": "Join the bridge", "url": bridge})
    return actions


def _text(text: str, **look: str) -> Element:
    cut = text if len(text) <= TEXT_LIMIT else f"{text[: TEXT_LIMIT - 1]}…"
    return {"type": "TextBlock", "text": _plain(cut), "wrap": True, **look}


def _plain(text: str) -> str:
    """Without the little Markdown that a card knows: links and emphasis."""
    return re.sub(r"([\\\[\]*_])", r"\\\1", text)


def _meaning(answered: Answered, address: str) -> SendResult:
    host = host_of(address)
    behind = _BEHIND.search(answered.body)
    if answered.status == HTTPStatus.OK and behind:
        return from_status(int(behind[1]), f"Teams behind {host}")
    return from_status(answered.status, host)
