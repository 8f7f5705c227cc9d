"""Examines the service itself: API, public address, ledger, clock, the last page.

Decides what of the API's own readiness is told again, how far clocks may be apart, and how
old the last delivered page may be before somebody should send a test page.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx
from sqlalchemy.exc import SQLAlchemyError

from cli.doctor.findings import Finding, failure, ok, warning
from ledger import Ledger
from settings import Settings

APART = timedelta(seconds=5)
"""Clocks further apart than this make timelines lie and signatures stale."""

QUIET_FOR = timedelta(days=30)
"""A page path that nobody used for so long is not known to work."""

OK = 200
LOOPBACK = ("127.0.0.1", "localhost", "::1")


async def examine_api(settings: Settings) -> list[Finding]:
    """The API where the command line finds it, what it says of itself, and its clock."""
    address = (settings.url or settings.local_address).rstrip("/")
    mend = "start it with `watchbill up` or `watchbill api`, or set WATCHBILL_URL"
    async with httpx.AsyncClient(timeout=settings.send_timeout_s) as http:
        try:
            answer = await http.get(f"{address}/readyz")
            checks = answer.json()["checks"]
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            return [failure("API", f"{address} does not answer ({type(error).__name__})", mend)]
    found = [ok("API", f"{address} answers {answer.json().get('status', '?')}")]
    found += [
        warning(f"API: {check['name']}", check["detail"], check.get("mend") or "see its log")
        for check in checks
        if not check["ok"] and check["name"] not in ("engine", "fallback", "broken file")
    ]
    return [*found, _clock(address, answer.headers.get("Date"))]


def _clock(address: str, stated: str | None, now: datetime | None = None) -> Finding:
    """How far the API's clock is from ours, by the Date of its answer (RFC 9110)."""
    try:
        theirs = parsedate_to_datetime(stated or "")
    except ValueError:
        return warning("clock", f"{address} states no time", "compare the clocks by hand")
    apart = abs((now or datetime.now(UTC)) - theirs)
    if apart <= APART:
        return ok("clock", f"within {APART.seconds} s of the API's")
    detail = f"{apart.total_seconds():.0f} s from the API's"
    return failure("clock", detail, "let NTP set the clocks of both machines")


async def examine_public_address(settings: Settings) -> list[Finding]:
    """Whether the address on people's phones leads to us."""
    address = settings.public_address
    name = "public address"
    if urlsplit(address).hostname in LOOPBACK:
        detail = f"{address}: no phone can open a link to it"
        return [warning(name, detail, "set WATCHBILL_PUBLIC_URL to what phones can reach")]
    mend = "check WATCHBILL_PUBLIC_URL, the proxy in front of it, and its certificate"
    async with httpx.AsyncClient(timeout=settings.send_timeout_s, follow_redirects=False) as http:
        try:
            answer = await http.get(f"{address}/healthz")
            is_ours = answer.status_code == OK and answer.json() == {"status": "ok"}
        except (httpx.HTTPError, ValueError) as error:
            return [failure(name, f"{address} cannot be opened ({type(error).__name__})", mend)]
    if not is_ours:
        return [failure(name, f"{address} answers {answer.status_code}, and it is not us", mend)]
    if not address.startswith("https://"):
        detail = f"{address} leads to us, but links travel in the clear"
        return [warning(name, detail, "put https in front of it")]
    return [ok(name, f"{address} leads to us")]


async def examine_ledger(settings: Settings) -> list[Finding]:
    """Whether the ledger can be used, and when a page was last delivered."""
    return await asyncio.to_thread(_ledger, settings)


def _ledger(settings: Settings) -> list[Finding]:
    kind = urlsplit(settings.ledger_address).scheme.partition("+")[0]
    mend = "check WATCHBILL_LEDGER_URL and WATCHBILL_DATA_DIR"
    try:
        ledger = Ledger.from_url(settings.ledger_address)
    except ValueError as error:
        return [failure("ledger", str(error), mend)]
    try:
        ledger.migrate()
        last = ledger.last_at("page.delivered")
    except (SQLAlchemyError, OSError) as error:
        return [failure("ledger", f"{kind} cannot be used ({type(error).__name__})", mend)]
    finally:
        ledger.close()
    return [ok("ledger", f"{kind}, newest schema"), _last_page(last)]


def _last_page(last: datetime | None, now: datetime | None = None) -> Finding:
    mend = "send yourself one: `watchbill test-page`"
    if last is None:
        return warning("last page", "none was ever delivered from here", mend)
    ago = (now or datetime.now(UTC)) - last
    when = f"{last:%Y-%m-%d %H:%M} UTC"
    if ago > QUIET_FOR:
        return warning("last page", f"delivered {when}, {ago.days} days ago", mend)
    return ok("last page", f"delivered {when}")
