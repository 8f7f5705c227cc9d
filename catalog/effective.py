"""The roster that holds now: the files, and what the ledger adds to them.

Decides when the ledger is read: once a second, beside the look-ups and never by them, so
that who is on call is asked of memory. While the ledger cannot be read, what was last
read holds on. What is added, and how, is in `ADDITIONS`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import structlog

from catalog.calendars import Copies
from catalog.snapshot import Snapshot
from catalog.standing_in import accepted_overrides, roster_now
from domain.roster import Roster
from ledger.store import Ledger
from ledger.writer import Writer

log = structlog.get_logger(__name__)

REFRESH_S = 1.0
"""An override that was accepted elsewhere holds here within this time and a small query."""

T = TypeVar("T")


@dataclass(frozen=True)
class Addition(Generic[T]):
    """Something in the ledger that changes the roster.

    `read` asks the ledger at a moment, with a small query by an index; its answer is
    compared with the last one, and only a new one is laid over the roster again.
    """

    name: str
    read: Callable[[Ledger, datetime], T]
    lay_over: Callable[[Roster, T], Roster]


_COPIES = Copies()

ADDITIONS: tuple[Addition[Any], ...] = (
    Addition("calendars", _COPIES.events, _COPIES.lay_over),
    Addition("overrides", accepted_overrides, roster_now),
)
"""In the order in which they are laid over the files."""


class EffectiveRoster:
    """What the ledger adds, as last read. Asking it touches memory only."""

    def __init__(self, writer: Writer, additions: tuple[Addition[Any], ...] = ADDITIONS) -> None:
        self._writer = writer
        self._additions = additions
        self._known: dict[str, Any] = {}
        self._unread: set[str] = set()
        self._laid: tuple[Roster, Roster] | None = None
        self._shown: tuple[Snapshot, Snapshot] | None = None

    def over(self, roster: Roster) -> Roster:
        """This roster of the files with everything that was last read laid over it."""
        laid = self._laid
        if laid is not None and laid[0] is roster:
            return laid[1]
        result = roster
        for addition in self._additions:
            if self._known.get(addition.name):
                result = addition.lay_over(result, self._known[addition.name])
        self._laid = (roster, result)
        return result

    def snapshot(self, snapshot: Snapshot) -> Snapshot:
        """The same snapshot with the roster that holds now."""
        roster = self.over(snapshot.roster)
        shown = self._shown
        if shown is None or shown[0] is not snapshot or shown[1].roster is not roster:
            shown = (snapshot, snapshot.model_copy(update={"roster": roster}))
            self._shown = shown
        return shown[1]

    async def refresh(self) -> bool:
        """Whether anything is new; what cannot be read stays as it was."""
        now = datetime.now(UTC)
        is_new = False
        for addition in self._additions:
            found = await self._read(addition, now)
            if found is not None and found != self._known.get(addition.name):
                self._known[addition.name] = found
                self._laid = None
                is_new = True
        return is_new

    async def follow(self) -> None:
        """Runs until cancelled: the ledger is read again every second."""
        while True:
            await self.refresh()
            await asyncio.sleep(REFRESH_S)

    async def _read(self, addition: Addition[T], now: datetime) -> T | None:
        try:
            found = await self._writer.read(lambda ledger: addition.read(ledger, now))
        except Exception as error:  # noqa: BLE001  # a ledger that is away must not stop a page
            if addition.name not in self._unread:
                log.warning("roster_addition_unread", addition=addition.name, reason=str(error))
            self._unread.add(addition.name)
            return None
        self._unread.discard(addition.name)
        return found
