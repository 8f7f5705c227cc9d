"""`watchbill keys`: make, list and revoke API keys, directly in the ledger.

Decides what a key must say: its scopes, and the person or source it speaks for.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from cli.environment import DataDir, settings_from
from ledger import ApiKey, Ledger

SCOPES = ("ingest", "acknowledge", "respond", "author", "admin")

_PERSON = re.compile(r"[a-z][a-z0-9_]*")
_SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")

Name = Annotated[str, typer.Argument(help="What people call the key.")]
Scopes = Annotated[
    list[str], typer.Option("--scope", help=f"What it may do, repeatable: {', '.join(SCOPES)}.")
]
Person = Annotated[str | None, typer.Option("--person", help="The roster's id of its person.")]
Source = Annotated[str | None, typer.Option("--source", help="The sender it belongs to.")]
Which = Annotated[str, typer.Argument(help="The key's id or name.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    keys = typer.Typer(help="API keys: make, list, revoke.", no_args_is_help=True)
    keys.command("add")(add_key)
    keys.command("list")(list_keys)
    keys.command("revoke")(revoke_key)
    app.add_typer(keys, name="keys")


def add_key(
    name: Name,
    scope: Scopes,
    person: Person = None,
    source: Source = None,
    data_dir: DataDir = None,
) -> None:
    """Make a key and print it: it is shown only now."""
    unknown = [given for given in scope if given not in SCOPES]
    if unknown:
        raise typer.BadParameter(
            f"{', '.join(unknown)}: use {', '.join(SCOPES)}", param_hint="--scope"
        )
    actor = _actor(person, source)
    with _ledger(data_dir) as ledger:
        known = ledger.keys()
        if any(key.name == name and key.revoked_at is None for key in known):
            raise typer.BadParameter(f"there is a key {name!r}: revoke it first", param_hint="NAME")
        typer.echo(ledger.add_key(name, scope, actor))
    typer.echo(f"{name}: {', '.join(scope)} as {actor}. It is not shown again.", err=True)


def list_keys(data_dir: DataDir = None) -> None:
    """List keys, one a line: id, name, actor, scopes, since when."""
    with _ledger(data_dir) as ledger:
        known = ledger.keys()
        for key in known:
            typer.echo("\t".join(_row(key)))


def revoke_key(which: Which, data_dir: DataDir = None) -> None:
    """Revoke a key; it stops working within seconds."""
    with _ledger(data_dir) as ledger:
        revoked = ledger.revoke_key(which)
    if not revoked:
        typer.echo(f"watchbill: no key {which!r} is in force; `watchbill keys list`", err=True)
        raise typer.Exit(1)
    typer.echo(f"revoked {which}")


def _row(key: ApiKey) -> tuple[str, ...]:
    state = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else "in force"
    scopes = ",".join(sorted(key.scopes))
    return (key.id, key.name, key.actor, scopes, f"{key.created_at:%Y-%m-%d}", state)


def _actor(person: str | None, source: str | None) -> str:
    if (person is None) == (source is None):
        raise typer.BadParameter("give one of --person and --source: who the key speaks for")
    if person is not None:
        if not _PERSON.fullmatch(person):
            raise typer.BadParameter(
                f"{person!r} is no roster id: lower-case letters, digits, '_'",
                param_hint="--person",
            )
        return f"user:{person}"
    if not _SOURCE.fullmatch(str(source)):
        raise typer.BadParameter(
            f"{source!r} is no source: letters, digits, '_', '.', '-'", param_hint="--source"
        )
    return f"source:{source}"


@contextmanager
def _ledger(data_dir: DataDir) -> Iterator[Ledger]:
    settings = settings_from(data_dir=data_dir)
    ledger = Ledger.from_url(settings.ledger_address)
    try:
        ledger.migrate()
        yield ledger
    finally:
        ledger.close()
