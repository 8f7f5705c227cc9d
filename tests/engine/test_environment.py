"""A typo in a setting is refused, never ignored."""

import subprocess
import sys

import pytest

from cli.environment import environment_for, unknown_variables
from settings import QUEUES, Settings


def watchbill(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program with these variables besides PATH."""
    import os

    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        capture_output=True,
        text=True,
        env=clean | environment,
        check=False,
    )


def test_unknown_setting_is_refused_with_what_was_meant() -> None:
    done = watchbill("engine", "--find", WATCHBILL_API_PROT="8081")

    assert done.returncode == 2
    assert "WATCHBILL_API_PROT; did you mean WATCHBILL_API_PORT?" in done.stderr


@pytest.mark.parametrize("value", ["eighty", "0", "70000"])
def test_value_that_cannot_be_is_refused_naming_the_setting(value: str) -> None:
    done = watchbill("engine", "--find", WATCHBILL_API_PORT=value)

    assert done.returncode == 2
    assert "WATCHBILL_API_PORT" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("WATCHBILL_HTTP_ALLOW", "http://router", "'http://router' is no target; write a host"),
        ("WATCHBILL_HTTP_ALLOW", "10.0.0.1/8", "'10.0.0.1/8' is no target"),
        ("WATCHBILL_SECRET_COMMAND", " ", "must be a program and its arguments"),
        ("WATCHBILL_SECRET_COMMAND", "'vault", "No closing quotation"),
        ("WATCHBILL_QUEUES", "paging,pagign", "notices, paging, not pagign"),
        ("WATCHBILL_QUEUES", " , ", "must be some of automation"),
    ],
)
def test_a_list_or_command_that_cannot_be_read_is_refused_at_the_start(
    name: str, value: str, said: str
) -> None:
    """At the first incident would be too late."""
    done = watchbill("engine", "--find", **{name: value})

    assert done.returncode == 2
    assert f"{name}: " in done.stderr
    assert said.lower() in done.stderr.lower()


def test_a_worker_serves_every_queue_unless_it_is_told_which() -> None:
    """So that a copy that nobody has split misses none."""
    assert len(Settings().served_queues) == len(QUEUES)
    assert Settings(queues="automation, facts").served_queues == {
        "watchbill-automation",
        "watchbill-facts",
    }


def test_child_process_gets_the_same_settings(settings: Settings) -> None:
    """Flags travel to the children as environment."""
    environment = environment_for(settings.model_copy(update={"sandboxed": False}))

    ours = {name: value for name, value in environment.items() if name.startswith("WATCHBILL_")}
    assert unknown_variables(ours) == []
    assert ours["WATCHBILL_SANDBOXED"] == "False"
    assert ours["WATCHBILL_API_PORT"] == str(settings.api_port)
