"""Engine, worker and API as child processes: started in order, watched, stopped in order.

Decides what belongs to one running copy: its lock, pid files, logs and development key.
`watchbill up` keeps one running, `watchbill demo` tells a story on one.
"""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from activities.secrets import read_or_create_secret
from cli.engine.search import Say
from cli.engine.server import (
    RunningEngine,
    die_with_parent,
    end_process,
    find_engine,
    require_free_port,
    start_engine,
)
from cli.environment import environment_for
from cli.up.readiness import Readiness, ask_readiness
from settings import Settings

READY_WITHIN_S = 60.0
STOP_WITHIN_S = 15.0


class StackError(Exception):
    """A copy could not be started; the text says why and what to do."""


@dataclass
class Child:
    """One of our processes; `log` holds its output of this and earlier runs."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    pid_file: Path

    def stop(self) -> None:
        """Ask it to end, wait, and kill it if it does not."""
        end_process(self.process, STOP_WITHIN_S)
        self.pid_file.unlink(missing_ok=True)


@dataclass(frozen=True)
class Ended:
    """A part that has ended by itself; `status` is negative for a signal."""

    name: str
    status: int
    log: Path

    def __str__(self) -> str:
        how = f"killed by signal {-self.status}" if self.status < 0 else f"status {self.status}"
        words = recent_lines(self.log) or "(none)"
        return f"{self.name} ended by itself ({how}). Its last lines ({self.log}):\n{words}"


@dataclass
class Stack:
    """What runs. `engine` is None if a Temporal server elsewhere is used."""

    settings: Settings
    key: str
    engine: RunningEngine | None = None
    children: list[Child] = field(default_factory=list)

    def ended(self) -> Ended | None:
        """The first part that has ended by itself, if any."""
        for child in self.children:
            if child.process.poll() is not None:
                return Ended(child.name, child.process.returncode, child.log)
        if self.engine is not None and self.engine.process.poll() is not None:
            return Ended("engine", self.engine.process.returncode, self.engine.log)
        return None

    def stop(self, say: Say) -> None:
        """Stop the API, then the worker, which finishes its work, then the engine."""
        for child in reversed(self.children):
            child.stop()
            say(f"{child.name}: stopped")
        if self.engine is not None:
            self.engine.stop()
            say("engine: stopped")


@contextmanager
def running_stack(settings: Settings, say: Say, *, headless: bool = False) -> Iterator[Stack]:
    """A copy that is ready, and stopped cleanly at the end.

    Raises StackError or EngineError if it cannot be started.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with _only_copy(settings.data_dir):
        require_free_port(settings.api_port, "WATCHBILL_API_PORT", settings.bind)
        stack = Stack(settings, read_or_create_secret(settings.data_dir / "dev-api-key"))
        try:
            _start(stack, say, headless=headless)
            yield stack
        finally:
            stack.stop(say)


def uses_own_engine() -> bool:
    """Whether no other Temporal is named by its standard variables or its file."""
    from temporalio.envconfig import ClientConfig

    try:
        config = ClientConfig.load_client_connect_config(config_file_strict=True)
    except RuntimeError as error:
        raise StackError(f"Temporal's own configuration cannot be read: {error}") from error
    return not config.get("target_host")


def recent_lines(log: Path, count: int = 15) -> str:
    """The end of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])


def _start(stack: Stack, say: Say, *, headless: bool) -> None:
    settings = stack.settings
    for name in ("run", "logs"):
        (settings.data_dir / name).mkdir(parents=True, exist_ok=True)
    if uses_own_engine():
        stack.engine = start_engine(settings, find_engine(settings, say), say, headless=headless)
    stack.children.append(_spawn(settings, "worker"))
    stack.children.append(_spawn(settings, "api"))
    _wait_until_ready(stack, say)
    say("worker: ready")
    say(f"api: ready at {settings.local_address}")


def _spawn(settings: Settings, name: str) -> Child:
    log = settings.data_dir / "logs" / f"{name}.log"
    with log.open("ab") as sink:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [*die_with_parent(), sys.executable, "-m", "cli.main", name],
            env=environment_for(settings),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
    pid_file = settings.data_dir / "run" / f"{name}.pid"
    pid_file.write_text(f"{process.pid}\n")
    return Child(name, process, log, pid_file)


def _wait_until_ready(stack: Stack, say: Say) -> None:
    """What will not mend itself is said at once: whoever mends it now need not start anew."""
    deadline = time.monotonic() + READY_WITHIN_S
    told: set[str] = set()
    while True:
        found = ask_readiness(stack.settings)
        if found.is_ready and _worker_is_ready(stack):
            return
        if ended := stack.ended():
            raise StackError(str(ended))
        if time.monotonic() > deadline:
            raise StackError(_never_ready(stack.settings, found))
        for sentence in found.stays:
            if sentence not in told:
                say(f"api: waits: {sentence}")
        told |= set(found.stays)
        time.sleep(0.05)


def _never_ready(settings: Settings, found: Readiness) -> str:
    head = f"not ready after {READY_WITHIN_S:.0f} s; see {settings.data_dir / 'logs'}"
    return "\n  ".join((head, *found.wrong))


def _worker_is_ready(stack: Stack) -> bool:
    """The worker leaves its pid in a file once it polls."""
    ready = stack.settings.data_dir / "run" / "worker.ready"
    pids = {str(child.process.pid) for child in stack.children if child.name == "worker"}
    try:
        return ready.read_text().strip() in pids
    except FileNotFoundError:
        return False


@contextmanager
def _only_copy(data_dir: Path) -> Iterator[None]:
    """Hold the data directory's lock; StackError if another copy holds it."""
    lock: IO[str] = (data_dir / "up.lock").open("a+")
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise StackError(
                f"Watchbill already runs on {data_dir} (process {lock.read().strip() or '?'}); "
                "stop it, or set WATCHBILL_DATA_DIR and the ports for a second copy"
            ) from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield
    finally:
        lock.close()
