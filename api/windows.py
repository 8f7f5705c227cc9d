"""The maintenance windows that hold now, as one process sees them.

Decides how old that picture may be. A ledger that does not answer takes no window away
and adds none: what is not known to be covered pages.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Protocol

import structlog

from api.routed import Routed
from domain.alert import Alert
from domain.maintenance import Window
from domain.plan import Plan
from ledger import Ledger, Writer
from ledger.maintenance_book import SUPPRESSED
from ledger.records import MaintenanceRecord

log = structlog.get_logger(__name__)

FRESH_S = 1.0
"""How old the picture may be: a storm asks the ledger once a second."""


class MaintenanceGateway(Protocol):
    """What maintenance asks of the engine; raises `api.gateway_errors`."""

    async def maintenance_changed(self, window: Window, workflow_ids: Sequence[str]) -> None:
        """Tell these incidents of a window as it is now."""


class Windows:
    """The windows in force, read again when they are older than `FRESH_S`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._known: tuple[Window, ...] = ()
        self._read_at = -FRESH_S
        self._reading: asyncio.Task[None] | None = None

    async def active(self) -> tuple[Window, ...]:
        """The windows that hold now. Whoever asks first goes on first."""
        if self._reading is None and time.monotonic() - self._read_at >= FRESH_S:
            self._reading = asyncio.create_task(self._read(), name="maintenance-windows")
        if self._reading is not None:
            await asyncio.shield(self._reading)
        now = datetime.now(UTC)
        return tuple(window for window in self._known if window.is_active(now))

    async def _read(self) -> None:
        began, now = time.monotonic(), datetime.now(UTC)
        try:
            self._known = await self._writer.read(lambda ledger: ledger.maintenance.active(now))
        except Exception:
            # Whatever the database says: an alert must page without it.
            log.exception("maintenance_not_read")
        self._read_at = began
        self._reading = None

    def forget(self) -> None:
        """Read them again the next time."""
        self._read_at = -FRESH_S

    async def as_held_back(self, routed: Sequence[Routed]) -> list[Routed]:
        """What was added to an incident that the record knows as suppressed is suppressed too."""
        asked = {
            one.incident
            for one in routed
            if one.outcome == "added" and one.maintenance and one.incident
        }
        if not asked:
            return list(routed)
        among = tuple(sorted(asked))
        held = await self._writer.read(lambda ledger: ledger.maintenance.suppressed_among(among))
        return [
            suppressed(one)
            if one.outcome == "added" and one.maintenance and one.incident in held
            else one
            for one in routed
        ]

    async def tell_of_changes(self, gateway: MaintenanceGateway, routed: Sequence[Routed]) -> None:
        """Tell incidents just suppressed of windows that were changed meanwhile.

        Whoever changes a window reads which incidents it holds after writing it; we read the
        window after writing the incident's alerts. So one of the two sees the other.
        """
        held: dict[str, set[str]] = {}
        known: dict[str, Window] = {}
        for one in routed:
            if one.outcome != SUPPRESSED or one.incident is None:
                continue
            for window in one.maintenance:
                held.setdefault(window.id, set()).add(one.incident)
                known[window.id] = window
        for window_id, incidents in held.items():
            found = await self._writer.read(_find(window_id))
            if found is not None and found.window.ends_at != known[window_id].ends_at:
                await gateway.maintenance_changed(found.window, sorted(incidents))


def holding(windows: Iterable[Window], alert: Alert, plan: Plan | None) -> tuple[Window, ...]:
    """The windows that cover this alert; a resolve needs none.

    Without a plan (its owner is known, not by which playbook) every window on a service
    comes along: the incident knows its own service, and judges.
    """
    if not alert.is_firing:
        return ()
    service = plan.service if plan else None
    return tuple(
        window
        for window in windows
        if window.covers(alert.labels, service) or (plan is None and window.service is not None)
    )


def suppressed(routed: Routed) -> Routed:
    """The same, as an alert that maintenance holds back, saying until when."""
    last = max(routed.maintenance, key=lambda window: window.ends_at)
    note = (
        f"suppressed until {last.ends_at:%Y-%m-%d %H:%M} UTC: maintenance {last.id}, {last.reason}"
    )
    return routed.model_copy(update={"outcome": SUPPRESSED, "notes": (*routed.notes, note)})


def _find(window_id: str) -> Callable[[Ledger], MaintenanceRecord | None]:
    return lambda ledger: ledger.maintenance.find(window_id)
