"""Real `watchbill engine`, `worker` and `api` processes that tests may kill.

Each copy has its own data directory and ports, and is ended with its test.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from activities.secrets import read_or_create_secret
from cli.engine.server import die_with_parent
from cli.environment import environment_for
from cli.up.readiness import api_is_ready
from settings import Settings
from tests.receivers import free_port

Name = Literal["engine", "worker", "api"]
READY_WITHIN_S = 60.0
ROOT = Path(__file__).parent.parent


class Processes:
    """One copy of the product, part by part. Output is in `<data_dir>/logs/<name>.out`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.key = read_or_create_secret(settings.data_dir / "dev-api-key")
        self._running: dict[Name, subprocess.Popen[bytes]] = {}
        self._seen: dict[Name, int] = {}
        for name in ("run", "logs"):
            (settings.data_dir / name).mkdir(parents=True, exist_ok=True)

    @property
    def api_url(self) -> str:
        """The API's address."""
        return f"http://127.0.0.1:{self.settings.api_port}"

    @property
    def temporal_address(self) -> str:
        """The engine's address."""
        return f"127.0.0.1:{self.settings.temporal_port}"

    def start(self, *names: Name) -> None:
        """Start these, in this order, and wait until each is ready."""
        for name in names:
            self.begin(name)
            self.wait_until_ready(name)

    def begin(self, name: Name) -> None:
        """Start it without waiting."""
        self._seen[name] = len(self.output(name))
        self._running[name] = self._spawn(name)

    def wait_until_ready(self, name: Name) -> None:
        """Until it is ready, or AssertionError with its output."""
        deadline = time.monotonic() + READY_WITHIN_S
        while not self._is_ready(name):
            if time.monotonic() > deadline:
                raise AssertionError(f"{name} is not ready:\n{self.output(name)}")
            time.sleep(0.02)

    def kill(self, name: Name) -> None:
        """End it with SIGKILL, as a crash would, and wait until it is gone."""
        process = self._running.pop(name)
        if name == "engine":
            server = int((self.settings.data_dir / "run" / "engine.pid").read_text())
            os.kill(server, signal.SIGKILL)
        else:
            process.kill()
        process.wait()

    def stop(self, name: Name) -> int:
        """End it with SIGTERM; its exit status."""
        process = self._running.pop(name)
        process.terminate()
        return process.wait(timeout=30)

    def stop_all(self) -> None:
        """End whatever runs, the engine last; kill what does not go."""
        in_order: tuple[Name, ...] = ("api", "worker", "engine")
        for name in in_order:
            process = self._running.pop(name, None)
            if process is None:
                continue
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def output(self, name: Name) -> str:
        """Everything the process has written in all its lives."""
        file = self._output_file(name)
        return file.read_text(errors="replace") if file.exists() else ""

    def _output_file(self, name: Name) -> Path:
        return self.settings.data_dir / "logs" / f"{name}.out"

    def _spawn(self, name: Name) -> subprocess.Popen[bytes]:
        headless = ["--headless"] if name == "engine" else []
        with self._output_file(name).open("ab") as sink:
            return subprocess.Popen(
                [*die_with_parent(), sys.executable, "-m", "cli.main", name, *headless],
                cwd=ROOT,
                env=environment_for(self.settings),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )

    def _is_ready(self, name: Name) -> bool:
        process = self._running[name]
        if process.poll() is not None:
            raise AssertionError(f"{name} ended ({process.returncode}):\n{self.output(name)}")
        if name == "engine":
            return "engine: ready" in self.output(name)[self._seen[name] :]
        if name == "api":
            return api_is_ready(self.settings)
        ready = self.settings.data_dir / "run" / "worker.ready"
        return ready.exists() and ready.read_text().strip() == str(process.pid)


def settings_for(data_dir: Path, **changes: object) -> Settings:
    """Settings with a data directory and free ports; anything else by name.

    Pages do not gather: tests page the same few people over and over.
    """
    values: dict[str, object] = {
        "bundle_window_s": 0.0,
        "data_dir": data_dir,
        "api_port": free_port(),
        "temporal_port": free_port(),
        "ui_port": free_port(),
        "playbooks": ROOT / "playbooks",
        "relief_offers": False,  # a test that runs at night must read as one by day
    }
    return Settings.model_validate(values | changes)


@contextmanager
def processes(settings: Settings) -> Iterator[Processes]:
    """A copy with nothing running yet; all of it is ended at the end."""
    copy = Processes(settings)
    try:
        yield copy
    finally:
        copy.stop_all()
