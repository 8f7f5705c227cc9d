"""Push through ntfy: `ntfys://host/topic` (https), `ntfy://host/topic` (http)."""

import base64
import json
from email.header import Header
from urllib.parse import unquote, urlsplit, urlunsplit

from activities.channels.answers import failed
from activities.channels.http_post import post
from activities.channels.outgoing import Outgoing, label_of
from activities.channels.tools import ChannelTools
from domain.incident.effects import SendResult
from domain.severity import Severity

SCHEMES = {"ntfy": "http", "ntfys": "https", "http": "http", "https": "https"}
TEXT_LIMIT = 3500
"""Bytes; ntfy turns a message over 4,096 into an attachment, which nobody opens at night."""


async def send_ntfy(tools: ChannelTools, address: str, outgoing: Outgoing) -> SendResult:
    """Publish once to the topic. The key travels as a header; ntfy itself does not use it."""
    parts = urlsplit(address)
    if not parts.hostname or not parts.path.strip("/") or parts.scheme not in SCHEMES:
        return failed("the push address must be ntfys://host/topic")
    host = parts.netloc.rpartition("@")[2]
    target = urlunsplit((SCHEMES[parts.scheme], host, parts.path, "", ""))
    headers = headers_of(outgoing) | _authorization(tools, parts.username, parts.password)
    return await post(tools, target, _cut(outgoing.text(buttons=True)), headers)


def priority(outgoing: Outgoing) -> int:
    """From 1 to 5 as ntfy counts: 5 rings through, 2 makes no sound."""
    match outgoing.kind:
        case "notice":
            return 3 if outgoing.nudge else 2
        case "announcement":
            return 3
        case "page" if not outgoing.wakes:
            return 2
        case "page":
            return 4 if Severity.SEV2.is_worse_than(outgoing.message.severity) else 5


def headers_of(outgoing: Outgoing) -> dict[str, str]:
    """Everything of the message but its text."""
    headers = {
        "Title": _header_text(outgoing.subject),
        "Priority": str(priority(outgoing)),
        "Tags": _tags(outgoing),
        "Idempotency-Key": outgoing.key,
        "X-Idempotency-Key": outgoing.key,
    }
    if outgoing.link:
        headers["Click"] = outgoing.link
        headers["Actions"] = json.dumps(_actions(outgoing, outgoing.link))
    return headers


def _actions(outgoing: Outgoing, link: str) -> list[dict[str, object]]:
    """Buttons (ntfy shows three): the answer in one tap, and the page with the rest."""
    one_tap = [
        (label_of(outgoing), outgoing.acknowledge_address),
        (label_of(outgoing), outgoing.offer_address("accept")),
        ("Decline", outgoing.offer_address("decline")),
    ]
    actions: list[dict[str, object]] = [
        {"action": "http", "label": label, "url": url, "method": "POST", "clear": True}
        for label, url in one_tap
        if url
    ]
    return [*actions, {"action": "view", "label": "Open", "url": link}]


def _tags(outgoing: Outgoing) -> str:
    tags = ["rotating_light" if outgoing.kind == "page" else "information_source"]
    if outgoing.message.drill:
        tags.append("test_tube")
    return ",".join([*tags, outgoing.message.severity.value, outgoing.message.reference])


def _authorization(tools: ChannelTools, user: str | None, password: str | None) -> dict[str, str]:
    if user and password:
        pair = f"{unquote(user)}:{unquote(password)}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    token = unquote(user or password or "") or tools.settings.ntfy_token
    return {"Authorization": f"Bearer {token}"} if token else {}


def _header_text(text: str) -> str:
    """Plain where it is ASCII; RFC 2047 otherwise, which ntfy decodes."""
    return text if text.isascii() else Header(text, "utf-8", maxlinelen=10_000).encode()


def _cut(text: str) -> bytes:
    raw = text.encode()
    if len(raw) <= TEXT_LIMIT:
        return raw
    return raw[:TEXT_LIMIT].decode(errors="ignore").encode() + "…".encode()
