"""`watchbill override`: ask somebody to cover a shift, and answer when you are asked.

Decides how an override reads in a terminal. Who may do what, and what is a moment, is
the API's.
"""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli.respond.session import Session, print_json, responders_command

Which = Annotated[str, typer.Argument(help="The override's id, such as ov-7f3c2a1b.")]
Because = Annotated[str, typer.Option("--because", help="Why.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(
        help="Overrides: somebody else serves for a while, once they have accepted.",
        no_args_is_help=True,
    )
    for act in (add, list_, accept, decline, withdraw):
        group.command(act.__name__.removesuffix("_"))(responders_command(act))
    app.add_typer(group, name="override")


def add(
    session: Session,
    schedule: Annotated[str, typer.Argument(help="The schedule's id.")],
    person: Annotated[
        str | None, typer.Argument(help="Who covers, by id or name; you unless given.")
    ] = None,
    *,
    from_: Annotated[
        str, typer.Option("--from", help="Its start: 2026-12-24T18:00, local to the schedule.")
    ],
    to: Annotated[str, typer.Option("--to", help="Its end, in the same way.")],
    because: Because = "",
) -> None:
    """Cover a stretch of a schedule yourself, or ask somebody to."""
    body = {"person": person, "from": from_, "to": to, "reason": because}
    path = f"/v1/schedules/{quote(schedule.strip(), safe='')}/overrides"
    said = session.api.post(path, {name: value for name, value in body.items() if value})
    if session.as_json:
        print_json(said.body)
        return
    typer.echo(said.sentence)
    for warning in said.body.get("warnings", []):
        typer.echo(f"Note: {warning}")
    typer.echo(f"Its id is {said.body['override']['id']}.")


def list_(
    session: Session,
    schedule: Annotated[
        str | None, typer.Argument(help="Only this one, declined and expired ones too.")
    ] = None,
) -> None:
    """List overrides that hold, or wait for an answer."""
    path = "/v1/overrides"
    if schedule is not None:
        path = f"/v1/schedules/{quote(schedule.strip(), safe='')}/overrides"
    document = session.api.get(path)
    if session.as_json:
        print_json(document)
        return
    if not document["items"]:
        typer.echo("No overrides.")
        return
    from cli.show.incident import printed

    printed(_table(document["items"]))


def accept(session: Session, override: Which) -> None:
    """Cover what you were asked to."""
    _answer(session, override, "accept", "")


def decline(session: Session, override: Which, because: Because = "") -> None:
    """Do not cover it; nothing changes."""
    _answer(session, override, "decline", because)


def withdraw(session: Session, override: Which, because: Because = "") -> None:
    """Take back what you asked for or accepted; everyone concerned is told."""
    _answer(session, override, "withdraw", because)


def _answer(session: Session, override: str, answer: str, because: str) -> None:
    path = f"/v1/overrides/{quote(override.strip(), safe='')}/{answer}"
    said = session.api.post(path, {"reason": because} if because else {})
    if session.as_json:
        print_json(said.body)
    else:
        typer.echo(said.sentence)


def _table(items: list[dict[str, Any]]) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("id", "state", "schedule", "who", "from", "to", "asked by", "because"):
        table.add_column(column)
    for one in items:
        table.add_row(
            one["id"],
            one["status"],
            one["schedule"],
            Text(one["person_name"]),
            _here(one["start"]),
            _here(one["end"]),
            Text(one["requested_by_name"]),
            Text(one["reason"]),
        )
    return table


def _here(text: str) -> str:
    """The API's moment on a wall here: `2026-12-24 18:00 CET`."""
    return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M %Z}"
