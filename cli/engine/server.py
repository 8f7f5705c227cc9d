"""Runs the embedded Temporal dev server with our settings (`watchbill engine`).

Decides the server's arguments, what it is told after its start (retention), and when it
counts as ready. Where its program comes from is `cli.engine.search`.
"""

import asyncio
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cli.engine.search import EngineError, Say, find_engine
from settings import Settings
from workflows.search_attributes import NAMES

__all__ = ["EngineError", "RunningEngine", "find_engine", "start_engine"]

DYNAMIC_CONFIG = {
    # The one shard polls 20 times a second as shipped: two waits of 40 ms per page.
    "history.transferProcessorMaxPollRPS": "1000",
    "history.timerProcessorMaxPollRPS": "1000",
    # Priority order is strict only with the new matcher and one partition.
    "system.enableActivityEagerExecution": "true",
    "matching.useNewMatcher": "true",
    "matching.numTaskqueueReadPartitions": "1",
    "matching.numTaskqueueWritePartitions": "1",
}

READY_WITHIN_S = 60.0
STOP_WITHIN_S = 10.0


def end_process(process: subprocess.Popen[bytes], within_s: float) -> None:
    """Ask it to end and wait; it is killed if it does not go in time."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(within_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@dataclass(frozen=True)
class RunningEngine:
    """A dev server of ours. `process` is the server itself, not a wrapper."""

    process: subprocess.Popen[bytes]
    address: str
    log: Path
    pid_file: Path

    def stop(self) -> None:
        """End the server and wait for it; it is killed if it does not go within 10 s."""
        end_process(self.process, STOP_WITHIN_S)
        self.pid_file.unlink(missing_ok=True)


def server_arguments(settings: Settings, *, headless: bool = False) -> list[str]:
    """Everything after the program's name."""
    arguments = ["server", "start-dev", "--ip", "127.0.0.1", "--port", str(settings.temporal_port)]
    arguments += ["--headless"] if headless else ["--ui-port", str(settings.ui_port)]
    arguments += ["--db-filename", str(settings.data_dir.resolve() / "temporal.db")]
    arguments += ["--log-level", "error"]
    if settings.temporal_namespace != "default":
        arguments += ["--namespace", settings.temporal_namespace]
    return arguments + extra_arguments()


def extra_arguments() -> list[str]:
    """The settings that tests' servers share: dynamic configuration and search attributes."""
    arguments: list[str] = []
    for key, value in DYNAMIC_CONFIG.items():
        arguments += ["--dynamic-config-value", f"{key}={value}"]
    for name in NAMES:
        arguments += ["--search-attribute", f"{name}=Keyword"]
    return arguments


def start_engine(
    settings: Settings, program: Path, say: Say, *, headless: bool = False
) -> RunningEngine:
    """The server, ready for clients; EngineError with its last words if it does not start."""
    require_free_port(settings.temporal_port, "WATCHBILL_TEMPORAL_PORT")
    if not headless:
        require_free_port(settings.ui_port, "WATCHBILL_UI_PORT")
    retention = parse_retention(settings.retention)
    log = _prepare_folders(settings)
    pid_file = settings.data_dir / "run" / "engine.pid"
    with log.open("ab") as sink:
        process = subprocess.Popen(  # noqa: S603 - the program was found and checked
            [*die_with_parent(), str(program), *server_arguments(settings, headless=headless)],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
    pid_file.write_text(f"{process.pid}\n")
    engine = RunningEngine(process, f"127.0.0.1:{settings.temporal_port}", log, pid_file)
    try:
        _wait_until_ready(engine, settings.temporal_namespace, retention)
    except BaseException:
        engine.stop()
        raise
    say(f"engine: ready at {engine.address}")
    return engine


def require_free_port(port: int, setting: str, host: str = "127.0.0.1") -> None:
    """Raise EngineError naming the setting if something listens on the port already."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise EngineError(
                f"port {port} on {host} cannot be used ({error.strerror}); "
                f"set {setting} to a free one"
            ) from error


def die_with_parent() -> list[str]:
    """What to put before a command so that the kernel ends it if we are killed (Linux)."""
    setpriv = shutil.which("setpriv")
    if setpriv is None or not sys.platform.startswith("linux"):
        return []
    return [setpriv, "--pdeathsig", "TERM", "--"]


def parse_retention(text: str) -> timedelta:
    """`30d` or `72h`; EngineError otherwise. Temporal wants at least one hour."""
    found = re.fullmatch(r"(\d{1,5})([dh])", text.strip())
    if found is None or int(found[1]) == 0:
        raise EngineError(f"WATCHBILL_RETENTION is {text!r}; write days or hours, such as 30d, 72h")
    amount = int(found[1])
    return timedelta(days=amount) if found[2] == "d" else timedelta(hours=amount)


def wait_for_engine(engine: RunningEngine) -> int:
    """Block until SIGINT, SIGTERM or the server's end; 0 if we were asked to stop."""
    asked: list[int] = []

    def ask(number: int, _frame: object) -> None:
        asked.append(number)
        engine.process.terminate()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    engine.process.wait()
    engine.stop()
    return 0 if asked else 1


def _prepare_folders(settings: Settings) -> Path:
    for name in ("run", "logs"):
        (settings.data_dir / name).mkdir(parents=True, exist_ok=True)
    return settings.data_dir / "logs" / "engine.log"


def _wait_until_ready(engine: RunningEngine, namespace: str, retention: timedelta) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    host, _, port = engine.address.rpartition(":")
    while not _accepts(host, int(port)):
        if engine.process.poll() is not None:
            raise EngineError(f"the Temporal server ended at once:\n{_last_words(engine.log)}")
        if time.monotonic() > deadline:
            raise EngineError(
                f"the Temporal server is not ready after {READY_WITHIN_S:.0f} s; see {engine.log}"
            )
        time.sleep(0.02)
    asyncio.run(_settle(engine, namespace, retention, deadline))


def _accepts(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


async def _settle(
    engine: RunningEngine, namespace: str, retention: timedelta, deadline: float
) -> None:
    """Set the namespace's retention, asking again until the server knows the namespace."""
    from google.protobuf.duration_pb2 import Duration
    from temporalio.api.namespace.v1 import NamespaceConfig
    from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest
    from temporalio.client import Client  # noqa: TID251 - the engine sets up its own namespace
    from temporalio.service import RPCError

    ttl = Duration(seconds=int(retention.total_seconds()))
    request = UpdateNamespaceRequest(
        namespace=namespace, config=NamespaceConfig(workflow_execution_retention_ttl=ttl)
    )
    while True:
        try:
            client = await Client.connect(engine.address, namespace=namespace)
            await client.workflow_service.update_namespace(request, timeout=timedelta(seconds=5))
        except (RPCError, RuntimeError) as error:
            if engine.process.poll() is not None:
                raise EngineError(_last_words(engine.log)) from error
            if time.monotonic() > deadline:
                raise EngineError(f"the Temporal server does not answer: {error}") from error
            await asyncio.sleep(0.05)
        else:
            return


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return "\n".join(lines[-5:]) or f"(no output; see {log})"
