"""Waiting for something to become so, without guessing how long it takes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

PATIENCE_S = 20.0
LOOK_EVERY_S = 0.02


async def until(is_so: Callable[[], bool], said: Callable[[], str] = str) -> None:
    """Return once it is so; fail, saying how it stands, after `PATIENCE_S`."""
    loop = asyncio.get_running_loop()
    last = loop.time() + PATIENCE_S
    while not is_so():
        assert loop.time() < last, f"never so: {said()}"
        await asyncio.sleep(LOOK_EVERY_S)


async def seen(look: Callable[[], Awaitable[T]], is_so: Callable[[T], bool]) -> T:
    """What is seen once it is so; looks again and again, fails after `PATIENCE_S`."""
    loop = asyncio.get_running_loop()
    last = loop.time() + PATIENCE_S
    while not is_so(found := await look()):
        assert loop.time() < last, f"never so: {found}"
        await asyncio.sleep(LOOK_EVERY_S)
    return found


@dataclass
class Stood:
    """For how many seconds the machine, or this process, did nothing at all."""

    still_s: float = 0.0


@asynccontextmanager
async def stood_still() -> AsyncIterator[Stood]:
    """Counts where nothing went on for longer than a moment, until the block ends.

    What fires late by so much was not late by itself: a virtual machine may be put to sleep.
    """
    stood, loop = Stood(), asyncio.get_running_loop()

    async def count() -> None:
        while True:
            before = loop.time()
            await asyncio.sleep(LOOK_EVERY_S)
            gap = loop.time() - before
            stood.still_s += gap if gap > 10 * LOOK_EVERY_S else 0.0

    counting = asyncio.create_task(count())
    try:
        yield stood
    finally:
        counting.cancel()
