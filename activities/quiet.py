"""Tells one person quietly something that is about their time, not about an incident.

Decides the way (the person's least intrusive one) and that such a message bears no
severity. A result that is worth retrying is raised, so that the retry policy counts it.
"""

from datetime import UTC, datetime
from typing import Any

from activities.channels.answers import failed
from activities.channels.outgoing import Outgoing
from activities.channels.routing import deliver
from activities.channels.tools import ChannelTools
from activities.notice import raise_for_retry
from activities.on_call import RosterNow
from activities.recipients import NoWay, ways_to
from domain.cover_text import Said
from domain.incident.effects import Message, SendResult
from domain.severity import Severity


class Word(Outgoing):
    """A message about somebody's time. Its subject is its title alone."""

    @property
    def subject(self) -> str:
        """The title, in one line."""
        return " ".join(self.message.title.split())[:200]

    def document(self) -> dict[str, Any]:
        """The JSON body of a webhook: that of a notice, without what only incidents have."""
        document = super().document()
        for name in ("severity", "incident", "drill", "level"):
            document.pop(name, None)
        return document


class QuietWords:
    """Sends words. Idempotent downstream by key."""

    def __init__(self, tools: ChannelTools, roster: RosterNow) -> None:
        self.tools = tools
        self.roster = roster

    def zone_of(self, person: str) -> str:
        """The person's IANA zone."""
        user = self.roster().users.get(person)
        return user.tz if user else "UTC"

    async def tell(self, person: str, key: str, said: Said, link: str | None = None) -> SendResult:
        """Tell this person once; raises for what the engine should try again."""
        way = ways_to(self.roster(), f"user:{person}", self.tools.settings)[0]
        if isinstance(way, NoWay):
            return failed(f"{person}: {way.reason}")
        word = Word(
            kind="notice",
            key=key,
            person=person,
            person_name=way.person.name if way.person else person,
            method=way.method.value,
            message=Message(
                reference=key.partition(":")[0],
                severity=Severity.SEV5,
                title=said.title,
                headline=said.title,
                lines=said.lines,
                at=datetime.now(UTC),
            ),
            link=link,
        )
        return raise_for_retry(await deliver(self.tools, way.method, way.addresses[0], word))
