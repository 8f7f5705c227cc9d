"""Follows the catalog while the API runs, and tells incidents whose people left.

Decides which incidents hear of a roster change: the open ones, once each.
"""

import asyncio
from collections.abc import Callable

import structlog

from api.gateway_errors import EngineUnavailable
from api.services import Services
from ledger import Ledger, Page

log = structlog.get_logger(__name__)

PAGE = 200
"""Incidents read from the record at a time."""

RETRY_S = 5.0
"""How long the engine is left alone after it did not answer."""


async def follow_roster(parts: Services, known: set[str], every_s: float = 1.0) -> None:
    """Runs until cancelled; a person who leaves the roster is told to open incidents.

    While the engine is away it is tried again, since a vacant role must page.
    """
    while True:
        await asyncio.sleep(every_s)
        now = set(parts.snapshot.roster.users)
        gone = known - now
        if not gone:
            known = now
            continue
        try:
            await tell_incidents(parts, tuple(sorted(gone)))
        except EngineUnavailable as error:
            log.warning("roster_change_untold", gone=sorted(gone), reason=str(error))
            await asyncio.sleep(RETRY_S)
        else:
            log.info("roster_change_told", gone=sorted(gone))
            known = now


async def tell_incidents(parts: Services, gone: tuple[str, ...]) -> None:
    """Every open incident knows that these users left. Raises EngineUnavailable."""
    cursor: str | None = None
    while True:
        page = await parts.writer.read(_open_after(cursor))
        if page.items:
            await parts.gateway.roster_changed(gone, [view.id for view in page.items])
        cursor = page.next
        if cursor is None:
            return


def _open_after(cursor: str | None) -> Callable[[Ledger], Page]:
    return lambda ledger: ledger.incidents("open", PAGE, cursor)
