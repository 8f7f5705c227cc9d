"""Holds one command, and ends it with its children once nobody holds the leash.

Run as a program of its own, by path: `leash.py PROGRAM ARGUMENT…`. Its standard input is
the leash: a pipe that the worker keeps open and never writes to. When that closes, because
the worker lets go or was killed in whatever way, the command's process group gets SIGTERM,
after `GRACE_S` SIGKILL. What the command has left behind when it ends is killed as well.
Imports little: it starts with every command.
"""

import os
import select
import signal
import sys
import time

GRACE_S = 5.0
"""For a command to end by itself; well under the heartbeat time-out after which another
worker may start it again."""

NOT_STARTED = 127

SIGNALLED = 128
"""Added to the number of the signal that ended the command, as shells do."""


def main(argv: list[str]) -> int:
    """Run it to its end; its exit code."""
    woken = _wake_on(signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    nothing = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
    try:
        pid = os.posix_spawnp(
            argv[0],
            argv,
            os.environ,
            file_actions=[nothing],
            setpgroup=0,
            setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
        )
    except OSError as error:
        print(f"{argv[0]} cannot be started: {error.strerror}", file=sys.stderr)  # noqa: T201
        return NOT_STARTED
    _hold(pid, woken)
    _signal_group(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else SIGNALLED - code


def _wake_on(*numbers: signal.Signals) -> int:
    """A descriptor that becomes readable with each of these; none of them ends us."""
    woken, wake = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    for number in numbers:
        signal.signal(number, lambda _number, _frame: None)
    return woken


def _hold(pid: int, woken: int) -> None:
    """Return when the command has ended, by itself or because the leash is gone."""
    watched = [0, woken]
    kill_at: float | None = None
    while not _has_ended(pid):
        left = None if kill_at is None else max(0.0, kill_at - time.monotonic())
        readable, _, _ = select.select(watched, [], [], left)
        if woken in readable:
            os.read(woken, 512)
        if 0 in readable:
            watched.remove(0)
            _signal_group(pid, signal.SIGTERM)
            kill_at = time.monotonic() + GRACE_S
        if kill_at is not None and time.monotonic() >= kill_at:
            _signal_group(pid, signal.SIGKILL)


def _has_ended(pid: int) -> bool:
    """Whether it has; it is not reaped, so that its group's number stays its own."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return  # nobody left; or, on macOS, only what has ended already


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
