"""Whether a callback really comes from the service it claims to come from.

Decides it by Twilio's and by Slack's own rules, before anything of the request is read as
an instruction. Whatever fails is answered 401, and audited.
"""

import base64
import hashlib
import hmac
import json
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from fastapi import Depends, Request
from slack_sdk.signature import SignatureVerifier

from api.problems import Problem
from api.services import Services, services
from ledger import AuditEntry

_PORTS = {"https": 443, "http": 80}


async def signed_by_twilio(request: Request) -> dict[str, str]:
    """The form of a request that Twilio has signed for our public address."""
    parts = services(request)
    token = parts.settings.twilio_auth_token
    if not token:
        raise await _refused(request, parts, "WATCHBILL_TWILIO_AUTH_TOKEN is not set.")
    given = request.headers.get("x-twilio-signature", "")
    form = await _form(request)
    address = f"{parts.settings.public_address}{request.url.path}"
    if request.url.query:
        address += f"?{request.url.query}"
    expected = (twilio_signature(token, one, form) for one in _with_and_without_port(address))
    if not any(hmac.compare_digest(given.encode(), one.encode()) for one in expected):
        why = f"The signature of Twilio is missing or wrong for {parts.settings.public_address}."
        raise await _refused(request, parts, why)
    return dict(form)


def twilio_signature(token: str, address: str, form: list[tuple[str, str]]) -> str:
    """Base64 of HMAC-SHA1 over the address and the sorted names and values, as Twilio signs."""
    text = address + "".join(f"{name}{value}" for name, value in sorted(set(form)))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


async def signed_by_slack(request: Request) -> dict[str, Any]:
    """The payload of an interaction that Slack has signed within the last five minutes."""
    parts = services(request)
    secret = parts.settings.slack_signing_secret
    if not secret:
        raise await _refused(request, parts, "WATCHBILL_SLACK_SIGNING_SECRET is not set.")
    body = await request.body()
    if not _is_slacks(secret, body, request):
        why = "The signature of Slack is missing or wrong, or older than five minutes."
        raise await _refused(request, parts, why)
    try:
        payload = json.loads(dict(await _form(request)).get("payload", ""))
    except ValueError:
        payload = None
    if not isinstance(payload, dict):
        raise Problem(400, "An interaction of Slack is a form with a JSON object in 'payload'.")
    return payload


def _is_slacks(secret: str, body: bytes, request: Request) -> bool:
    headers = {name: request.headers.get(name, "") for name in _SLACK_HEADERS}
    try:
        return SignatureVerifier(secret).is_valid_request(body, headers)
    except ValueError:  # a timestamp that is no number, a body that is no text
        return False


_SLACK_HEADERS = ("x-slack-request-timestamp", "x-slack-signature")


async def _form(request: Request) -> list[tuple[str, str]]:
    body = (await request.body()).decode("utf-8", "replace")
    try:
        return parse_qsl(body, keep_blank_values=True, max_num_fields=200)
    except ValueError as error:
        raise Problem(400, "The form has more than 200 fields.") from error


def _with_and_without_port(address: str) -> set[str]:
    """Twilio signs a standard port sometimes written and sometimes not."""
    parts = urlsplit(address)
    standard, host = _PORTS.get(parts.scheme), parts.hostname or ""
    if parts.port not in (None, standard):
        return {address}
    hosts = (host, f"{host}:{standard}")
    return {urlunsplit((parts.scheme, one, *parts[2:])) for one in hosts}


async def _refused(request: Request, parts: Services, detail: str) -> Problem:
    """The 401 to raise, once it is in the audit log."""
    entry = AuditEntry(
        actor="unknown",
        action=f"{request.method} {_shown(request.url.path)}",
        outcome="unauthenticated",
        detail=detail,
    )
    await parts.writer.write(lambda ledger: ledger.audit(entry))
    return Problem(401, detail)


def _shown(path: str) -> str:
    """The path without a token that it may end in."""
    return "/".join(part for part in path.split("/") if len(part) < 40)  # noqa: PLR2004


TwilioForm = Annotated[dict[str, str], Depends(signed_by_twilio)]
SlackPayload = Annotated[dict[str, Any], Depends(signed_by_slack)]
