"""The product as real processes: a worker and an API beside an engine that runs."""

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from activities.secrets import read_or_create_secret
from cli.engine.server import die_with_parent, end_process
from cli.environment import environment_for
from cli.up.readiness import api_is_ready
from settings import Settings

ROOT = Path(__file__).parent.parent
READY_WITHIN_S = 60.0
STOP_WITHIN_S = 30.0


class BenchError(Exception):
    """Something is broken or was lost; the text says what."""


class Process:
    """One of our processes; its output is in `<data_dir>/logs/<name>.log`."""

    def __init__(self, settings: Settings, name: str, *command: str) -> None:
        self.log = settings.data_dir / "logs" / f"{name}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as sink:
            self.process = subprocess.Popen(
                [*die_with_parent(), sys.executable, *command],
                cwd=ROOT,
                env=_environment(settings),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )

    @property
    def rss(self) -> int:
        """Resident memory in bytes."""
        return int(psutil.Process(self.process.pid).memory_info().rss)

    @property
    def cpu_s(self) -> float:
        """Processor time used so far."""
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)

    def require_alive(self) -> None:
        """Raise BenchError with its last words if it has ended."""
        if self.process.poll() is not None:
            raise BenchError(f"{self.log.stem} ended:\n{self.log.read_text()[-2000:]}")

    def stop(self) -> None:
        """End it, and wait."""
        end_process(self.process, STOP_WITHIN_S)


class Product:
    """A worker and an API; `ready_s` is how long both took from a cold start."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.key = read_or_create_secret(settings.data_dir / "dev-api-key")
        began = time.perf_counter()
        self.worker = Process(settings, "worker", "-m", "cli.main", "worker")
        self.api = Process(settings, "api", "-m", "cli.main", "api")
        self._wait_until_ready(began)
        self.ready_s = time.perf_counter() - began

    def _wait_until_ready(self, began: float) -> None:
        ready = self.settings.data_dir / "run" / "worker.ready"
        mine = str(self.worker.process.pid)
        while True:
            self.worker.require_alive()
            self.api.require_alive()
            polls = ready.exists() and ready.read_text().strip() == mine
            if polls and api_is_ready(self.settings):
                return
            if time.perf_counter() - began > READY_WITHIN_S:
                raise BenchError(f"not ready after {READY_WITHIN_S:.0f} s")
            time.sleep(0.02)

    def stop(self) -> None:
        """End both."""
        self.api.stop()
        self.worker.stop()


def _environment(settings: Settings) -> dict[str, str]:
    """As a user has it: Python may keep the bytecode of our modules."""
    found = environment_for(settings)
    found.pop("PYTHONDONTWRITEBYTECODE", None)
    return found


@contextmanager
def running(settings: Settings) -> Iterator[Product]:
    """A product that is ready, and stopped at the end."""
    product = Product(settings)
    try:
        yield product
    finally:
        product.stop()


async def ready_seconds(settings: Settings, times: int) -> float:
    """The median of several cold starts beside a running engine."""
    taken = []
    for _ in range(times):
        product = await asyncio.to_thread(Product, settings)
        taken.append(product.ready_s)
        await asyncio.to_thread(product.stop)
    return statistics.median(taken)
