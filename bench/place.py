"""One place for all measurements: an engine, a receiver and the processes of both sides."""

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client  # noqa: TID251 - looks at the engine from outside
from temporalio.contrib.pydantic import pydantic_data_converter

from bench.floor_activities import URL_VARIABLE
from bench.playbooks import write_playbooks
from bench.product import BenchError, Process
from bench.receiver import Receiver
from cli.engine.server import find_engine, start_engine
from settings import Settings


@dataclass(frozen=True)
class Place:
    """What every measurement needs."""

    settings: Settings
    receiver: Receiver
    client: Client


@asynccontextmanager
async def open_place() -> AsyncIterator[Place]:
    """A temporary directory with an engine on a SQLite file; all gone at the end."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="watchbill-bench-")))
        receiver = await stack.enter_async_context(Receiver())
        write_playbooks(folder / "playbooks", receiver.url)
        settings = Settings(
            data_dir=folder / "data",
            playbooks=folder / "playbooks",
            api_port=free_port(),
            temporal_port=free_port(),
            ui_port=free_port(),
            temporal_binary=Settings().temporal_binary,
            engine_cache=Settings().engine_cache,
            bundle_window_s=0,  # one person is paged for everything; pages.py turns it on
        )
        program = await asyncio.to_thread(find_engine, settings, _quiet)
        engine = await asyncio.to_thread(start_engine, settings, program, _quiet, headless=True)
        stack.callback(engine.stop)
        address = f"127.0.0.1:{settings.temporal_port}"
        client = await Client.connect(address, data_converter=pydantic_data_converter)
        yield Place(settings, receiver, client)


@contextmanager
def floor_worker(place: Place) -> Iterator[Process]:
    """The floor's worker process, ready, and stopped at the end."""
    ready = place.settings.data_dir / "run" / "floor.ready"
    ready.unlink(missing_ok=True)
    process = Process(
        place.settings,
        "floor",
        "-c",
        "import asyncio, os; from bench.floor import serve; from settings import Settings; "
        f"os.environ[{URL_VARIABLE!r}] = {place.receiver.url!r}; asyncio.run(serve(Settings()))",
    )
    try:
        _wait_for(ready, process)
        yield process
    finally:
        process.stop()


def free_port() -> int:
    """A TCP port on loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(file: Path, process: Process, within_s: float = 60.0) -> None:
    import time

    deadline = time.monotonic() + within_s
    while not file.exists():
        process.require_alive()
        if time.monotonic() > deadline:
            raise BenchError(f"{file.name} did not come")
        time.sleep(0.02)


def _quiet(_line: str) -> None:
    return
