"""Follows the roster's imported calendars, has each read, and says how they stand.

Decides when the engine is asked: at the start, when a schedule begins or ceases to import
or its address was edited, and every minute, should a workflow have been ended by hand.
"""

import asyncio
import time
from datetime import UTC, datetime

import structlog

from api.gateway_errors import EngineUnavailable
from api.services import Services
from catalog.calendars import CalendarReport, report
from domain.roster import CalendarImport

log = structlog.get_logger(__name__)

MAKE_SURE_S = 60.0

RETRY_S = 5.0
"""How long the engine is left alone after it did not answer."""


async def follow_calendars(parts: Services, every_s: float = 1.0) -> None:
    """Runs until cancelled; the engine reads every calendar that the roster imports."""
    known: dict[str, CalendarImport] = {}
    sure_until = 0.0
    while True:
        wanted = imported(parts)
        is_time = time.monotonic() >= sure_until
        try:
            await _tell(parts, known, wanted, again=is_time)
            for schedule in known.keys() - wanted.keys():
                await parts.gateway.read_calendar(schedule, known[schedule], look_now=True)
        except EngineUnavailable as error:
            log.warning("calendars_not_read", reason=str(error))
            await asyncio.sleep(RETRY_S)
            continue
        known = wanted
        if is_time:
            sure_until = time.monotonic() + MAKE_SURE_S
        await asyncio.sleep(every_s)


async def _tell(
    parts: Services,
    known: dict[str, CalendarImport],
    wanted: dict[str, CalendarImport],
    *,
    again: bool,
) -> None:
    """Have each calendar read that is new or edited since it was known; `again` the others."""
    for schedule, imports in wanted.items():
        edited = known.get(schedule, imports) != imports
        if again or edited or schedule not in known:
            await parts.gateway.read_calendar(schedule, imports, look_now=edited)


def imported(parts: Services) -> dict[str, CalendarImport]:
    """What the files import, by schedule."""
    schedules = parts.catalog.snapshot.roster.schedules
    return {name: each.imports for name, each in schedules.items() if each.imports is not None}


async def calendar_reports(parts: Services) -> list[CalendarReport]:
    """How every import stands; asks the ledger only if there is one."""
    if not imported(parts):
        return []
    states = await parts.writer.read(lambda ledger: ledger.calendar_states())
    known = {state.schedule: state for state in states}
    return report(parts.snapshot.roster, known, datetime.now(UTC))
