"""One copy for each data directory, ports named when taken, logs passed on."""

import json
import shlex
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.engine.server import EngineError
from cli.up.command import welcome
from cli.up.log_watch import LogWatch
from cli.up.sample_alert import curl_line, sample_alert
from cli.up.stack import Stack, StackError, _only_copy, running_stack
from settings import Settings


def test_second_copy_on_a_data_directory_is_refused_naming_the_first(tmp_path: Path) -> None:
    with (
        _only_copy(tmp_path),
        pytest.raises(StackError, match="already runs"),
        _only_copy(tmp_path),
    ):
        pass


def test_lock_of_a_dead_copy_does_not_stay(tmp_path: Path) -> None:
    """The kernel lets go of it, whatever the copy died of."""
    with _only_copy(tmp_path):
        pass

    with _only_copy(tmp_path):
        pass


def test_taken_api_port_is_named_before_anything_starts(settings: Settings) -> None:
    said: list[str] = []
    with (
        socket.create_server(("127.0.0.1", settings.api_port)),
        pytest.raises(EngineError, match="WATCHBILL_API_PORT"),
        running_stack(settings, said.append),
    ):
        pass

    assert said == []


def test_printed_line_is_one_command_with_a_fresh_alert(settings: Settings) -> None:
    stack = Stack(settings, key="the-key")

    words = shlex.split(curl_line(stack))

    body = json.loads(words[words.index("-d") + 1])
    assert "Authorization: Bearer the-key" in words
    assert words[-1] == f"http://127.0.0.1:{settings.api_port}/v1/alerts/alertmanager"
    assert body["alerts"][0]["status"] == "firing"
    assert "\n" not in curl_line(stack)
    assert curl_line(stack) in welcome(stack)


def test_sample_alert_says_when_it_began() -> None:
    at = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)

    alerts = sample_alert(at)["alerts"]

    assert isinstance(alerts, list)
    assert alerts[0]["startsAt"] == "2026-11-22T03:00:00Z"


def test_only_new_warnings_and_errors_are_passed_on(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text("2026 [error    ] old\n")
    watch = LogWatch([log])
    with log.open("a") as file:
        file.write("2026 [info     ] fine\n2026 [warning  ] engine unreachable\n")
        file.write('{"event": "x", "level": "error"}\nhalf a [error] li')
    first = list(watch.new_lines())
    with log.open("a") as file:
        file.write("ne\n")

    assert first == [
        ("worker", "2026 [warning  ] engine unreachable"),
        ("worker", '{"event": "x", "level": "error"}'),
    ]
    assert list(watch.new_lines()) == [("worker", "half a [error] line")]
