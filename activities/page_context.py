"""What a page knows from the record: how the last incidents of its playbook ended.

Decides that a page never waits for it: what is not known within 150 ms is left out, and
known to the next page. It is asked once in 30 s for each playbook, whatever the storm.
"""

import asyncio
import time
from dataclasses import dataclass

from temporalio import activity

from domain.clock_text import duration_text
from domain.incident.effects import Message
from domain.templates import neutralised
from ledger.records import PastIncident
from ledger.writer import Writer

SHOWN = 3
WAIT_S = 0.15
REMEMBER_S = 30.0
LINE_LIMIT = 200
_PLAYBOOKS = 1_000


@dataclass(frozen=True)
class _Asked:
    at: float
    found: "asyncio.Task[tuple[PastIncident, ...]]"


class PageContext:
    """The record as pages see it; for one event loop."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._asked: dict[str, _Asked] = {}

    async def earlier(self, message: Message) -> tuple[str, ...]:
        """A line for each of the last three incidents of the playbook, the latest first."""
        if not message.playbook:
            return ()
        asked = self._ask(message.playbook)
        try:
            async with asyncio.timeout(WAIT_S):
                found = await asyncio.shield(asked)
        except TimeoutError:
            return ()
        except Exception as error:  # noqa: BLE001  # the page goes, whatever the record does
            activity.logger.warning("no earlier incidents on the page: %s", error)
            return ()
        others = [past for past in found if past.reference != message.reference]
        return tuple(line_of(past) for past in others[:SHOWN])

    def under_way(self) -> list["asyncio.Task[tuple[PastIncident, ...]]"]:
        """The look-ups that are not finished, and whose answers the next pages will have."""
        return [asked.found for asked in self._asked.values() if not asked.found.done()]

    def _ask(self, playbook: str) -> "asyncio.Task[tuple[PastIncident, ...]]":
        known, now = self._asked.get(playbook), time.monotonic()
        if known is not None and now - known.at < REMEMBER_S:
            return known.found
        if len(self._asked) >= _PLAYBOOKS:
            self._asked.clear()
        found = asyncio.create_task(
            self._writer.read(lambda ledger: ledger.past(playbook, SHOWN + 1)),
            name=f"earlier-{playbook}",
        )
        found.add_done_callback(_looked_at)
        self._asked[playbook] = _Asked(now, found)
        return found


def line_of(past: PastIncident) -> str:
    """`INC-M4T9WC (SEV2, 3 Nov 2026, 42 min): Rolled back.`, at most 200 characters."""
    took = duration_text(past.resolved_at - past.opened_at)
    day = f"{past.opened_at.day} {past.opened_at:%b %Y}"
    fixed = " ".join(past.fixed_by.split()) or "nobody said what fixed it"
    line = f"{past.reference} ({past.severity}, {day}, {took}): {neutralised(fixed)}"
    return line if len(line) <= LINE_LIMIT else f"{line[: LINE_LIMIT - 1]}…"


def _looked_at(task: "asyncio.Task[tuple[PastIncident, ...]]") -> None:
    """A failure that no page waits for any more is no news to the event loop."""
    if not task.cancelled():
        task.exception()
