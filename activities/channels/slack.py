"""Slack: `chat.postMessage` to a member, a channel or a name, with buttons.

Decides which of Slack's errors are for good. The page key becomes `client_msg_id`, by
which a repeat can be recognised in the channel.
"""

import json
import uuid
from http import HTTPStatus

from activities.channels.answers import delivered, failed, from_status, host_of, retry
from activities.channels.http_post import Answered, ask
from activities.channels.outgoing import Outgoing
from activities.channels.slack_blocks import blocks_of
from activities.channels.tools import ChannelTools
from activities.links import callback_token
from domain.incident.effects import SendResult
from settings import Settings

PASSING = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "message_limit_exceeded",
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "team_added_to_org",
    }
)
"""Slack's errors that go by themselves; any other is for good."""

MENDS = {
    "not_in_channel": "invite the app to the channel",
    "channel_not_found": "check the id in the roster, and that the app may see it",
    "is_archived": "the channel is archived",
    "missing_scope": "the app needs chat:write",
}
_TOKEN_ERRORS = ("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired")
_KEYS = uuid.UUID("9d0f3c52-6a0e-4b7e-9a58-5b1e5f0c7a11")


async def send_slack(tools: ChannelTools, channel: str, outgoing: Outgoing) -> SendResult:
    """Post one message; `delivered` means that Slack has it in the conversation."""
    settings = tools.settings
    if not settings.slack_bot_token:
        mend = "set WATCHBILL_SLACK_BOT_TOKEN, or give an Apprise URL"
        return failed(f"a Slack name needs a bot token: {mend}")
    document = {
        "channel": channel,
        "text": outgoing.subject,
        "blocks": blocks_of(outgoing, _button(settings, outgoing)),
        "client_msg_id": str(uuid.uuid5(_KEYS, outgoing.key)),
        "unfurl_links": False,
    }
    headers = {
        "Authorization": f"Bearer {settings.slack_bot_token}",
        "Content-Type": "application/json; charset=utf-8",
    }
    address = f"{settings.slack_url.rstrip('/')}/chat.postMessage"
    answered = await ask(tools, address, json.dumps(document).encode(), headers)
    return answered if isinstance(answered, SendResult) else _meaning(answered, address)


def _button(settings: Settings, outgoing: Outgoing) -> str | None:
    """What the acknowledge button hands back; none where a press could not be verified."""
    if not settings.slack_signing_secret or not outgoing.acknowledge_address:
        return None
    return callback_token(settings, "slack", outgoing.answered, outgoing.person or "")


def _meaning(answered: Answered, address: str) -> SendResult:
    if answered.status != HTTPStatus.OK:
        return from_status(answered.status, host_of(address))
    said = answered.document()
    if said.get("ok") is True:
        return delivered("Slack has posted it")
    error = str(said.get("error") or "no error named")
    if not said or error in PASSING:
        return retry(f"Slack could not take it now ({error})")
    if error in _TOKEN_ERRORS:
        return failed(f"Slack refused our token ({error}): check WATCHBILL_SLACK_BOT_TOKEN")
    mend = f": {MENDS[error]}" if error in MENDS else ""
    return failed(f"Slack refused it ({error}){mend}")
