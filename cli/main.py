"""The `watchbill` program: which command is in which module, loaded when it is needed.

Every module has `register(app)`. A command known by name loads its own module only, so
that it starts fast; anything else (help, completion, the responder's commands) loads all.
"""

import importlib
import importlib.util
import os
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

MODULES = (
    "cli.up.command",
    "cli.demo.command",
    "cli.engine.command",
    "cli.serve",
    "cli.check.command",
    "cli.explain.command",
    "cli.tested.command",
    "cli.graph",
    "cli.new.command",
    "cli.fmt",
    "cli.schema",
    "cli.migration.command",
    "cli.drill.command",
    "cli.respond.command",
    "cli.keys",
    "cli.maintenance",
    "cli.heartbeats",
    "cli.overrides",
    "cli.oncall.command",
    "cli.doctor.command",
)

AT_HOME_IN = {
    "up": "cli.up.command",
    "demo": "cli.demo.command",
    "engine": "cli.engine.command",
    "api": "cli.serve",
    "worker": "cli.serve",
    "check": "cli.check.command",
    "explain": "cli.explain.command",
    "explain-error": "cli.check.command",
    "test": "cli.tested.command",
    "graph": "cli.graph",
    "new": "cli.new.command",
    "fmt": "cli.fmt",
    "schema": "cli.schema",
    "import": "cli.migration.command",
    "drill": "cli.drill.command",
    "keys": "cli.keys",
    "maintenance": "cli.maintenance",
    "heartbeats": "cli.heartbeats",
    "override": "cli.overrides",
    "oncall": "cli.oncall.command",
    "doctor": "cli.doctor.command",
}

RESPONDERS = (
    *("list", "show", "watch", "timeline", "declare", "ack", "acknowledge", "unack"),
    *("escalate", "severity", "confirm", "assign", "accept", "decline", "release"),
    *("handoff", "handoff-accept", "handoff-decline", "done", "undo", "note"),
    *("mitigate", "resolve", "reopen", "cancel"),
    *("page", "take", "join", "leave", "snooze", "still-on-it", "set"),
    *("mine", "test-page"),
)
AT_HOME_IN |= dict.fromkeys((*RESPONDERS, "task"), "cli.respond.command")


def _print_version(wanted: bool) -> None:
    if not wanted:
        return
    try:
        typer.echo(f"watchbill {version('watchbill')}")
    except PackageNotFoundError:
        typer.echo("watchbill (not installed)")
    raise typer.Exit


def build_app(arguments: list[str]) -> typer.Typer:
    """The program with the commands that these arguments can mean."""
    app = typer.Typer(
        name="watchbill",
        help="Playbook runner for incident response on Temporal.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(refuse_unknown_settings)
    home = AT_HOME_IN.get(arguments[0]) if arguments else None
    for name in (home,) if home else MODULES:
        if importlib.util.find_spec(name) is not None:
            importlib.import_module(name).register(app)
    return app


def refuse_unknown_settings(
    show_version: Annotated[  # noqa: ARG001 - its callback acts
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Version.")
    ] = False,
) -> None:
    """Playbook runner for incident response on Temporal."""
    if not any(name.startswith("WATCHBILL_") for name in os.environ):
        return  # so that a command that needs no settings does not load them
    from cli.environment import unknown_variables

    problems = unknown_variables(os.environ)
    for problem in problems:
        typer.echo(f"watchbill: {problem}", err=True)
    if problems:
        raise typer.Exit(2)


def main() -> None:
    """Run one command of `watchbill`."""
    build_app(sys.argv[1:])()


if __name__ == "__main__":
    main()
