"""What the sources of measured facts say in a rehearsal, told as production tells it.

Decides when a source is read: at once when it changes, and again when a hold or the age of
its last good answer is decided. What of an answer is told is `domain.measuring`.
"""

from collections.abc import Mapping
from datetime import datetime

from domain.incident.events import FactsMeasured
from domain.incident.step_effects import MeasureFacts, Reading, Watched
from domain.measuring import Found, Gauge, judge
from domain.values import Value

_UNREADABLE = "it cannot be read"


class Sources:
    """The sources of one incident; a fact that nobody gave is never read."""

    def __init__(self) -> None:
        """No source says anything, and nobody asks."""
        self.says: dict[str, Value | None] = {}
        self._asked: MeasureFacts | None = None
        self._watched: dict[str, Watched] = {}

    def ask(self, asked: MeasureFacts, now: datetime) -> None:
        """The incident measures from now on, until something is told."""
        self._asked = asked
        began = Watched(good_at=now)
        self._watched = {name: asked.watched.get(name) or began for name in asked.facts}

    def leave(self, effect: str) -> None:
        """What this effect asked for is not wanted any more."""
        if self._asked is not None and self._asked.id == effect:
            self._asked = None

    def change(self, says: Mapping[str, Value | None], now: datetime) -> None:
        """From now on they say this; None says that the fact cannot be read.

        Until now a source was read well, so the age of its last answer begins here.
        """
        for name in says:
            known = self._watched.get(name)
            if known is not None and self.says.get(name) is not None:
                self._watched[name] = known.model_copy(update={"good_at": now})
        self.says |= says

    def news(self, now: datetime) -> FactsMeasured | None:
        """What is worth telling of what they say now; the measurement is over then."""
        asked = self._asked
        if asked is None:
            return None
        readings = [
            told for name in asked.facts if name in self.says and (told := self._look(name, now))
        ]
        if not readings:
            return None
        self._asked = None
        return FactsMeasured(id=asked.id, readings=tuple(readings), watched=self._watched)

    def next_look(self, now: datetime) -> datetime | None:
        """When a hold, or the age of an answer, is decided next; None if nothing waits."""
        asked = self._asked
        if asked is None:
            return None
        moments = []
        for name in asked.facts.keys() & self.says.keys():
            known, fact = self._watched[name], asked.facts[name]
            if self.says[name] is None and name not in asked.stale:
                moments.append(known.good_at + fact.max_age)
            elif known.since is not None:
                moments.append(known.since + fact.hold)
        return min((each for each in moments if each > now), default=None)

    def _look(self, name: str, now: datetime) -> Reading | None:
        asked, value = self._asked, self.says[name]
        if asked is None:
            return None
        gauge = Gauge(
            name=name,
            fact=asked.facts[name],
            known=asked.known.get(name),
            stale=name in asked.stale,
        )
        found = Found(at=now, value=value, why="" if value is not None else _UNREADABLE)
        self._watched[name], told = judge(gauge, self._watched[name], found)
        return told
