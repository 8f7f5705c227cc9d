"""Requests to Twilio's REST API, and what its answers mean.

Decides which of Twilio's refusals are for good. It has no idempotency key: a page that
is sent again after a lost answer arrives twice.
"""

import base64
import re
from http import HTTPStatus
from urllib.parse import quote, urlencode

import httpx

from activities.channels.answers import delivered, failed, from_status, host_of, retry
from activities.channels.http_post import Answered, ask
from activities.channels.tools import ChannelTools
from domain.incident.effects import SendResult
from settings import Settings

RETRIED_CODES = (20429, 14107, 21611)
"""Twilio's own codes for: too many requests, too many messages, its queue is full."""

SETTINGS = ("twilio_account_sid", "twilio_auth_token", "twilio_from")

_NUMBER = re.compile(r"\+?\d[\d ().-]{5,}\d")


def is_set_up(settings: Settings) -> bool:
    """Whether numbers can be reached at all."""
    return not _missing(settings)


async def call_twilio(tools: ChannelTools, resource: str, form: dict[str, str]) -> SendResult:
    """Make one resource of the account (`Messages`, `Calls`); `From` is ours."""
    settings = tools.settings
    if missing := _missing(settings):
        return failed(f"a telephone number needs Twilio: set {missing}, or give an Apprise URL")
    sid, token = settings.twilio_account_sid or "", settings.twilio_auth_token or ""
    address = f"{settings.twilio_url.rstrip('/')}/2010-04-01/Accounts/{quote(sid)}/{resource}.json"
    pair = base64.b64encode(f"{sid}:{token}".encode()).decode()
    headers = {
        "Authorization": f"Basic {pair}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    content = urlencode({"From": settings.twilio_from or "", **form}).encode()
    answered = await ask(tools, address, content, headers)
    return answered if isinstance(answered, SendResult) else _meaning(answered, address)


def _meaning(answered: Answered, address: str) -> SendResult:
    said = answered.document()
    if httpx.codes.is_success(answered.status):
        return delivered(f"accepted by Twilio ({said.get('sid', 'no sid')})")
    if answered.status == HTTPStatus.UNAUTHORIZED:
        return failed("Twilio refused our credentials (401): check WATCHBILL_TWILIO_AUTH_TOKEN")
    code, text = said.get("code"), said.get("message")
    if not httpx.codes.is_client_error(answered.status) or code is None:
        return from_status(answered.status, host_of(address))
    # Twilio's sentences quote the number, which must not reach a history.
    bare = _NUMBER.sub("…", str(text or ""))
    why = f"Twilio refused it ({answered.status}, {code}): {bare}"
    is_busy = answered.status == HTTPStatus.TOO_MANY_REQUESTS or code in RETRIED_CODES
    return retry(why) if is_busy else failed(why)


def _missing(settings: Settings) -> str:
    names = [name for name in SETTINGS if not getattr(settings, name)]
    return ", ".join(f"WATCHBILL_{name.upper()}" for name in names)
