"""Waiting for something to become so, without guessing how long it takes."""

import asyncio
from collections.abc import Awaitable, Callable
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
