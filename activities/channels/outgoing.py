"""One message on its way out, and how it reads as JSON, subject and plain text."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from domain.incident.effects import Message

Kind = Literal["page", "notice", "announcement"]


class Outgoing(BaseModel):
    """What a channel sends. `key` is the same on every retry.

    `link` is signed for the person; an announcement has none, since it is for many.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    key: str
    person: str | None = None
    person_name: str | None = None
    method: str
    level: str | None = None
    attempt: int = 1
    message: Message
    link: str | None = None
    nudge: bool = False

    @property
    def subject(self) -> str:
        """One line: drill mark, severity, title, reference."""
        message = self.message
        mark = "[DRILL] " if message.drill else ""
        title = " ".join(message.title.split())
        return f"{mark}[{message.severity.value}] {title[:200]} ({message.reference})"

    def text(self) -> str:
        """Plain text for a phone or a mail: what is on fire, what is asked, where to act."""
        message = self.message
        parts = [message.headline, "\n".join(message.lines), message.ask or ""]
        if self.link:
            parts.append(self.link)
        if message.bridge:
            parts.append(f"Join: {message.bridge}")
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
            "drill": message.drill,
            "at": _moment(message.at),
        }
        if self.link and message.ask:
            document["ack_link"] = self.link
        return document


def _moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
