"""Settings for one run of `watchbill`: environment, then the flags of the same names.

Decides what is refused: a variable that nobody reads, a value that cannot be. A child
process gets the same settings through `environment_for`.
"""

import difflib
import os
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from activities.automation.secret_values import SECRET_PREFIX, is_secret_name
from settings import Settings

PREFIX = "WATCHBILL_"

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Where data is kept (WATCHBILL_DATA_DIR).")
]
Playbooks = Annotated[
    Path | None, typer.Option("--playbooks", help="Folder of playbooks (WATCHBILL_PLAYBOOKS).")
]
ApiPort = Annotated[int | None, typer.Option("--api-port", help="WATCHBILL_API_PORT.")]
TemporalPort = Annotated[
    int | None, typer.Option("--temporal-port", help="WATCHBILL_TEMPORAL_PORT.")
]
UiPort = Annotated[int | None, typer.Option("--ui-port", help="WATCHBILL_UI_PORT.")]


def settings_from(**flags: Any) -> Settings:
    """Settings from the environment, with every flag that was given on top.

    Exits with status 2 and a line per problem if the environment cannot be.
    """
    problems = unknown_variables(os.environ)
    try:
        settings = Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        problems += [_problem(part["loc"], part["msg"]) for part in error.errors()]
    else:
        if not problems:
            return settings
    for problem in problems:
        typer.echo(f"watchbill: {problem}", err=True)
    raise typer.Exit(2)


def unknown_variables(environment: os._Environ[str] | dict[str, str]) -> list[str]:
    """A line for each variable with our prefix that nobody reads, with what was meant."""
    known = sorted(PREFIX + name.upper() for name in Settings.model_fields)
    lines = []
    for name in sorted(environment):
        if not name.startswith(PREFIX) or name in known or is_secret(name):
            continue
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
        hint = f"did you mean {near[0]}?" if near else f"known are: {', '.join(known)}"
        lines.append(f"unknown setting {name}; {hint}")
    return lines


def is_secret(name: str) -> bool:
    """Whether the variable is the value of a playbook's secret."""
    return name.startswith(SECRET_PREFIX) and is_secret_name(name.removeprefix(SECRET_PREFIX))


def environment_for(settings: Settings) -> dict[str, str]:
    """This process's environment with exactly these settings, for a child process.

    The playbooks' secrets are handed on as they are.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(PREFIX) or is_secret(name)
    }
    for name, value in settings.model_dump(mode="json", exclude_none=True).items():
        environment[PREFIX + name.upper()] = str(value)
    return environment


def _problem(location: tuple[int | str, ...], message: str) -> str:
    name = PREFIX + "_".join(str(part) for part in location).upper()
    message = message.removeprefix("Value error, ")
    return f"{name}: {message[:1].lower()}{message[1:]}"
