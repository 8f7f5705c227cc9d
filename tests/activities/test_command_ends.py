"""However a command's end comes, nothing of it is left behind."""

import asyncio
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from activities.automation.child import Ended, Program, run
from activities.automation.leash import GRACE_S
from tests.waiting import until

ENV = {"PATH": os.environ["PATH"]}
ROOT = Path(__file__).parent.parent.parent

FAMILY = """\
echo $$ >> {pids}
sh -c 'echo $$ >> {pids}; sleep 600' &
sleep 600 &
echo $! >> {pids}
echo started
wait
"""
"""A shell with two children, one of them with one of its own; it notes who they are."""


def a_program(script: str) -> Program:
    """A piece of shell, which stands for any program that starts others."""
    return Program(argv=("sh", "-c", script), env=ENV, cwd="/")


def noted(pids: Path) -> list[int]:
    """The processes that have noted themselves."""
    return [int(line) for line in pids.read_text().split()] if pids.exists() else []


def alive(pids: Path) -> list[int]:
    """Those of them that still run."""
    return [pid for pid in noted(pids) if _runs(pid)]


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_a_command_whose_time_is_over_is_ended_with_its_children(tmp_path: Path) -> None:
    pids = tmp_path / "pids"

    ended = await run(a_program(FAMILY.format(pids=pids)), timedelta(seconds=1))

    assert ended.code is None
    assert ended.transcript.text(str).startswith("started\n")
    assert len(noted(pids)) == 3
    assert alive(pids) == []


async def test_a_command_that_does_not_listen_is_killed_after_its_grace() -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()

    ended = await run(
        a_program("trap 'echo no' TERM; while :; do sleep 0.1; done"), timedelta(seconds=0.5)
    )

    assert ended.code is None
    assert "no\n" in ended.transcript.text(str)
    assert loop.time() - began >= GRACE_S


async def test_a_command_may_clean_up_when_its_time_is_over() -> None:
    script = "trap 'echo unlocked; exit 0' TERM; while :; do sleep 0.05; done"

    ended = await run(a_program(script), timedelta(seconds=0.5))

    assert ended.code is None
    assert ended.transcript.text(str).endswith("unlocked\n")


async def test_a_command_that_is_withdrawn_is_gone_when_the_withdrawal_is(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    running = asyncio.create_task(run(a_program(FAMILY.format(pids=pids)), timedelta(seconds=600)))
    await until(lambda: len(noted(pids)) == 3)

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert alive(pids) == []


async def test_withdrawn_while_it_starts_it_is_gone_too(tmp_path: Path) -> None:
    """There is a moment in which the process is there and nobody has its number yet."""
    pids = tmp_path / "pids"
    for pause in range(20):
        running: asyncio.Task[Ended] = asyncio.create_task(
            run(a_program(FAMILY.format(pids=pids)), timedelta(seconds=600))
        )
        for _ in range(pause):
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    await until(lambda: alive(pids) == [] and not _leashes())


def _leashes() -> list[int]:
    return [
        child.pid
        for child in psutil.Process().children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE
        and any(word.endswith("leash.py") for word in child.cmdline())
    ]


async def test_what_it_leaves_in_the_background_is_ended_with_it(tmp_path: Path) -> None:
    pids = tmp_path / "pids"

    ended = await run(a_program(f"sleep 600 & echo $! >> {pids}; echo done"), timedelta(seconds=60))

    assert (ended.code, ended.transcript.text(str)) == (0, "done\n")
    assert len(noted(pids)) == 1
    await until(lambda: alive(pids) == [])


async def test_it_dies_with_a_worker_that_is_killed_with_minus_nine(tmp_path: Path) -> None:
    """Nobody is left to end it: its leash sees that nobody holds it."""
    pids = tmp_path / "pids"
    worker = subprocess.Popen(  # noqa: ASYNC220  # it is to be killed, not awaited
        [sys.executable, "-c", WORKER, FAMILY.format(pids=pids)], cwd=ROOT, env=ENV
    )
    try:
        await until(lambda: len(noted(pids)) == 3)
        assert len(alive(pids)) == 3

        worker.send_signal(signal.SIGKILL)
    finally:
        worker.kill()
        worker.wait()

    await until(lambda: alive(pids) == [])


WORKER = """\
import asyncio, os, sys
from datetime import timedelta
from activities.automation.child import Program, run

program = Program(argv=("sh", "-c", sys.argv[1]), env=dict(os.environ), cwd="/")
asyncio.run(run(program, timedelta(seconds=600)))
"""


async def test_one_that_leaves_its_group_holds_up_nobody(tmp_path: Path) -> None:
    """It keeps the pipes open; the command's own words are there all the same."""
    pids = tmp_path / "pids"
    script = f"setsid sh -c 'echo $$ >> {pids}; exec sleep 600' & echo done"

    ended = await run(a_program(script), timedelta(seconds=60))

    assert ended.code == 0
    assert "done" in ended.transcript.text(str)
    for pid in noted(pids):
        os.kill(pid, signal.SIGKILL)


async def test_the_signal_that_ended_it_is_told_as_shells_do() -> None:
    ended = await run(a_program("kill -KILL $$"), timedelta(seconds=60))

    assert ended.code == 128 + signal.SIGKILL
