"""The one activity that measures facts: long, beating, and over when something has changed.

Decides when each source is asked, and that nothing is told of what has not changed: an
unchanged value leaves no event in the history. What is worth telling is `domain.measuring`.
Idempotent: it only reads. If its worker dies another goes on where the last beat stood.
"""

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog
from pydantic import TypeAdapter, ValidationError
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.automation.errors import CallFailed
from domain.incident.step_effects import LONGEST_DETAIL, Measured, MeasureFacts, Reading, Watched
from domain.measuring import Found, Gauge, judge, next_read
from domain.plan_facts import FactPlan
from domain.values import Value

log = structlog.stdlib.get_logger("watchbill.facts")

BEAT_EVERY_S = 5.0
"""How often we say so; the engine is told as often as it needs to hear it."""

SPREAD_S = 2.0
"""Incidents that begin together ask their first questions within so long, not at once."""

GATHER_S = 0.3
"""What changes together is told together: so long is waited for more."""

LONGEST_SLEEP_S = 60.0
"""The clock on the wall is looked at at least so often: somebody may have set it."""

_WATCHED: TypeAdapter[dict[str, Watched]] = TypeAdapter(dict[str, Watched])


class ReadsFacts(Protocol):
    """Where facts are read."""

    async def read(
        self, name: str, fact: FactPlan, labels: dict[str, str], *, fresh: bool = False
    ) -> Value:
        """What the fact is now. Raises CallFailed."""


def _now() -> datetime:
    return datetime.now(UTC)


class FactActivities:
    """Bound to the sources of one worker."""

    def __init__(self, sources: ReadsFacts, now: Callable[[], datetime] = _now) -> None:
        """Nothing is measured yet."""
        self._sources = sources
        self._now = now

    @activity.defn
    async def measure_facts(self, asked: MeasureFacts) -> Measured:
        """What has changed, as soon as anything has."""
        if asked.once:
            return await self._once(asked)
        watch = Watch(self._sources, self._now, asked, _left_off(asked))
        changed = asyncio.create_task(watch.run())
        stopping = asyncio.create_task(activity.wait_for_worker_shutdown())
        beating = asyncio.create_task(_beat(watch))
        try:
            await asyncio.wait({changed, stopping, beating}, return_when=asyncio.FIRST_COMPLETED)
            if changed.done():
                return changed.result()
            if beating.done():
                beating.result()
            raise ApplicationError(
                "its worker stops; another goes on",
                type="WorkerStops",
                category=ApplicationErrorCategory.BENIGN,
            )
        finally:
            await _end(changed, stopping, beating)

    async def _once(self, asked: MeasureFacts) -> Measured:
        """Everything read one time, as at the moment that a stepped clock shows."""
        at = asked.at or self._now()
        watch = Watch(self._sources, lambda: at, asked, dict(asked.watched))
        return await watch.once()


class Watch:
    """The facts of one incident, each followed by a task of its own."""

    def __init__(
        self,
        sources: ReadsFacts,
        now: Callable[[], datetime],
        asked: MeasureFacts,
        watched: dict[str, Watched],
    ) -> None:
        """`watched` is where another left off."""
        self._sources = sources
        self._now = now
        self._asked = asked
        began = now()
        self.watched = {name: watched.get(name) or Watched(good_at=began) for name in asked.facts}
        self._told: asyncio.Queue[Reading] = asyncio.Queue()

    async def run(self) -> Measured:
        """The first change, and what changes with it."""
        spread = random.uniform(0, SPREAD_S) / self._asked.speed  # noqa: S311  # no secret
        async with asyncio.TaskGroup() as group:
            following = [
                group.create_task(self._follow(name, timedelta(seconds=spread)))
                for name in self._asked.facts
            ]
            readings = [await self._told.get()]
            await asyncio.sleep(GATHER_S)
            for one in following:
                one.cancel()
        while not self._told.empty():
            readings.append(self._told.get_nowait())
        return Measured(readings=tuple(readings), watched=self.watched)

    async def once(self) -> Measured:
        """Everything read one time."""
        found = await asyncio.gather(*(self._look(name) for name in self._asked.facts))
        readings = tuple(reading for reading in found if reading is not None)
        return Measured(readings=readings, watched=self.watched)

    async def _follow(self, name: str, spread: timedelta) -> None:
        """Ask again and again until there is something to tell."""
        gauge = self._gauge(name)
        due = next_read(gauge, self.watched[name])
        if due <= self._now():
            due = self._now() + spread
        while True:
            await self._sleep_until(due)
            reading = await self._look(name)
            if reading is not None:
                self._told.put_nowait(reading)
                return
            due = next_read(gauge, self.watched[name])

    async def _look(self, name: str) -> Reading | None:
        """Ask once; what is to be told of the answer."""
        gauge = self._gauge(name)
        try:
            value = await self._read(name, gauge.fact)
            found = Found(at=self._now(), value=value)
        except CallFailed as error:
            found = Found(at=self._now(), why=error.detail[:LONGEST_DETAIL])
        except Exception as error:  # noqa: BLE001  # a bug of ours: its text may hold anything
            kind = type(error).__name__
            log.warning("a fact's source broke", fact=name, error=kind)
            found = Found(at=self._now(), why=f"it broke inside Watchbill ({kind})")
        self.watched[name], reading = judge(gauge, self.watched[name], found)
        return reading

    async def _read(self, name: str, fact: FactPlan) -> Value:
        broken = self._asked.broken.get(name)
        if broken is not None:
            raise CallFailed(broken)
        asked = self._asked
        return await self._sources.read(name, fact, asked.labels, fresh=asked.once)

    def _gauge(self, name: str) -> Gauge:
        return Gauge(
            name=name,
            fact=self._asked.facts[name],
            known=self._asked.known.get(name),
            stale=name in self._asked.stale,
            speed=self._asked.speed,
        )

    async def _sleep_until(self, due: datetime) -> None:
        left = (due - self._now()).total_seconds()
        while left > 0:
            await asyncio.sleep(min(left, LONGEST_SLEEP_S))
            left = (due - self._now()).total_seconds()


def _left_off(asked: MeasureFacts) -> dict[str, Watched]:
    """Where the last try stood when its worker went, else where the last measurement did."""
    details = activity.info().heartbeat_details
    if not details:
        return dict(asked.watched)
    try:
        return _WATCHED.validate_python(details[0])
    except ValidationError:
        return dict(asked.watched)


async def _beat(watch: Watch) -> None:
    """Say that we live, and how far we are."""
    while True:
        activity.heartbeat(_WATCHED.dump_python(watch.watched, mode="json"))
        await asyncio.sleep(BEAT_EVERY_S)


async def _end(*tasks: asyncio.Task[object]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
