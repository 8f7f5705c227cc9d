"""Follows the drills that playbooks declare, and has the engine run them by themselves.

Decides which schedules the engine is asked to keep and to drop: at the start, when a file
changes, and every ten minutes, should one have been deleted by hand. A playbook whose file
is broken keeps its schedule as it stands.
"""

import asyncio
import time
from collections.abc import Iterable

import structlog

from api.gateway_errors import EngineUnavailable
from api.services import Services
from catalog import Snapshot
from compiler.compile import is_playbook
from domain.drill_run import DrillSchedule

log = structlog.get_logger(__name__)

MAKE_SURE_S = 600.0

RETRY_S = 5.0
"""How long the engine is left alone after it did not answer."""


async def follow_drills(parts: Services, every_s: float = 1.0) -> None:
    """Runs until cancelled; the engine has a schedule for every drill that wants one."""
    known: dict[str, DrillSchedule] = {}
    sure_until = 0.0
    while True:
        snapshot = parts.catalog.snapshot
        is_time = time.monotonic() >= sure_until
        try:
            wanted = wanted_schedules(snapshot)
            for name, schedule in wanted.items():
                if is_time or known.get(name) != schedule:
                    await parts.gateway.keep_drill(schedule)
                    known[name] = schedule
            seen = await parts.gateway.drill_schedules() if is_time else ()
            for name in gone(snapshot, {*known, *(each.playbook for each in seen)}):
                await parts.gateway.drop_drill(name)
                known.pop(name, None)
        except EngineUnavailable as error:
            log.warning("drills_not_scheduled", reason=str(error))
            await asyncio.sleep(RETRY_S)
            continue
        if is_time:
            sure_until = time.monotonic() + MAKE_SURE_S
        await asyncio.sleep(every_s)


def wanted_schedules(snapshot: Snapshot) -> dict[str, DrillSchedule]:
    """The drills that run by themselves, by playbook."""
    return {
        name: DrillSchedule(playbook=name, every=drill.every, source=snapshot.plan_paths[name])
        for name, drill in snapshot.drills.items()
        if drill.every is not None and name in snapshot.plan_paths
    }


def gone(snapshot: Snapshot, scheduled: Iterable[str]) -> tuple[str, ...]:
    """Those of these playbooks that want no drill any more, as far as one can know.

    What a broken file says is not known; one whose playbook nobody knows may be any.
    """
    wanted = wanted_schedules(snapshot)
    served = set(snapshot.plan_paths.values())
    unread = any(is_playbook(each.path) and each.path not in served for each in snapshot.broken)
    found = []
    for name in sorted(set(scheduled) - wanted.keys()):
        path = snapshot.plan_paths.get(name)
        is_unknown = unread if path is None else snapshot.is_broken(path)
        if not is_unknown:
            found.append(name)
    return tuple(found)
