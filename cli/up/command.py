"""`watchbill up`: everything on this machine, until Ctrl-C."""

import signal
import sys
import threading
from collections.abc import Mapping

import typer

from cli.engine.search import EngineError
from cli.environment import ApiPort, DataDir, Playbooks, TemporalPort, UiPort, settings_from
from cli.up.log_watch import LogWatch
from cli.up.sample_alert import SAMPLE_LABELS, curl_line, labels_in_service
from cli.up.stack import Stack, StackError, running_stack


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("up")(run_up)


def run_up(
    data_dir: DataDir = None,
    playbooks: Playbooks = None,
    api_port: ApiPort = None,
    temporal_port: TemporalPort = None,
    ui_port: UiPort = None,
) -> None:
    """Run the Temporal dev server, a worker and the API until Ctrl-C."""
    settings = settings_from(
        data_dir=data_dir,
        playbooks=playbooks,
        api_port=api_port,
        temporal_port=temporal_port,
        ui_port=ui_port,
    )
    asked = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: _ask_to_stop(asked))
    try:
        with running_stack(settings, _say) as stack:
            typer.echo(welcome(stack, labels_in_service(stack)))
            sys.stdout.flush()
            status = _watch(stack, asked)
    except (EngineError, StackError) as error:
        typer.echo(f"watchbill up: {error}", err=True)
        raise typer.Exit(1) from error
    except StopAsked:
        status = 0
    raise typer.Exit(status)


class StopAsked(BaseException):
    """The first signal: leave, in order. Further ones are ignored, so that the order holds."""


def welcome(stack: Stack, labels: Mapping[str, str] = SAMPLE_LABELS) -> str:
    """The addresses, and one line that fires an alert with these labels."""
    settings = stack.settings
    lines = [f"API          {settings.public_address}"]
    if stack.engine is not None:
        lines += [f"Temporal UI  {settings.ui_address}", f"Temporal     {stack.engine.address}"]
    else:
        lines.append("Temporal     as TEMPORAL_ADDRESS or its profile says")
    key_file = settings.data_dir / "dev-api-key"
    lines += [
        f"Key          {key_file}",
        "",
        "Fire an alert:",
        "",
        f"  {curl_line(stack, labels)}",
        "",
    ]
    return "\n".join(
        ["", *lines, "Ctrl-C stops all of it; open incidents wait in the data folder."]
    )


def _ask_to_stop(asked: threading.Event) -> None:
    if asked.is_set():
        return
    asked.set()
    raise StopAsked


def _watch(stack: Stack, asked: threading.Event) -> int:
    """Pass on warnings until asked to stop (0) or a part ends by itself (1)."""
    logs = LogWatch([child.log for child in stack.children])
    try:
        while not asked.wait(0.25):
            for name, line in logs.new_lines():
                _say(f"{name}: {line}")
            ended = stack.ended()
            if ended is not None:
                _say(f"STOPPING EVERYTHING: {ended}")
                return 1
    except StopAsked:
        _say("stopping")
    return 0


def _say(line: str) -> None:
    typer.echo(line, err=True)
