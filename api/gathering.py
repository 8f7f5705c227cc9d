"""One piece of work at a time; what comes meanwhile goes together as the next.

Decides nothing about the work. A storm of small reads or writes becomes a few large
ones, and a lone one waits for nobody.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

ITEMS_AT_ONCE = 2_000
"""Items in one piece of work; one waiter's items are never split."""


class Gathering(Generic[T, R]):
    """Hands items to `work` together; every waiter gets the result of its piece."""

    def __init__(self, work: Callable[[list[T]], Awaitable[R]]) -> None:
        self._work = work
        self._waiting: list[tuple[Sequence[T], asyncio.Future[R]]] = []
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, items: Sequence[T]) -> R:
        """The result of the work on these items and others; raises what it raised.

        A caller who is cancelled takes nothing back.
        """
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        done.add_done_callback(lambda future: future.cancelled() or future.exception())
        self._waiting.append((items, done))
        if self._task is None:
            self._task = asyncio.create_task(self._work_all())
        return await asyncio.shield(done)

    async def _work_all(self) -> None:
        try:
            while self._waiting:
                await self._work_once(self._next_piece())
        finally:
            self._task = None

    def _next_piece(self) -> list[tuple[Sequence[T], "asyncio.Future[R]"]]:
        taken, count = 0, 0
        while taken < len(self._waiting):
            count += len(self._waiting[taken][0])
            if taken and count > ITEMS_AT_ONCE:
                break
            taken += 1
        piece, self._waiting = self._waiting[:taken], self._waiting[taken:]
        return piece

    async def _work_once(self, piece: list[tuple[Sequence[T], "asyncio.Future[R]"]]) -> None:
        try:
            result = await self._work([item for items, _ in piece for item in items])
        except Exception as error:  # noqa: BLE001 - every waiter gets it raised to them
            for _, done in piece:
                if not done.done():
                    done.set_exception(error)
        except asyncio.CancelledError:
            for _, done in piece:
                done.cancel()
            raise
        else:
            for _, done in piece:
                if not done.done():
                    done.set_result(result)
