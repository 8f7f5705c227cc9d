"""`watchbill engine`: run the embedded Temporal dev server, or only tell where it is."""

from typing import Annotated

import typer

from cli.engine.server import EngineError, find_engine, start_engine, wait_for_engine
from cli.environment import DataDir, TemporalPort, UiPort, settings_from


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("engine")(run_engine)


def run_engine(
    find: Annotated[
        bool, typer.Option("--find", help="Only print the program's path, obtaining it if needed.")
    ] = False,
    headless: Annotated[bool, typer.Option("--headless", help="Without the web UI.")] = False,
    data_dir: DataDir = None,
    temporal_port: TemporalPort = None,
    ui_port: UiPort = None,
) -> None:
    """Run a Temporal dev server with the settings Watchbill wants, until SIGINT or SIGTERM."""
    settings = settings_from(data_dir=data_dir, temporal_port=temporal_port, ui_port=ui_port)
    try:
        program = find_engine(settings, _say)
        if find:
            typer.echo(str(program))
            return
        engine = start_engine(settings, program, _say, headless=headless)
    except EngineError as error:
        typer.echo(f"watchbill engine: {error}", err=True)
        raise typer.Exit(1) from error
    if not headless:
        _say(f"engine: web UI at {settings.ui_address}")
    status = wait_for_engine(engine)
    if status:
        _say(f"engine: the Temporal server ended by itself; see {engine.log}")
    raise typer.Exit(status)


def _say(line: str) -> None:
    typer.echo(line, err=True)
