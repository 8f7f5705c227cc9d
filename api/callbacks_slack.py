"""What Slack brings back: a press of the button under a page.

Decides who pressed (the person with that Slack id in the roster, never somebody else) and
what the message shows afterwards. Every request must bear Slack's signature.
"""

from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog
from fastapi import APIRouter, BackgroundTasks
from fastapi.responses import Response

from activities.channels.slack_blocks import ACKNOWLEDGE, section
from activities.links import read_callback
from api.acknowledging import Said
from api.answering_pages import answer, person_in_slack
from api.callback_signatures import SlackPayload
from api.security import shown_name
from api.services import Parts, Services

router = APIRouter(tags=["callbacks"], include_in_schema=False)
log = structlog.get_logger(__name__)

RESPONSES_AT = "hooks.slack.com"
RESPOND_WITHIN_S = 5.0


@router.post("/v1/channels/slack/actions")
async def take_press(parts: Parts, payload: SlackPayload, later: BackgroundTasks) -> Response:
    """200 once the incident has it; what it said follows in the conversation."""
    pressed = _pressed(payload)
    if pressed is None:
        return Response()  # a link was followed, or another app's button
    shown = await _obey(parts, payload, pressed)
    address = str(payload.get("response_url") or "")
    if _is_slacks(parts, address):
        later.add_task(_respond, address, shown)
    return Response()


def _pressed(payload: dict[str, Any]) -> dict[str, Any] | None:
    """The press of our button, or None where it was another."""
    for action in payload.get("actions") or []:
        if isinstance(action, dict) and action.get("action_id") == ACKNOWLEDGE:
            return action
    return None


async def _obey(
    parts: Services, payload: dict[str, Any], pressed: dict[str, Any]
) -> dict[str, Any]:
    """Acknowledge as whoever pressed; the document that Slack shows."""
    read = read_callback(parts.settings, "slack", str(pressed.get("value") or ""))
    if read is None:
        return _only_to_them("This button is not one of ours, so it does nothing.")
    answered, paged = read
    roster = parts.snapshot.roster
    user = payload.get("user") or {}
    member, name = str(user.get("id") or ""), str(user.get("username") or "")
    person = person_in_slack(roster, member, name)
    if person is None:
        owner = shown_name(roster, f"user:{paged}")
        text = f"This page is {owner}'s, and nobody in the roster has the Slack id {member}."
        return _only_to_them(f"{text} Nothing was done.")
    key = f"slack/{payload.get('trigger_id') or ''}/{pressed.get('action_ts') or ''}"
    said = await answer(parts, person.id, answered, key)
    return _instead_of(payload, said) if said.is_done else _only_to_them(said.sentence)


def _instead_of(payload: dict[str, Any], said: Said) -> dict[str, Any]:
    """The same message with the sentence where the acknowledge button was."""
    message = payload.get("message") or {}
    blocks = []
    for block in message.get("blocks") or []:
        if not isinstance(block, dict) or block.get("type") != "actions":
            blocks.append(block)
            continue
        blocks.append(section("", (said.sentence,)))
        left = [one for one in block["elements"] if one.get("action_id") != ACKNOWLEDGE]
        blocks += [{**block, "elements": left}] if left else []
    text = f"{said.sentence} {message.get('text') or ''}".strip()
    return {"replace_original": True, "text": text, "blocks": blocks or [section("", (text,))]}


def _only_to_them(text: str) -> dict[str, Any]:
    return {"response_type": "ephemeral", "replace_original": False, "text": text}


def _is_slacks(parts: Services, address: str) -> bool:
    """Answers go to Slack alone, or to the server that stands in for it."""
    host = urlsplit(address)
    own = urlsplit(parts.settings.slack_url)
    if (host.scheme, host.netloc) == (own.scheme, own.netloc):
        return True
    return (host.scheme, host.netloc) == ("https", RESPONSES_AT)


async def _respond(address: str, document: dict[str, Any]) -> None:
    """Show it in the conversation; a failure is only logged, since the incident has it."""
    try:
        async with httpx.AsyncClient(timeout=RESPOND_WITHIN_S) as client:
            answered = await client.post(address, json=document)
            answered.raise_for_status()
    except httpx.HTTPError as error:
        log.warning("slack_response_failed", error=type(error).__name__)
