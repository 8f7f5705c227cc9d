"""What every command of a responder shares: options, connection, printing, exit status.

Decides that a refusal is one line on standard error with status 1, that a connection
which is not set up is status 2, and that `--json` prints the API's own document.
"""

import inspect
import json
from collections.abc import Callable
from typing import Annotated, Any

import typer

from cli.client import Api, ApiError, NotSetUp, api_of, incident_path
from cli.environment import ApiPort, DataDir, settings_from

REFUSED, WRONG_USAGE = 1, 2

As = Annotated[
    str | None,
    typer.Option("--as", metavar="PERSON", help="Who acts, with the development key."),
]
Url = Annotated[str | None, typer.Option("--url", help="The API's address (WATCHBILL_URL).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the API's JSON.")]


class Session:
    """One command's run: the API, and how to answer."""

    def __init__(self, api: Api, *, as_json: bool) -> None:
        self.api = api
        self.as_json = as_json

    def act(self, incident: str, command: str, body: dict[str, Any] | None = None) -> None:
        """Carry out a command on an incident and print what the API says."""
        said = self.api.post(f"{incident_path(incident)}/{command}", body)
        if self.as_json:
            print_json(said.body)
        else:
            typer.echo(said.sentence)


def open_session(
    who: As = None,
    as_json: AsJson = False,
    url: Url = None,
    data_dir: DataDir = None,
    api_port: ApiPort = None,
) -> Session:
    """The session that the shared options and the environment describe."""
    settings = settings_from(url=url, data_dir=data_dir, api_port=api_port, actor=who)
    return Session(api_of(settings, settings.actor), as_json=as_json)


_SHARED = inspect.signature(open_session, eval_str=True).parameters

_TYPED = inspect.Parameter("typed", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
"""How the command was typed, with the groups before its name."""


def responders_command(act: Callable[..., None]) -> Callable[..., None]:
    """The function as a command: its own parameters after `session`, then the shared ones."""
    own = list(inspect.signature(act, eval_str=True).parameters.values())[1:]

    def run(*, typed: typer.Context, **given: Any) -> None:
        shared = {each: given.pop(each) for each in _SHARED}
        try:
            session = open_session(**shared)
            with session.api:
                act(session, **given)
        except ApiError as error:
            program = str(typed.find_root().info_name)
            name = typed.command_path.removeprefix(program).strip()
            typer.echo(f"watchbill {name}: {error}", err=True)
            status = WRONG_USAGE if isinstance(error, NotSetUp) else REFUSED
            raise typer.Exit(status) from None

    keywords = [
        each.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for each in (*own, *_SHARED.values(), _TYPED)
    ]
    run.__doc__ = act.__doc__
    run.__name__ = act.__name__
    run.__signature__ = inspect.Signature(keywords)  # type: ignore[attr-defined]
    return run


def print_json(document: Any) -> None:
    """The document, readable, as the API sent it."""
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))


def pairs(given: list[str], option: str) -> dict[str, str]:
    """`k=v` options as a mapping; wrong usage names the option."""
    found = {}
    for each in given:
        name, separator, value = each.partition("=")
        if not separator or not name.strip():
            raise typer.BadParameter(f"{each!r} is not NAME=VALUE", param_hint=option)
        found[name.strip()] = value.strip()
    return found
