"""`watchbill up` runs everything, stops it cleanly, and is loud when a part dies."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli.engine.server import die_with_parent
from cli.environment import environment_for
from cli.up.sample_alert import curl_line, labels_in_service
from cli.up.stack import running_stack
from settings import Settings
from tests.processes import ROOT, settings_for

pytestmark = [pytest.mark.engine, pytest.mark.kill]

PARTS = ("engine", "worker", "api")


@contextmanager
def up(settings: Settings) -> Iterator["subprocess.Popen[str]"]:
    """`watchbill up` as a process, ready, and gone at the end."""
    process = subprocess.Popen(
        [*die_with_parent(), sys.executable, "-u", "-m", "cli.main", "up"],
        cwd=ROOT,
        env=environment_for(settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if "Ctrl-C" in line:
                    break
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(timeout=30)


def pids(settings: Settings) -> dict[str, int]:
    """The process ids that `up` has written."""
    run = settings.data_dir / "run"
    return {part: int((run / f"{part}.pid").read_text()) for part in PARTS}


def is_alive(pid: int) -> bool:
    """Whether the process exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until_gone(pid: int) -> None:
    """Until the process is gone, or AssertionError after 20 s."""
    deadline = time.monotonic() + 20
    while is_alive(pid):
        assert time.monotonic() < deadline, f"{pid} is still there"
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_stops_all_parts_in_order_with_status_0(
    number: signal.Signals, settings: Settings
) -> None:
    with up(settings) as process:
        running = pids(settings)
        process.send_signal(number)
        _, said = process.communicate(timeout=40)

    stops = [line for line in said.splitlines() if line.endswith(": stopped")]
    assert process.returncode == 0
    assert stops == ["api: stopped", "worker: stopped", "engine: stopped"]
    assert not any(is_alive(pid) for pid in running.values())
    assert not list((settings.data_dir / "run").glob("*.pid"))


@pytest.mark.parametrize("part", ["worker", "engine"])
def test_part_that_dies_is_named_and_ends_the_rest(part: str, settings: Settings) -> None:
    """Nothing limps on unseen: a supervisor starts the whole again."""
    with up(settings) as process:
        running = pids(settings)
        os.kill(running[part], signal.SIGKILL)
        _, said = process.communicate(timeout=40)

    assert process.returncode == 1
    assert f"STOPPING EVERYTHING: {part} ended by itself (killed by signal 9)" in said
    assert not any(is_alive(pid) for pid in running.values())


def test_two_copies_run_side_by_side_and_a_third_on_the_same_data_is_refused(
    settings: Settings, tmp_path: Path
) -> None:
    other = settings_for(tmp_path / "other")
    with up(settings), up(other):
        third = subprocess.run(
            [sys.executable, "-m", "cli.main", "up"],
            cwd=ROOT,
            env=environment_for(settings),
            capture_output=True,
            text=True,
            check=False,
        )
        assert all(is_alive(pid) for pid in [*pids(settings).values(), *pids(other).values()])

    assert third.returncode == 1
    assert "already runs" in third.stderr


PLAYBOOK = """
language: 1
name: {name}
owner: team:queues
triggers: [{{ alert: {{ match: {{ alertname: {alert}, tier: [gold, silver] }} }} }}]
page: [user:ann, user:bo]
"""
ROSTER = """
language: 1
users:
  ann: { name: Ann, contact: { push: "ntfys://ntfy.example/ann" } }
  bo: { name: Bo, contact: { push: "ntfys://ntfy.example/bo" } }
teams:
  queues: { members: [ann, bo] }
"""


def a_folder(folder: Path, playbook: str) -> Path:
    """A folder of somebody's own, with one playbook."""
    (folder / "roster").mkdir(parents=True)
    (folder / "roster" / "all.yaml").write_text(ROSTER)
    (folder / "backlog.yaml").write_text(playbook)
    return folder


def test_printed_line_fires_an_alert_that_a_playbook_of_the_folder_takes(
    settings: Settings, tmp_path: Path
) -> None:
    """Not the example's, which a folder of somebody's own knows nothing of.

    It is asked on this machine: the address for people's phones may be a tunnel that is down.
    """
    folder = a_folder(tmp_path / "own", PLAYBOOK.format(name="backlog", alert="QueueBacklog"))
    change = {"playbooks": folder, "public_url": "http://127.0.0.1:9"}
    with running_stack(settings.model_copy(update=change), print) as stack:
        labels = labels_in_service(stack)
        line = shlex.split(curl_line(stack, labels))
        answer = subprocess.run(line, capture_output=True, text=True, check=True)

    assert labels == {"alertname": "QueueBacklog", "tier": "gold"}
    (taken,) = json.loads(answer.stdout)["alerts"]
    assert taken["playbook"] == "backlog"


def test_folder_without_a_sound_playbook_is_said_and_can_be_mended_meanwhile(
    settings: Settings, tmp_path: Path
) -> None:
    broken = "language: 1\nname: backlog\npgae: [user:ann]\n"
    folder = a_folder(tmp_path / "own", broken)
    said: list[str] = []

    def mend(line: str) -> None:
        said.append(line)
        if "backlog.yaml does not compile" in line:
            sound = PLAYBOOK.format(name="backlog", alert="QueueBacklog")
            (folder / "backlog.yaml").write_text(sound)

    with running_stack(settings.model_copy(update={"playbooks": folder}), mend):
        waits = [line for line in said if line.startswith("api: waits: ")]

    assert any("0 playbooks in service. Mend the files" in line for line in waits)
    assert any(f"Run `watchbill check {folder / 'backlog.yaml'}`" in line for line in waits)


@pytest.mark.skipif(not die_with_parent(), reason="needs setpriv (Linux)")
def test_nothing_is_left_running_when_up_itself_is_killed(settings: Settings) -> None:
    """The next `up` finds the ports free."""
    with up(settings) as process:
        running = pids(settings)
        process.kill()
        process.wait()
        for pid in running.values():
            wait_until_gone(pid)
