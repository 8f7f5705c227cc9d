"""A message of ours in Slack's Block Kit.

Decides its look and its buttons. Slack refuses a whole message for one text that is too
long, so every text is cut to its limit here.
"""

from typing import Any

from activities.channels.outgoing import Outgoing, label_of

HEADER_LIMIT = 150
SECTION_LIMIT = 3000
CONTEXT_LIMIT = 2000
ACKNOWLEDGE = "watchbill_acknowledge"
"""The action id of the one button that we act on; others are links."""

Block = dict[str, Any]


def blocks_of(outgoing: Outgoing, button: str | None) -> list[Block]:
    """Header, situation, background, context and buttons; `button` is what ours hands back."""
    blocks = [
        {"type": "header", "text": _plain(_header(outgoing), HEADER_LIMIT)},
        section("", _situation(outgoing)),
        *(section(heading, lines) for heading, lines in outgoing.background()),
        _context(outgoing),
    ]
    buttons = _buttons(outgoing, button)
    return [*blocks, {"type": "actions", "elements": buttons}] if buttons else blocks


def section(heading: str, lines: tuple[str, ...]) -> Block:
    """Lines of text, in which nothing is markup or a mention, under a heading if any."""
    shown = [escaped(line) for line in lines]
    if heading:
        shown = [f"*{heading}*", *(f"• {line}" for line in shown)]
    text = _cut("\n".join(shown), SECTION_LIMIT)
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def escaped(text: str) -> str:
    """The text as Slack wants it: only its three control characters are escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _situation(outgoing: Outgoing) -> tuple[str, ...]:
    """The headline where it says more than the header does, then the lines."""
    message = outgoing.message
    if message.headline == message.title and message.lines:
        return message.lines
    return (message.headline, *message.lines)


def _header(outgoing: Outgoing) -> str:
    message = outgoing.message
    mark = "[DRILL] " if message.drill else ""
    return f"{mark}{message.severity.value} {' '.join(message.title.split())}"


def _context(outgoing: Outgoing) -> Block:
    message = outgoing.message
    parts = [message.reference]
    if message.playbook:
        parts.append(f"playbook {message.playbook}")
    if message.bridge:
        parts.append(f"join {message.bridge}")
    text = _cut(escaped(" · ".join(parts)), CONTEXT_LIMIT)
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}


def _buttons(outgoing: Outgoing, button: str | None) -> list[Block]:
    elements: list[Block] = []
    if button:
        elements.append(
            {
                "type": "button",
                "style": "primary",
                "action_id": ACKNOWLEDGE,
                "text": _plain(label_of(outgoing), 75),
                "value": button,
            }
        )
    if outgoing.link:
        elements.append(_link("Open", "watchbill_open", outgoing.link))
    bridge = outgoing.message.bridge
    if bridge and bridge.startswith("https://"):
        elements.append(_link("Join", "watchbill_join", bridge))
    return elements


def _link(label: str, action: str, url: str) -> Block:
    return {"type": "button", "action_id": action, "text": _plain(label, 75), "url": url}


def _plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": _cut(text, limit), "emoji": False}


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
