"""One message on its way out, and how it reads as JSON, subject and plain text."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from domain.incident.effects import Loudness, Message

Kind = Literal["page", "notice", "announcement"]

LABEL_LIMIT = 40
"""Characters that a button shows on a phone."""


class Outgoing(BaseModel):
    """What a channel sends. `key` is the same on every retry.

    `link` is signed for the person; an announcement has none, since it is for many.
    `earlier` says how the last incidents of this playbook ended, one a line.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    key: str
    person: str | None = None
    person_name: str | None = None
    method: str
    level: str | None = None
    attempt: int = 1
    urgency: Loudness = "high"
    message: Message
    link: str | None = None
    nudge: bool = False
    earlier: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """One line: drill mark, severity, title, reference."""
        message = self.message
        mark = "[DRILL] " if message.drill else ""
        title = " ".join(message.title.split())
        return f"{mark}[{message.severity.value}] {title[:200]} ({message.reference})"

    @property
    def wakes(self) -> bool:
        """Whether it is a page that should ring, and not one that waits to be seen."""
        return self.kind == "page" and self.urgency == "high"

    @property
    def is_for_many(self) -> bool:
        """Whether one answer is asked for several incidents."""
        return (self.message.ask or "").startswith("Acknowledge all")

    @property
    def answered(self) -> str:
        """What an answer is for, as people type it: the reference's code, or `all`."""
        return "all" if self.is_for_many else self.code

    @property
    def code(self) -> str:
        """The reference as people type it: without its `INC-`."""
        return self.message.reference.removeprefix("INC-")

    @property
    def acknowledge_address(self) -> str | None:
        """Where a POST acknowledges as the person; None where that is not what is asked."""
        asked = self.kind == "page" and self.message.ask and self.message.offer is None
        return f"{self.link}/acknowledge" if self.link and asked else None

    def offer_address(self, answer: Literal["accept", "decline"]) -> str | None:
        """Where a POST answers the offer that the message carries."""
        offer = self.message.offer
        return f"{self.link}/offers/{offer}/{answer}" if self.link and offer else None

    def background(self) -> list[tuple[str, tuple[str, ...]]]:
        """What else helps, under its headings: what was tried, the runbook, earlier ones."""
        message = self.message
        parts = [
            ("Tried so far", message.tried),
            ("Runbook", (message.runbook,) if message.runbook else ()),
            ("Last time", self.earlier),
        ]
        return [(heading, lines) for heading, lines in parts if lines]

    def text(self, *, buttons: bool = False) -> str:
        """Plain text for a phone or a mail: what is on fire, what is asked, where to act.

        Where there are `buttons` for it, the last two are left out.
        """
        message = self.message
        parts = [message.headline, "\n".join(message.lines)]
        if not (buttons and self.link):
            parts += [message.ask or "", self.link or ""]
        if message.bridge:
            parts.append(f"Join: {message.bridge}")
        parts += [_paragraph(heading, lines) for heading, lines in self.background()]
        if message.drill:
            parts.append("This is a drill.")
        return "\n\n".join(part for part in parts if part)

    def document(self) -> dict[str, Any]:
        """The JSON body of a webhook, as docs/channels.md describes it."""
        message = self.message
        document: dict[str, Any] = {
            "kind": self.kind,
            "key": self.key,
            "person": self.person,
            "person_name": self.person_name,
            "method": self.method,
            "level": self.level,
            "attempt": self.attempt,
            "reference": message.reference,
            "incident": message.reference,
            "severity": message.severity.value,
            "title": message.title,
            "headline": message.headline,
            "lines": list(message.lines),
            "ask": message.ask,
            "bridge": message.bridge,
            "link": self.link,
            "urgency": self.urgency,
            "playbook": message.playbook,
            "runbook": message.runbook,
            "tried": list(message.tried),
            "earlier": list(self.earlier),
            "offer": message.offer,
            "drill": message.drill,
            "at": _moment(message.at),
        }
        if self.link and message.ask:
            document["ack_link"] = self.link
        return document


def label_of(outgoing: Outgoing) -> str:
    """What a button that answers says: `Acknowledge`, or the role that is to be taken."""
    ask = outgoing.message.ask or "Acknowledge"
    if ask.startswith("Acknowledge") and not outgoing.is_for_many:
        return "Acknowledge"
    return ask if len(ask) <= LABEL_LIMIT else f"{ask[: LABEL_LIMIT - 1]}…"


def _paragraph(heading: str, lines: tuple[str, ...]) -> str:
    if len(lines) == 1:
        return f"{heading}: {lines[0]}"
    return "\n".join([f"{heading}:", *(f"- {line}" for line in lines)])


def _moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
