"""Debian's Alertmanager as a real process, and Prometheus's part in front of it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx

from tests.programs import program
from tests.receivers import free_port

STARTED = "2026-01-01T00:00:00Z"


@contextmanager
def running_alertmanager(folder: Path, config: str) -> Iterator[str]:
    """The address of an Alertmanager with this configuration, ended at the end."""
    port = free_port()
    (folder / "alertmanager.yml").write_text(config)
    process = subprocess.Popen(
        [
            str(program("prometheus-alertmanager")),
            f"--config.file={folder / 'alertmanager.yml'}",
            f"--storage.path={folder / 'alertmanager'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
        ],
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def tell(alertmanager: str, *labels: dict[str, str], ended: bool = False) -> None:
    """Post alerts with these labels as Prometheus does, once Alertmanager listens."""
    alerts: list[dict[str, object]] = [{"labels": one, "startsAt": STARTED} for one in labels]
    if ended:
        for alert in alerts:
            alert["endsAt"] = datetime.now(UTC).isoformat()
    with httpx.Client(transport=httpx.HTTPTransport(retries=10)) as http:
        http.post(f"{alertmanager}/api/v2/alerts", json=alerts).raise_for_status()
