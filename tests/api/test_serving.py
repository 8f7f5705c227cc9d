"""The API as a process: it starts without an engine, and ends when it is asked to."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cli.environment import environment_for
from ledger import Ledger
from settings import Settings
from tests.api.conftest import OPENED, REFERENCE, a_view
from tests.receivers import free_port

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a copy whose engine does not run."""
    (tmp_path / "dev-api-key").write_text("dev-key-of-this-test")
    return Settings(
        data_dir=tmp_path,
        playbooks=ROOT / "playbooks",
        api_port=free_port(),
        temporal_port=free_port(),
    )


@pytest.fixture
def process(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """The process, once it answers."""
    started = _start(settings)
    transport = httpx.HTTPTransport(retries=8)  # backs off up to a minute in all
    with httpx.Client(transport=transport) as client:
        client.get(f"http://127.0.0.1:{settings.api_port}/healthz")
    yield started
    started.kill()
    started.wait(10)


def _start(settings: Settings) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "cli.main", "api"]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment_for(settings), stderr=subprocess.DEVNULL
    )


def _client(settings: Settings) -> httpx.Client:
    return httpx.Client(
        base_url=f"http://127.0.0.1:{settings.api_port}",
        headers={"Authorization": "Bearer dev-key-of-this-test"},
        timeout=30,
    )


def test_it_serves_while_the_engine_is_down_and_tells_senders_to_retry(
    settings: Settings, process: subprocess.Popen[bytes]
):
    alert = {"title": "Disk is full", "labels": {"alertname": "DiskFull"}}
    with _client(settings) as client:
        ready = client.get("/readyz")
        playbooks = client.get("/v1/playbooks").json()["items"]
        declared = client.post("/v1/incidents", json=alert)
        listed = client.get("/v1/incidents")

    assert process.poll() is None
    assert (ready.status_code, ready.json()["engine"]) == (503, False)
    assert all(item["source"] and item["health"] == "ok" for item in playbooks)
    assert any(item["is_fallback"] for item in playbooks)
    assert declared.status_code == 503
    assert int(declared.headers["retry-after"]) > 0
    assert listed.json()["items"] == []


def test_an_open_stream_does_not_hold_up_its_end(
    settings: Settings, process: subprocess.Popen[bytes]
):
    ledger = Ledger.from_url(settings.ledger_address)
    ledger.record(a_view(opened_at=OPENED).model_dump(mode="json"), [])
    ledger.close()
    path = f"/v1/incidents/{REFERENCE}/events"
    with _client(settings) as client, client.stream("GET", path) as response:
        lines = response.iter_lines()
        assert next(lines).startswith("id:")
        process.send_signal(signal.SIGTERM)
        rest = list(lines)

    assert process.wait(20) == 0
    assert rest[-1] == ""


def test_it_refuses_to_listen_for_others_with_the_development_key_alone(settings: Settings):
    environment = environment_for(settings) | {"WATCHBILL_BIND": "0.0.0.0"}
    command = [sys.executable, "-m", "cli.main", "api"]
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        timeout=60,
        text=True,
        check=False,
    )

    assert ended.returncode == 2
    assert "watchbill keys add" in ended.stderr
