"""`watchbill maintenance`: plan a window, renew it, end it, list them.

Decides how a window reads in a terminal. How long one may be is the API's.
"""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli.respond.session import Session, pairs, print_json, responders_command

Which = Annotated[str, typer.Argument(help="The window's id, such as mw-7f3k2q1c.")]
For = Annotated[str | None, typer.Option("--for", metavar="2h", help="How long, at most 24h.")]
Until = Annotated[str | None, typer.Option("--until", help="Its end, as 2026-11-22T05:00Z.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(
        help="Maintenance windows: what they cover pages nobody until they end.",
        no_args_is_help=True,
    )
    for act in (add, list_, renew, end):
        group.command(act.__name__.removesuffix("_"))(responders_command(act))
    app.add_typer(group, name="maintenance")


def add(
    session: Session,
    *,
    because: Annotated[str, typer.Option("--because", help="Why, for everybody to read.")],
    service: Annotated[str | None, typer.Option("--service", help="The service worked on.")] = None,
    match: Annotated[
        list[str] | None,
        typer.Option("--match", metavar="LABEL=VALUE", help="Alerts with this label; repeatable."),
    ] = None,
    for_: For = None,
    until: Until = None,
    from_: Annotated[
        str | None, typer.Option("--from", help="Its beginning, as 2026-11-22T03:00Z; else now.")
    ] = None,
) -> None:
    """Let what fires there be recorded, and page only if it outlasts the window."""
    body = {
        "service": service,
        "match": pairs(match or [], "--match") or None,
        "for": for_,
        "until": until,
        "from": from_,
        "reason": because,
    }
    _post(session, "/v1/maintenance", body)


def list_(session: Session) -> None:
    """List windows: active, planned, past."""
    document = session.api.get("/v1/maintenance")
    if session.as_json:
        print_json(document)
        return
    if not document["items"]:
        typer.echo("No maintenance.")
        return
    from cli.show.incident import printed

    printed(_table(document["items"]))


def renew(session: Session, window: Which, for_: For = None, until: Until = None) -> None:
    """Let a window end later, at most 24 h from now."""
    _post(session, f"{_path(window)}/renew", {"for": for_, "until": until})


def end(session: Session, window: Which) -> None:
    """End a window now: what still fires pages at once."""
    _post(session, f"{_path(window)}/end", {})


def _path(window: str) -> str:
    return f"/v1/maintenance/{quote(window.strip(), safe='')}"


def _post(session: Session, path: str, body: dict[str, Any]) -> None:
    said = session.api.post(path, {name: value for name, value in body.items() if value})
    if session.as_json:
        print_json(said.body)
        return
    typer.echo(said.sentence)
    if path == "/v1/maintenance":
        typer.echo(f"Its id is {said.body['window']['id']}.")


def _table(items: list[dict[str, Any]]) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("id", "state", "covers", "from (UTC)", "until (UTC)", "by", "because"):
        table.add_column(column)
    for one in items:
        labels = (f"{name}={'|'.join(values)}" for name, values in one["match"].items())
        table.add_row(
            one["id"],
            one["state"],
            Text(one["service"] or ", ".join(labels)),
            _moment(one["starts_at"]),
            _moment(one["ends_at"]),
            Text(one["created_by_name"]),
            Text(one["reason"]),
        )
    return table


def _moment(text: str) -> str:
    """`2026-11-22 05:00` of the API's UTC moment."""
    return text[:16].replace("T", " ")
