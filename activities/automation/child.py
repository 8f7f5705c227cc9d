"""A child process on a leash: started, listened to, ended with all that it has started.

Decides how a command is run. It has no input, a process group and a session of its own,
and the environment it is given and nothing else. Whoever stops waiting for it, for whatever
reason, ends it: see `leash`.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from activities.automation.leash import GRACE_S
from activities.automation.transcript import Transcript

LEASH = Path(__file__).with_name("leash.py")

_KILL_AFTER_S = GRACE_S + 3
"""A leash that has not ended the command by then is killed itself."""

_DRAIN_S = 1.0
"""For what is still in the pipes; somebody who left the group may hold them for ever."""


@dataclass(frozen=True)
class Program:
    """What is run, where, and with which environment."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: str


@dataclass(frozen=True)
class Ended:
    """How it ended; `code` is None where its time was over."""

    code: int | None
    transcript: Transcript


async def run(program: Program, limit: timedelta) -> Ended:
    """Run it to its end, or end it when its time is over or the caller is cancelled."""
    transcript = Transcript()
    async with AsyncExitStack() as stack:
        out = await stack.enter_async_context(_listening(transcript, is_stdout=True))
        err = await stack.enter_async_context(_listening(transcript, is_stdout=False))
        process = await stack.enter_async_context(_leashed(program, out, err))
        try:
            async with asyncio.timeout(limit.total_seconds()):
                code: int | None = await process.wait()
        except TimeoutError:
            code = None
    return Ended(code=code, transcript=transcript)


@asynccontextmanager
async def _leashed(
    program: Program, out: int, err: int
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The process; at the end it is gone, with everything in its group."""
    held, leash = os.pipe()
    process: asyncio.subprocess.Process | None = None
    try:
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", str(LEASH), *program.argv),
                stdin=held,
                stdout=out,
                stderr=err,
                env=dict(program.env),
                cwd=program.cwd,
                start_new_session=True,
            )
        finally:
            for descriptor in (held, out, err):
                os.close(descriptor)
        yield process
    finally:
        os.close(leash)
        if process is not None:
            await _until_gone(process)


async def _until_gone(process: asyncio.subprocess.Process) -> None:
    """Wait for the end, also while being cancelled: a process left alone is worse."""
    gone = asyncio.create_task(process.wait())
    loop = asyncio.get_running_loop()
    kill_at = loop.time() + _KILL_AFTER_S
    is_cancelled = False
    while not gone.done():
        try:
            await asyncio.wait({gone}, timeout=max(0.0, kill_at - loop.time()))
        except asyncio.CancelledError:
            is_cancelled = True
        if not gone.done() and loop.time() >= kill_at:
            with suppress(ProcessLookupError):
                process.kill()
            kill_at = loop.time() + _KILL_AFTER_S
    if is_cancelled:
        raise asyncio.CancelledError


class _Listener(asyncio.Protocol):
    def __init__(self, transcript: Transcript, *, is_stdout: bool) -> None:
        self._transcript = transcript
        self._is_stdout = is_stdout
        self.is_over = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self._transcript.add(data, is_stdout=self._is_stdout)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.is_over.set()


@asynccontextmanager
async def _listening(transcript: Transcript, *, is_stdout: bool) -> AsyncIterator[int]:
    """The end to write to, for the child; at the end all that was written has been read."""
    reading, writing = os.pipe()
    listener = _Listener(transcript, is_stdout=is_stdout)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: listener, os.fdopen(reading, "rb", 0))
    try:
        yield writing
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_S):
                await listener.is_over.wait()
    finally:
        transport.close()
