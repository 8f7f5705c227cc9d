"""Runs what blocks in a thread of its own.

Decides that foreign code which hangs takes none of the event loop's few shared threads, on
which name look-ups for pages depend, and that it holds up nobody's exit.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from typing import TypeVar

T = TypeVar("T")


async def in_own_thread(block: Callable[[], T], *, name: str) -> T:
    """What it returns or raises. Cancelled, the thread is left to itself."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()
    context = copy_context()

    def run() -> None:
        try:
            settle = _settling(outcome.set_result, context.run(block))
        except StopIteration:
            settle = _settling(outcome.set_exception, RuntimeError("it raised StopIteration"))
        except BaseException as error:  # noqa: BLE001  # it is raised where it is awaited
            settle = _settling(outcome.set_exception, error)
        with suppress(RuntimeError):  # the loop is gone, and whoever waited with it
            loop.call_soon_threadsafe(lambda: None if outcome.done() else settle())

    threading.Thread(target=run, name=name, daemon=True).start()
    return await outcome


def _settling(settle: Callable[[T], None], value: T) -> Callable[[], None]:
    return lambda: settle(value)
