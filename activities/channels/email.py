"""E-mail over SMTP, one message to one or several addresses."""

import asyncio
import hashlib
import re
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from activities.channels.answers import delivered, failed, retry
from activities.channels.email_page import html_of
from activities.channels.outgoing import Outgoing
from activities.channels.tools import ChannelTools
from domain.incident.effects import SendResult
from settings import Settings

PERMANENT_FROM = 500
"""SMTP replies from here on are for good."""

_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")


async def send_email(
    tools: ChannelTools, addresses: Sequence[str], outgoing: Outgoing
) -> SendResult:
    """Hand the message to the SMTP server once. The Message-ID comes from the key alone."""
    bare = [address.removeprefix("mailto:") for address in addresses]
    if wrong := [address for address in bare if not _ADDRESS.fullmatch(address)]:
        return failed(f"not an e-mail address: {wrong[0]!r}")
    server = f"{tools.settings.smtp_host}:{tools.settings.smtp_port}"
    message = compose(tools.settings, bare, outgoing)
    try:
        async with asyncio.timeout(tools.timeout_s):
            refused, _ = await _submit(tools, message, bare)
    except (TimeoutError, aiosmtplib.SMTPTimeoutError):
        return retry(f"{server} did not answer within {tools.timeout_s:g} s")
    except aiosmtplib.SMTPRecipientsRefused as error:
        return _refusal(server, [part.code for part in error.recipients])
    except aiosmtplib.SMTPResponseException as error:
        return _refusal(server, [error.code])
    except (aiosmtplib.SMTPException, OSError) as error:
        return retry(f"{server} could not be reached ({type(error).__name__})")
    if refused:
        return delivered(f"{server} took it, but not for {len(refused)} of {len(bare)} addresses")
    return delivered(f"{server} took it")


def compose(settings: Settings, addresses: Sequence[str], outgoing: Outgoing) -> EmailMessage:
    """The mail, plain and as HTML; those of one incident refer to the same thread."""
    message = EmailMessage()
    message["Subject"] = outgoing.subject
    message["From"] = settings.smtp_from
    message["To"] = ", ".join(addresses)
    message["Date"] = format_datetime(outgoing.message.at)
    message["Message-ID"] = message_id(outgoing.key)
    thread = message_id(outgoing.message.reference)
    message["In-Reply-To"] = thread
    message["References"] = thread
    if outgoing.wakes:
        message["X-Priority"] = "1"
        message["Importance"] = "high"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Watchbill-Reference"] = outgoing.message.reference
    message.set_content(outgoing.text() + "\n")
    message.add_alternative(html_of(outgoing), subtype="html")
    return message


def message_id(key: str) -> str:
    """The same for the same key, so that a mail system can drop a repeat."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:40]  # longer would fold the header
    return f"<{digest}@watchbill>"


async def _submit(
    tools: ChannelTools, message: EmailMessage, addresses: Sequence[str]
) -> tuple[dict[str, aiosmtplib.SMTPResponse], str]:
    settings = tools.settings
    return await aiosmtplib.send(
        message,
        recipients=list(addresses),
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_user,
        password=settings.smtp_password,
        use_tls=settings.smtp_tls == "tls",
        start_tls=settings.smtp_tls == "starttls",
        timeout=tools.timeout_s,
    )


def _refusal(server: str, codes: Sequence[int]) -> SendResult:
    """4xx of any recipient is worth a retry; only 5xx is for good."""
    said = ", ".join(str(code) for code in sorted(set(codes)))
    if any(code < PERMANENT_FROM for code in codes):
        return retry(f"{server} cannot take it now ({said})")
    return failed(f"{server} refused it ({said})")
