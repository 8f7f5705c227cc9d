"""`watchbill demo`: one incident from alert to resolution, live, in under a minute.

Decides what a telling runs on: a copy of its own, in a folder of its own, with the clock
sped up. It ends by itself: status 0 if everything in the story happened, 1 if not.
"""

import shutil
import signal
import socket
import time
from datetime import datetime
from types import FrameType

import typer

from cli.client import ApiError
from cli.demo.checks import Evidence, promises
from cli.demo.folder import write_playbooks
from cli.demo.receivers import Receivers
from cli.demo.stage import Stage, StoryBroken
from cli.demo.story import tell
from cli.engine.search import EngineError
from cli.environment import ApiPort, DataDir, TemporalPort, UiPort, settings_from
from cli.up.stack import Stack, StackError, running_stack
from settings import Settings

SPEED = 60.0
"""A second is a minute."""

PEOPLE = (
    "Ann is first on call for payments, Bo is second. Cleo and Nora command incidents, Dev "
    "talks to customers.\nTheir phones are played by a server here that gets the real pages."
)

PORTS = ("api_port", "temporal_port", "ui_port")
MENDED_BY_US = ("ledger_url", "link_secret", "public_url", "url", "webhook_secret")
"""Settings of the real installation that the demo must not touch or use."""

INTERRUPTED = 130
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("demo")(run_demo)


def run_demo(
    data_dir: DataDir = None,
    api_port: ApiPort = None,
    temporal_port: TemporalPort = None,
    ui_port: UiPort = None,
) -> None:
    """Tell one incident's story from alert to resolution, and check it."""
    given = settings_from(
        data_dir=data_dir, api_port=api_port, temporal_port=temporal_port, ui_port=ui_port
    )
    settings = demo_settings(given, datetime.now().astimezone())
    for number in STOPPING:
        signal.signal(number, _interrupt)
    try:
        status = _run(settings)
    except (EngineError, StackError) as error:
        typer.echo(f"watchbill demo: {error}", err=True)
        status = 1
    except KeyboardInterrupt:
        status = INTERRUPTED
    if status == 0:
        shutil.rmtree(settings.data_dir, ignore_errors=True)
    elif settings.data_dir.exists():
        typer.echo(f"Everything is kept in {settings.data_dir} (logs, engine, ledger).", err=True)
    raise typer.Exit(status)


def demo_settings(given: Settings, at: datetime) -> Settings:
    """A copy of its own: a new data folder, its own playbooks, free ports, a fast clock.

    Ports that were asked for are kept; of the others, one that is taken is exchanged.
    """
    folder = (given.data_dir / f"demo-{at:%Y%m%d-%H%M%S}").resolve()
    changes: dict[str, object] = dict.fromkeys(MENDED_BY_US)
    changes |= {
        "data_dir": folder,
        "playbooks": folder / "playbooks",
        "bind": "127.0.0.1",
        "test_clock": True,
        "test_speed": given.test_speed or SPEED,
    }
    for name in PORTS:
        asked_for = name in given.model_fields_set
        port = getattr(given, name)
        changes[name] = port if asked_for or _is_free(port) else _free_port()
    return given.model_copy(update=changes)


def _run(settings: Settings) -> int:
    speed = settings.test_speed or SPEED
    with Receivers() as receivers:
        write_playbooks(settings.playbooks, receivers.address)
        with running_stack(settings, _say) as stack:
            began = time.monotonic()
            stage = Stage(stack, receivers, speed)
            stage.say(f"\n{PEOPLE}")
            stage.say(f"Time runs {speed:g} times as fast; every time below is the incident's.")
            broken = _told(stage)
            return _verdict(stack, stage, broken, time.monotonic() - began)


def _told(stage: Stage) -> str | None:
    """What did not happen, or None."""
    try:
        tell(stage)
    except StoryBroken as error:
        return str(error)
    except ApiError as error:
        return f"a command was refused: {error}"
    return None


def _verdict(stack: Stack, stage: Stage, broken: str | None, took_s: float) -> int:
    entries = stage.timeline() if stage.reference else []
    stage.heading("The recorded timeline")
    stage.show(entries)
    if broken is not None:
        _fail([broken])
        return 1
    secret = (stack.settings.data_dir / "webhook-secret").read_text(encoding="utf-8").strip()
    evidence = Evidence(stage.incident(), entries, stage.receivers, secret)
    kept = list(promises(evidence))
    stage.heading("Checked against what really arrived")
    for promise, is_kept in kept:
        stage.say(f"  {'ok' if is_kept else 'NO'}  {promise}")
    failures = [promise for promise, is_kept in kept if not is_kept]
    _fail(failures)
    stage.say(f"\n{len(kept) - len(failures)} of {len(kept)} held; told in {took_s:.0f} s.")
    return 1 if failures else 0


def _fail(failures: list[str]) -> None:
    for failure in failures:
        typer.echo(f"watchbill demo: this did not happen: {failure}", err=True)


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Leave once, in order; a second Ctrl-C must not leave processes behind."""
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
