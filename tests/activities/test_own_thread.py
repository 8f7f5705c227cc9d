"""What blocks has a thread of its own, and takes nobody else's."""

import asyncio
import threading

import pytest

from activities.automation.own_thread import in_own_thread

MANY = 40
"""More than the event loop has threads."""


def a_failure() -> None:
    """Fails as foreign code does."""
    raise ValueError("it broke")


async def test_what_it_returns_and_raises_arrives():
    assert await in_own_thread(lambda: 7, name="seven") == 7
    with pytest.raises(ValueError, match="it broke"):
        await in_own_thread(a_failure, name="broken")


async def test_however_many_hang_name_look_ups_of_pages_go_on():
    """The event loop's own threads are six on two cores, and look-ups need them."""
    over = threading.Event()
    hanging = [asyncio.create_task(in_own_thread(over.wait, name="hangs")) for _ in range(MANY)]
    try:
        async with asyncio.timeout(10):
            found = await asyncio.get_running_loop().getaddrinfo("localhost", 80)
    finally:
        over.set()
        await asyncio.gather(*hanging)

    assert found


async def test_a_thread_that_nobody_waits_for_any_more_ends_quietly():
    over, ended = threading.Event(), threading.Event()

    def hang() -> None:
        over.wait()
        ended.set()
        a_failure()

    waiting = asyncio.create_task(in_own_thread(hang, name="left"))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    over.set()

    assert await in_own_thread(lambda: ended.wait(10), name="looks")
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "left")
