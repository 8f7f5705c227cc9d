"""A real HTTP server that answers as the API does, and the command line beside it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.main import build_app
from tests.receivers import Received, Reply, WebhookReceiver

ROOT = Path(__file__).parent.parent.parent

INCIDENT: dict[str, Any] = {
    "id": "payments-api-prod-t6yj6qws",
    "reference": "INC-M4T9WC",
    "playbook": "payment_api_5xx",
    "playbook_version": 1,
    "plan_sha256": "00",
    "title": "Payment API returns 5xx in prod",
    "severity": "SEV2",
    "phase": "triggered",
    "owner": "team:payments",
    "opened_at": "2026-11-22T03:00:00Z",
    "updated_at": "2026-11-22T03:01:00Z",
    "seq": 1,
    "roles": {},
    "alerts": {"firing": 2, "total": 2, "duplicates": 0},
    "links": {"temporal": "http://127.0.0.1:8233/namespaces/default/workflows/x"},
}


def entry(seq: int, text: str, kind: str = "paged") -> dict[str, Any]:
    """One timeline entry as the API sends it."""
    at = f"2026-11-22T03:00:{seq:02d}Z"
    return {"seq": seq, "at": at, "actor": "system", "kind": kind, "text": text}


def answer(sentence: str) -> Reply:
    """A command's answer."""
    return Reply(body=json.dumps({"sentence": sentence, "reference": "INC-M4T9WC"}).encode())


def document(value: Any, status: int = 200) -> Reply:
    """Any JSON answer."""
    return Reply(status=status, body=json.dumps(value).encode())


def problem(status: int, detail: str, **fields: str) -> Reply:
    """A problem document as the API sends it."""
    errors = [{"field": name, "message": text} for name, text in fields.items()]
    return document({"title": "x", "status": status, "detail": detail, "errors": errors}, status)


def event_stream(*events: tuple[str, dict[str, Any], int | None]) -> Reply:
    """Server-sent events, and the end of the connection."""
    parts = []
    for name, data, number in events:
        head = f"id: {number}\n" if number is not None else ""
        parts.append(f"{head}event: {name}\ndata: {json.dumps(data)}\n\n")
    body = ("".join([": hello\n\n", *parts])).encode()
    return Reply(body=body, headers=(("content-type", "text/event-stream"),))


class CommandLine:
    """Runs `watchbill` as a user would, against the server."""

    def __init__(self, url: str, folder: Path) -> None:
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("WATCHBILL_")
        } | {
            "WATCHBILL_URL": url,
            "WATCHBILL_API_KEY": "key-of-ann",
            "WATCHBILL_DATA_DIR": str(folder / "data"),
            "TZ": "UTC",
        }

    def __call__(self, *arguments: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
        """The run, ended. `changes` are environment variables; None removes one."""
        environment = self.environment | {
            name: value for name, value in changes.items() if value is not None
        }
        for name in (name for name, value in changes.items() if value is None):
            environment.pop(name, None)
        return subprocess.run(
            [sys.executable, "-m", "cli.main", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


class ApiServer(WebhookReceiver):
    """Answers each address as `replies` says; `then` what comes after the first answer."""

    def __init__(self) -> None:
        super().__init__()
        self._next: dict[str, list[Reply]] = {}

    def then(self, path: str, reply: Reply) -> None:
        """Answer this from the second request on."""
        self._next.setdefault(path, []).append(reply)

    def keep(self, one: Received) -> Reply:
        """The answer; the next one takes its place."""
        reply = super().keep(one)
        if self._next.get(one.path):
            self.replies[one.path] = self._next[one.path].pop(0)
        return reply


@pytest.fixture
def api() -> Iterator[ApiServer]:
    """The server; `replies` says what each address answers."""
    server = ApiServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def watchbill(api: ApiServer, tmp_path: Path) -> CommandLine:
    """The command line, pointed at the server."""
    return CommandLine(api.url, tmp_path)


@pytest.fixture
def sent(api: ApiServer) -> Callable[[], Received]:
    """The one request that the server has received."""

    def only() -> Received:
        (request,) = api.received()
        return request

    return only


@pytest.fixture
def run_here(api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs a command in this process: quick, for the many."""
    monkeypatch.setenv("WATCHBILL_URL", api.url)
    monkeypatch.setenv("WATCHBILL_API_KEY", "key-of-ann")

    def run(*arguments: str) -> int:
        try:
            build_app(list(arguments))(list(arguments))
        except SystemExit as end:
            return int(end.code or 0)
        return 0

    return run
