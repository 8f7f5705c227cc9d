"""Group commit: alerts of one incident gather while a signal for it is in flight.

Decides what goes together, in which order, and who is told. The first alert goes at
once; whatever comes until that signal is durable goes as one list after it. So at most
one signal per incident is in flight, and the incident's own timers and pages get their
turn in the engine. Everybody is answered only once their alert is durable.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from pydantic import BaseModel, ConfigDict

from api.gateway_errors import EngineUnavailable
from api.limits import BATCH_ALERTS, BATCH_BYTES, SIGNALS_AT_ONCE, WAITING_LIMIT
from api.turns import Turns
from domain.alert import Alert, trimmed
from domain.incident.input import AlertBatch
from domain.maintenance import Window
from domain.plan import Plan

NOTES_LIMIT = 20
"""Distinct remarks that travel with one batch."""

RETRY_PAUSE_S = 0.1

BREATH_S = 0.1
"""Between two batches for one incident, so that its own timers and pages come through.

Whoever waits meanwhile goes together in the next batch; a lone alert never waits.
"""


class Opening(BaseModel):
    """What an incident is opened with if none runs under its id: the plan and why."""

    model_config = ConfigDict(frozen=True)

    plan: Plan
    dedup_key: str
    alert: Alert


class Delivered(BaseModel):
    """A batch is durable. `reference` is known only where it opened the incident."""

    model_config = ConfigDict(frozen=True)

    opened: bool = False
    reference: str | None = None


class Delivery(BaseModel):
    """Alerts for one incident, in order; `opening` only where they may open it.

    `maintenance` are windows that may cover them; the incident judges each alert itself.
    """

    model_config = ConfigDict(frozen=True)

    workflow_id: str
    alerts: tuple[Alert, ...]
    opening: Opening | None = None
    notes: tuple[str, ...] = ()
    maintenance: tuple[Window, ...] = ()
    rank: int = 3


Send = Callable[[str, AlertBatch, Opening | None], Awaitable[Delivered]]
"""Makes one batch durable, or raises NotFound or EngineUnavailable."""


@dataclass(eq=False)
class _Entry:
    """A part of a delivery that is small enough for one signal, and its waiter."""

    alerts: tuple[Alert, ...]
    size: int
    delivery: Delivery
    done: "asyncio.Future[Delivered]"


@dataclass
class _Line:
    """What waits for one incident; `task` empties it and is dropped with it."""

    entries: deque[_Entry] = field(default_factory=deque)
    task: "asyncio.Task[None] | None" = None


class Inbox:
    """Takes alerts in, hands them to `send` one batch at a time for each incident."""

    def __init__(self, send: Send, *, at_once: int = SIGNALS_AT_ONCE, tries: int = 2) -> None:
        self._send = send
        self._tries = tries
        self._turns = Turns(at_once)
        self._lines: dict[str, _Line] = {}
        self._held = 0

    async def deliver(self, delivery: Delivery) -> Delivered:
        """Return once these alerts are durable; raise what the gateway raised if not.

        A caller who is cancelled takes nothing back: the alerts go all the same.
        """
        if self._held + len(delivery.alerts) > WAITING_LIMIT:
            raise EngineUnavailable("The engine is saturated.")
        entries = _entries(delivery)
        for entry in entries:
            self._hold(entry)
        line = self._lines.setdefault(delivery.workflow_id, _Line())
        line.entries.extend(entries)
        if line.task is None:
            line.task = asyncio.create_task(self._empty(delivery.workflow_id, line))
        await asyncio.wait([entry.done for entry in entries])
        results = [entry.done.result() for entry in entries]
        return next((result for result in results if result.opened), results[0])

    @property
    def open_lines(self) -> int:
        """Incidents that something is in flight or waiting for."""
        return len(self._lines)

    async def close(self) -> None:
        """Return once everything that was taken in is durable or its sender was told."""
        tasks = [line.task for line in self._lines.values() if line.task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)

    def _hold(self, entry: _Entry) -> None:
        self._held += len(entry.alerts)
        entry.done.add_done_callback(lambda _done: self._let_go(entry))

    def _let_go(self, entry: _Entry) -> None:
        self._held -= len(entry.alerts)

    async def _empty(self, workflow_id: str, line: _Line) -> None:
        """Send what waits, batch after batch, until nothing does."""
        try:
            while line.entries:
                rank = min(entry.delivery.rank for entry in line.entries)
                async with self._turns.turn(rank):
                    await self._send_next(workflow_id, line)
                if line.entries:
                    await asyncio.sleep(BREATH_S)
        finally:
            del self._lines[workflow_id]
            _fail(line.entries, EngineUnavailable("The API is stopping."))

    async def _send_next(self, workflow_id: str, line: _Line) -> None:
        entries = _next_batch(line.entries)
        try:
            delivered = await self._send_surely(workflow_id, entries)
        except EngineUnavailable as error:
            # Whoever waits behind would only wait for the same answer.
            _fail([*entries, *line.entries], error)
            line.entries.clear()
        except asyncio.CancelledError:
            _fail(entries, EngineUnavailable("The API is stopping."))
            raise
        except Exception as error:  # noqa: BLE001 - every waiter gets it raised to them
            _fail(entries, error)
        else:
            _tell(entries, delivered)

    async def _send_surely(self, workflow_id: str, entries: list[_Entry]) -> Delivered:
        """Try again under the same batch id: whether the first try arrived is unknown."""
        notes = dict.fromkeys(note for entry in entries for note in entry.delivery.notes)
        windows = {one.id: one for entry in entries for one in entry.delivery.maintenance}
        batch = AlertBatch(
            batch_id=uuid4().hex,
            alerts=tuple(alert for entry in entries for alert in entry.alerts),
            notes=tuple(notes)[:NOTES_LIMIT],
            maintenance=tuple(windows.values()),
        )
        openings = (entry.delivery.opening for entry in entries)
        opening = next((found for found in openings if found is not None), None)
        for _ in range(self._tries - 1):
            try:
                return await self._send(workflow_id, batch, opening)
            except EngineUnavailable:
                await asyncio.sleep(RETRY_PAUSE_S)
        return await self._send(workflow_id, batch, opening)


def _tell(entries: list[_Entry], delivered: Delivered) -> None:
    """All are durable; the one that the incident was opened with is told so."""
    opener = next((entry for entry in entries if entry.delivery.opening is not None), None)
    for entry in entries:
        opened = delivered.opened and entry is opener
        if not entry.done.done():
            entry.done.set_result(delivered.model_copy(update={"opened": opened}))


def _fail(entries: Sequence[_Entry] | deque[_Entry], error: Exception) -> None:
    for entry in entries:
        if not entry.done.done():
            entry.done.set_exception(error)


def _next_batch(waiting: deque[_Entry]) -> list[_Entry]:
    """Take what fits into one signal, oldest first; at least one entry."""
    taken = [waiting.popleft()]
    count, size = len(taken[0].alerts), taken[0].size
    while waiting:
        count += len(waiting[0].alerts)
        size += waiting[0].size
        if count > BATCH_ALERTS or size > BATCH_BYTES:
            break
        taken.append(waiting.popleft())
    return taken


def _entries(delivery: Delivery) -> list[_Entry]:
    """The delivery in parts that each fit into one signal."""
    parts: list[tuple[list[Alert], int]] = [([], 0)]
    for alert in map(trimmed, delivery.alerts):
        size = len(alert.model_dump_json().encode())
        held, total = parts[-1]
        if held and (len(held) >= BATCH_ALERTS or total + size > BATCH_BYTES):
            held, total = [], 0
            parts.append((held, total))
        held.append(alert)
        parts[-1] = (held, total + size)
    return [_entry(tuple(alerts), size, delivery) for alerts, size in parts]


def _entry(alerts: tuple[Alert, ...], size: int, delivery: Delivery) -> _Entry:
    done: asyncio.Future[Delivered] = asyncio.get_running_loop().create_future()
    # A waiter that went away never asks; its failure is no news to the event loop.
    done.add_done_callback(lambda future: future.cancelled() or future.exception())
    return _Entry(alerts=alerts, size=size, delivery=delivery, done=done)
