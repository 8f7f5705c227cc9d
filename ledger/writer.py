"""The ledger for asyncio: one thread that writes, a few that read.

Decides group commit: while one transaction is under way, further writes gather and go
together as the next. The first write on an idle ledger goes at once.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from ledger.store import Ledger

T = TypeVar("T")

WRITES_AT_ONCE = 64
"""Writes in one transaction; more wait for the next."""

READERS = 4
"""Threads that read at the same time."""

_Waiting = tuple[Callable[[Ledger], Any], "asyncio.Future[Any]"]


class Writer:
    """Runs ledger calls off the event loop; to be used from one loop."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._waiting: list[_Waiting] = []
        self._pump: asyncio.Task[None] | None = None
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix="ledger-write")
        self._read_threads = ThreadPoolExecutor(READERS, thread_name_prefix="ledger-read")

    async def write(self, call: Callable[[Ledger], T]) -> T:
        """The result of the call, once its transaction is committed.

        A call that raises takes back its own writes only, and raises here.
        """
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((call, done))
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._write_all(), name="ledger-writes")
        # A caller that gives up must not take the write of others with it.
        return await asyncio.shield(done)

    async def read(self, call: Callable[[Ledger], T]) -> T:
        """The result of a call that only reads."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._read_threads, call, self.ledger)

    async def close(self) -> None:
        """Finish what waits and end the threads; the ledger itself stays open."""
        if self._pump is not None:
            await self._pump
        self._write_thread.shutdown()
        self._read_threads.shutdown()

    async def _write_all(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting[:WRITES_AT_ONCE], self._waiting[WRITES_AT_ONCE:]
            calls = [call for call, _ in batch]
            try:
                results = await loop.run_in_executor(self._write_thread, self._commit, calls)
            except Exception as error:  # noqa: BLE001  # handed to everyone who waits for it
                results = [error] * len(batch)
            for (_, done), result in zip(batch, results, strict=True):
                _settle(done, result)

    def _commit(self, calls: list[Callable[[Ledger], Any]]) -> list[Any]:
        results: list[Any] = []
        result: Any
        with self.ledger.together():
            for call in calls:
                try:
                    with self.ledger.together():
                        result = call(self.ledger)
                except Exception as error:  # noqa: BLE001  # handed to its caller by `_settle`
                    result = error
                results.append(result)
        return results


def _settle(done: "asyncio.Future[Any]", result: object) -> None:
    if done.done():
        return
    if isinstance(result, Exception):
        done.set_exception(result)
    else:
        done.set_result(result)
