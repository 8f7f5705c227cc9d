"""A bounded number of turns, given to the worst severity first.

Decides who goes next when the engine is busy. A plain semaphore would let a storm of
warnings stand in front of a SEV1.
"""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """At most `limit` holders; those who wait go by rank (1 first), then by arrival."""

    def __init__(self, limit: int) -> None:
        self._free = limit
        self._arrivals = 0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def turn(self, rank: int) -> AsyncIterator[None]:
        """Hold one turn for the length of the block."""
        await self._acquire(rank)
        try:
            yield
        finally:
            self._release()

    async def _acquire(self, rank: int) -> None:
        if self._free > 0:
            self._free -= 1
            return
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._arrivals += 1
        heapq.heappush(self._waiting, (rank, self._arrivals, granted))
        try:
            await granted
        except asyncio.CancelledError:
            # A turn that was granted in the same instant must not be lost.
            if granted.done() and not granted.cancelled():
                self._release()
            raise

    def _release(self) -> None:
        while self._waiting:
            _rank, _arrival, granted = heapq.heappop(self._waiting)
            if not granted.done():
                granted.set_result(None)
                return
        self._free += 1
