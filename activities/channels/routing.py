"""Which channel an address goes to; the one place that knows them all."""

from activities.channels.answers import failed
from activities.channels.apprise_url import send_apprise
from activities.channels.email import send_email
from activities.channels.ntfy import send_ntfy
from activities.channels.outgoing import Outgoing
from activities.channels.tools import ChannelTools
from activities.channels.webhook import send_webhook
from domain.incident.effects import SendResult
from domain.roster import Method, User

QUIET_ORDER = (Method.PUSH, Method.SLACK, Method.WEBHOOK, Method.EMAIL)
"""Least intrusive first; SMS and phone are never quiet."""


async def deliver(
    tools: ChannelTools, method: Method, address: str, outgoing: Outgoing
) -> SendResult:
    """Send once by the channel that the method and the address name."""
    scheme = _scheme(address)
    if method is Method.EMAIL and scheme in {"", "mailto"}:
        return await send_email(tools, [address], outgoing)
    if method is Method.PUSH and scheme in {"ntfy", "ntfys", "http", "https"}:
        return await send_ntfy(tools, address, outgoing)
    if method is Method.WEBHOOK and scheme in {"http", "https"}:
        return await send_webhook(tools, address, outgoing)
    if scheme:
        return await send_apprise(tools, address, outgoing)
    return failed(
        f"no way to send {method.value} to a bare name or number; give an Apprise URL instead"
    )


def is_deliverable(method: Method, address: str) -> bool:
    """Whether some channel takes such an address at all."""
    return bool(_scheme(address)) or method is Method.EMAIL


def quiet_method(user: User) -> Method | None:
    """How to tell this person without waking them; None if there is no such way."""
    for method in QUIET_ORDER:
        address = user.contact.get(method)
        if address and is_deliverable(method, address):
            return method
    return None


def _scheme(address: str) -> str:
    """`ntfys` of `ntfys://…`, `mailto` of `mailto:…`, empty for a bare name or number."""
    before, separator, _ = address.partition("://")
    if separator:
        return before.lower()
    return "mailto" if address.lower().startswith("mailto:") else ""
