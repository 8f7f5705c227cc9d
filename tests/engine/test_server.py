"""The embedded server runs with our settings, keeps its data and ends cleanly."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from cli.engine.server import (
    EngineError,
    RunningEngine,
    find_engine,
    parse_retention,
    server_arguments,
    start_engine,
)
from settings import Settings
from tests.processes import Processes, processes
from workflows.search_attributes import NAMES

pytestmark = pytest.mark.engine


@pytest.fixture
def running(settings: Settings) -> Iterator[RunningEngine]:
    """A server of the test's own, with a database file."""
    engine = start_engine(settings, find_engine(settings, print), print, headless=True)
    try:
        yield engine
    finally:
        engine.stop()


async def test_namespace_has_our_search_attributes_and_retention(running: RunningEngine) -> None:
    client = await Client.connect(running.address)

    listed = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace="default")
    )
    described = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace="default")
    )

    assert set(NAMES) <= set(listed.custom_attributes)
    ttl = described.config.workflow_execution_retention_ttl
    assert ttl.ToTimedelta() == timedelta(days=30)


async def test_open_workflows_are_there_again_after_a_restart(settings: Settings) -> None:
    program = find_engine(settings, print)
    first = await asyncio.to_thread(start_engine, settings, program, print, headless=True)
    client = await Client.connect(first.address)
    await client.start_workflow("waits", id="kept", task_queue="nobody")
    first.stop()

    second = await asyncio.to_thread(start_engine, settings, program, print, headless=True)
    again = await Client.connect(second.address)
    described = await again.get_workflow_handle("kept").describe()
    second.stop()

    assert described.workflow_type == "waits"


def test_taken_port_is_named_with_its_setting(settings: Settings) -> None:
    program = find_engine(settings, print)
    with (
        socket.create_server(("127.0.0.1", settings.temporal_port)),
        pytest.raises(EngineError, match="WATCHBILL_TEMPORAL_PORT"),
    ):
        start_engine(settings, program, print)
    with (
        socket.create_server(("127.0.0.1", settings.ui_port)),
        pytest.raises(EngineError, match="WATCHBILL_UI_PORT"),
    ):
        start_engine(settings, program, print)


def test_server_that_ends_at_once_gives_its_last_words(settings: Settings, tmp_path: Path) -> None:
    broken = tmp_path / "temporal"
    broken.write_text("#!/bin/sh\necho 'database disk image is malformed' >&2\nexit 1\n")
    broken.chmod(0o755)

    with pytest.raises(EngineError, match="malformed"):
        start_engine(settings, broken, print, headless=True)

    assert not (settings.data_dir / "run" / "engine.pid").exists()


def test_command_writes_the_servers_pid_and_ends_with_0_on_sigterm(settings: Settings) -> None:
    with processes(settings) as copy:
        copy.start("engine")
        pid = int((settings.data_dir / "run" / "engine.pid").read_text())
        os.kill(pid, 0)

        assert copy.stop("engine") == 0

    assert not (settings.data_dir / "run" / "engine.pid").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_command_ends_with_1_when_its_server_is_killed(settings: Settings) -> None:
    with processes(settings) as copy:
        copy.start("engine")
        process = copy._running["engine"]
        os.kill(int((settings.data_dir / "run" / "engine.pid").read_text()), signal.SIGKILL)

        assert process.wait(timeout=10) == 1

    assert "ended by itself" in Processes(settings).output("engine")


def test_find_prints_only_the_path() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "engine", "--find"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert Path(done.stdout.strip()).is_file()


@pytest.mark.parametrize(("text", "expected"), [("30d", 30 * 24), ("72h", 72)])
def test_retention_is_days_or_hours(text: str, expected: int) -> None:
    assert parse_retention(text) == timedelta(hours=expected)


@pytest.mark.parametrize("text", ["", "30", "0d", "1w", "-3d"])
def test_other_retentions_are_refused(text: str) -> None:
    with pytest.raises(EngineError, match="WATCHBILL_RETENTION"):
        parse_retention(text)


def test_data_stays_in_the_data_directory(settings: Settings) -> None:
    arguments = server_arguments(settings)

    assert arguments[arguments.index("--db-filename") + 1] == str(settings.data_dir / "temporal.db")
