"""Waiting for something to become so, without guessing how long it takes."""

import asyncio
from collections.abc import Callable

PATIENCE_S = 20.0
LOOK_EVERY_S = 0.02


async def until(is_so: Callable[[], bool], said: Callable[[], str] = str) -> None:
    """Return once it is so; fail, saying how it stands, after `PATIENCE_S`."""
    loop = asyncio.get_running_loop()
    last = loop.time() + PATIENCE_S
    while not is_so():
        assert loop.time() < last, f"never so: {said()}"
        await asyncio.sleep(LOOK_EVERY_S)
