"""Examines the ways out to people: is each service there, and does it take our word.

Decides which services are in use (the roster says so) and how each is asked without
sending anybody anything.
"""

import asyncio
import base64
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import aiosmtplib
import httpx

from activities.channels.ntfy import SCHEMES
from cli.doctor.findings import Finding, failure, ok, warning
from domain.roster import Method, Roster
from settings import Settings

OK, UNAUTHORISED = 200, (401, 403)


async def examine_channels(settings: Settings, roster: Roster) -> list[Finding]:
    """Every service that somebody in the roster is reached by."""
    used = {method for user in roster.users.values() for method in user.contact}
    mails = Method.EMAIL in used or any(place.email for place in roster.destinations.values())
    async with httpx.AsyncClient(timeout=settings.send_timeout_s) as http:
        asked = [_smtp(settings)] if mails else []
        asked += [_ntfy(http, settings, server) for server in sorted(set(_ntfy_servers(roster)))]
        asked += [_twilio(http, settings)] if settings.twilio_account_sid else []
        asked += [_slack(http, settings)] if settings.slack_bot_token else []
        found = await asyncio.gather(*asked)
    return found or [warning("channels", "the roster uses none", "add people in roster/*.yaml")]


async def _smtp(settings: Settings) -> Finding:
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    mend = "check WATCHBILL_SMTP_HOST, _PORT, _TLS, _USER and _PASSWORD"
    server = aiosmtplib.SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_user,
        password=settings.smtp_password,
        use_tls=settings.smtp_tls == "tls",
        start_tls=settings.smtp_tls == "starttls",
        timeout=settings.send_timeout_s,
    )
    try:
        async with server:
            await server.noop()
    except aiosmtplib.SMTPAuthenticationError:
        return failure("e-mail", f"{where} refuses our user and password", mend)
    except (aiosmtplib.SMTPException, OSError) as error:
        return failure("e-mail", f"{where} cannot be used ({type(error).__name__})", mend)
    return ok("e-mail", f"{where} answers{' and takes our user' if settings.smtp_user else ''}")


def _ntfy_servers(roster: Roster) -> Iterator[str]:
    """`https://host[:port]` of every ntfy server that people are pushed through."""
    addresses = [user.contact.get(Method.PUSH) for user in roster.users.values()]
    addresses += [place.push for place in roster.destinations.values()]
    for address in addresses:
        parts = urlsplit(address or "")
        if parts.scheme in SCHEMES and parts.hostname:
            host = parts.netloc.rpartition("@")[2]
            yield f"{SCHEMES[parts.scheme]}://{host}"


async def _ntfy(http: httpx.AsyncClient, settings: Settings, server: str) -> Finding:
    """Ntfy's own health page; a token that it does not know is refused there too."""
    token = settings.ntfy_token
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    name, mend = "push", "check the addresses under contact.push and WATCHBILL_NTFY_TOKEN"
    try:
        answer = await http.get(f"{server}/v1/health", headers=headers)
    except httpx.HTTPError as error:
        return failure(name, f"{server} cannot be reached ({type(error).__name__})", mend)
    if answer.status_code in UNAUTHORISED:
        return failure(name, f"{server} refuses our token ({answer.status_code})", mend)
    if answer.status_code != OK:
        return warning(name, f"{server} answers {answer.status_code} about its health", mend)
    return ok(name, f"{server} answers")


async def _twilio(http: httpx.AsyncClient, settings: Settings) -> Finding:
    sid, token = settings.twilio_account_sid or "", settings.twilio_auth_token or ""
    mend = "check WATCHBILL_TWILIO_ACCOUNT_SID, _AUTH_TOKEN and _FROM"
    if not token or not settings.twilio_from:
        return failure("SMS and phone", "Twilio is set up in part", mend)
    pair = base64.b64encode(f"{sid}:{token}".encode()).decode()
    address = f"{settings.twilio_url.rstrip('/')}/2010-04-01/Accounts/{quote(sid)}.json"
    try:
        answer = await http.get(address, headers={"Authorization": f"Basic {pair}"})
    except httpx.HTTPError as error:
        detail = f"Twilio cannot be reached ({type(error).__name__})"
        return failure("SMS and phone", detail, mend)
    if answer.status_code != OK:
        return failure("SMS and phone", f"Twilio refuses us ({answer.status_code})", mend)
    if not settings.public_url:
        detail = "Twilio takes our word, but cannot call back: no keypress, no replies"
        return warning("SMS and phone", detail, "set WATCHBILL_PUBLIC_URL")
    return ok("SMS and phone", "Twilio takes our word")


async def _slack(http: httpx.AsyncClient, settings: Settings) -> Finding:
    mend = "check WATCHBILL_SLACK_BOT_TOKEN: it is the app's bot token, xoxb-…"
    headers = {"Authorization": f"Bearer {settings.slack_bot_token}"}
    try:
        answer = await http.post(f"{settings.slack_url.rstrip('/')}/auth.test", headers=headers)
        said = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        return failure("Slack", f"cannot be asked ({type(error).__name__})", mend)
    if not isinstance(said, dict) or said.get("ok") is not True:
        why = said.get("error") if isinstance(said, dict) else answer.status_code
        return failure("Slack", f"refuses our token ({why})", mend)
    if not settings.slack_signing_secret:
        detail = "takes our token, but buttons cannot be believed"
        return warning("Slack", detail, "set WATCHBILL_SLACK_SIGNING_SECRET")
    return ok("Slack", f"takes our token (team {said.get('team', '?')})")
