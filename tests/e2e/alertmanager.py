"""A real Alertmanager that sends to both of our doors, its webhook and PagerDuty's."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx

from tests.programs import program
from tests.receivers import free_port

CONFIG = """
route: {{ receiver: both, group_wait: 0s, group_interval: 1s, repeat_interval: 1h }}
receivers:
  - name: both
    webhook_configs:
      - url: {api}/v1/alerts/alertmanager
        http_config: {{ authorization: {{ credentials: {key} }} }}
    pagerduty_configs:
      - {{ url: "{api}/v2/enqueue", routing_key: {key}, send_resolved: true }}
"""


class Alertmanager:
    """A running one; alerts are posted to it as Prometheus does."""

    def __init__(self, url: str) -> None:
        self.url = url

    def tell(self, labels: dict[str, str], *, ended: bool = False) -> None:
        """The alert fires, or has ended."""
        alert: dict[str, object] = {"labels": labels, "startsAt": "2026-01-01T00:00:00Z"}
        if ended:
            alert["endsAt"] = datetime.now(UTC).isoformat()
        with httpx.Client(transport=httpx.HTTPTransport(retries=20), timeout=30) as http:
            http.post(f"{self.url}/api/v2/alerts", json=[alert]).raise_for_status()


@contextmanager
def alertmanager(folder: Path, api: str, key: str) -> Iterator[Alertmanager]:
    """One that sends to this API with this key, and is ended at the end."""
    port = free_port()
    (folder / "alertmanager.yml").write_text(CONFIG.format(api=api, key=key))
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
        yield Alertmanager(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(20)
