"""Fixtures that every test may ask for, and what is left out where programs are missing."""

import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from cli.engine.server import extra_arguments, find_engine
from settings import Settings
from tests.processes import Processes, processes, settings_for
from tests.programs import NEEDED, missing_programs
from tests.receivers import MailReceiver, WebhookReceiver, mail_receiver, webhook_receiver

hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")  # speed is bench/'s: a busy machine fails no property

_left_out: dict[str, int] = {}


@pytest.fixture(scope="session")
async def engine() -> AsyncIterator[WorkflowEnvironment]:
    """A real Temporal dev server, in memory, with our search attributes and settings."""
    program = find_engine(Settings(), print)
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(program),
        dev_server_log_level="error",
        dev_server_extra_args=extra_arguments(),
        data_converter=pydantic_data_converter,
    )
    try:
        yield environment
    finally:
        await environment.shutdown()


@pytest.fixture(scope="session")
async def temporal_client(engine: WorkflowEnvironment) -> Client:
    """A client of the session's server, with the pydantic data converter."""
    return engine.client


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a data directory of the test's own and free ports."""
    return settings_for(tmp_path / "data")


@pytest.fixture
def hooks() -> Iterator[WebhookReceiver]:
    """A real HTTP receiver for webhooks and ntfy."""
    with webhook_receiver() as receiver:
        yield receiver


@pytest.fixture
def mailbox() -> Iterator[MailReceiver]:
    """A real SMTP server."""
    with mail_receiver() as receiver:
        yield receiver


@pytest.fixture
def new_processes() -> Iterator[Callable[[Settings], Processes]]:
    """Makes copies of the product as real processes, ended with the test."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda settings: stack.enter_context(processes(settings))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine has no programs for; with CI=true that is an error."""
    for marker in NEEDED:
        marked = [item for item in items if item.get_closest_marker(marker)]
        missing = missing_programs(marker) if marked else []
        if not missing:
            continue
        reason = f"needs {', '.join(missing)}"
        if os.environ.get("CI") == "true":
            raise pytest.UsageError(f"{len(marked)} tests marked {marker}: {reason}")
        _left_out[f"{marker} ({reason})"] = len(marked)
        for item in marked:
            item.add_marker(pytest.mark.skip(reason=reason))


_status: dict[str, int] = {}


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Remember how the run ended."""
    _status["exit"] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """End at once, with the run's own status, after everything has been reported.

    The SDK's threads sometimes abort the interpreter at its end, after every test has
    passed and every server is down (seen with 1.35.0 in one run of six).
    """
    if "temporalio" in sys.modules and "exit" in _status:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_status["exit"])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was left out."""
    for what, count in _left_out.items():
        terminalreporter.write_line(
            f"LEFT OUT: {count} tests marked {what}", yellow=True, bold=True
        )
