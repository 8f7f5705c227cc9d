"""Follows the schedules in service, and has a workflow tell of the shifts of each.

Decides when the engine is told: at the start, at any change of a schedule, be it a file,
a calendar or an override, and every ten minutes, should a workflow have been ended by hand.
At the start every open override gets its workflow too, if a crash kept it from it.
"""

import asyncio
import time
from datetime import UTC, datetime

import structlog

from api.covering import start_of
from api.gateway_errors import EngineUnavailable
from api.services import Services
from domain.roster import Schedule

log = structlog.get_logger(__name__)

MAKE_SURE_S = 600.0

RETRY_S = 5.0
"""How long the engine is left alone after it did not answer."""


async def follow_schedules(parts: Services, every_s: float = 1.0) -> None:
    """Runs until cancelled; the engine follows every schedule of the roster."""
    known: dict[str, Schedule] = {}
    sure_until = 0.0
    while True:
        now = dict(parts.snapshot.roster.schedules)
        is_time = time.monotonic() >= sure_until
        try:
            if is_time:
                await start_open_covers(parts)
            for name in [name for name in known if name not in now]:
                await parts.gateway.shifts_gone(name)
                del known[name]
            for name, schedule in now.items():
                is_new = known.get(name) != schedule
                if is_time or is_new:
                    await parts.gateway.follow_shifts(name, look_now=is_new)
                    known[name] = schedule
        except EngineUnavailable as error:
            log.warning("shifts_not_followed", reason=str(error))
            await asyncio.sleep(RETRY_S)
            continue
        if is_time:
            sure_until = time.monotonic() + MAKE_SURE_S
        await asyncio.sleep(every_s)


async def start_open_covers(parts: Services) -> None:
    """Every override that holds, or may, has its workflow. Raises EngineUnavailable."""
    now = datetime.now(UTC)
    roster = parts.snapshot.roster
    for row in await parts.writer.read(lambda ledger: ledger.open_overrides(now)):
        await parts.gateway.start_cover(start_of(roster, row))
