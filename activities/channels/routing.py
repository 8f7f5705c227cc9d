"""Which channel an address goes to; the one place that knows them all."""

from activities.channels.answers import failed
from activities.channels.apprise_url import send_apprise
from activities.channels.email import send_email
from activities.channels.ntfy import send_ntfy
from activities.channels.outgoing import Outgoing
from activities.channels.slack import send_slack
from activities.channels.teams import send_teams
from activities.channels.tools import ChannelTools
from activities.channels.twilio_sms import send_sms
from activities.channels.twilio_voice import place_call
from activities.channels.webhook import send_webhook
from domain.incident.effects import SendResult
from domain.roster import Method, User
from settings import Settings

QUIET_ORDER = (Method.PUSH, Method.SLACK, Method.TEAMS, Method.WEBHOOK, Method.EMAIL)
"""Least intrusive first; SMS and phone are never quiet."""

_WEB = {"http", "https"}


async def deliver(  # one line a channel
    tools: ChannelTools, method: Method, address: str, outgoing: Outgoing
) -> SendResult:
    """Send once by the channel that the method and the address name."""
    scheme = _scheme(address)
    match method:
        case Method.EMAIL if scheme in {"", "mailto"}:
            return await send_email(tools, [address], outgoing)
        case Method.PUSH if scheme in {"ntfy", "ntfys", *_WEB}:
            return await send_ntfy(tools, address, outgoing)
        case Method.WEBHOOK if scheme in _WEB:
            return await send_webhook(tools, address, outgoing)
        case Method.TEAMS if scheme in _WEB:
            return await send_teams(tools, address, outgoing)
        case Method.SMS if not scheme:
            return await send_sms(tools, address, outgoing)
        case Method.PHONE if not scheme:
            return await place_call(tools, address, outgoing)
        case Method.SLACK if not scheme:
            return await send_slack(tools, address, outgoing)
        case _ if scheme:
            return await send_apprise(tools, address, outgoing)
        case _:
            return failed(f"no way to send {method.value} to a bare name; give a URL instead")


def is_deliverable(method: Method, address: str, settings: Settings) -> bool:
    """Whether some channel takes such an address, and is set up to."""
    if _scheme(address) or method is Method.EMAIL:
        return True
    return method is Method.SLACK and settings.slack_bot_token is not None


def quiet_method(user: User, settings: Settings) -> Method | None:
    """How to tell this person without waking them; None if there is no such way."""
    for method in QUIET_ORDER:
        address = user.contact.get(method)
        if address and is_deliverable(method, address, settings):
            return method
    return None


def _scheme(address: str) -> str:
    """`ntfys` of `ntfys://…`, `mailto` of `mailto:…`, empty for a bare name or number."""
    before, separator, _ = address.partition("://")
    if separator:
        return before.lower()
    return "mailto" if address.lower().startswith("mailto:") else ""
