"""`watchbill heartbeats`: which are declared, and how each stands.

Decides how the list reads. The worst comes first.
"""

from typing import Any

import typer

from cli.respond.session import Session, print_json, responders_command

WORST_FIRST = ("missing", "unknown", "never", "beating")

SAID = {
    "missing": "missing",
    "unknown": "unknown: no worker answers",
    "never": "never seen",
    "beating": "beating",
}


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("heartbeats")(responders_command(heartbeats))


def heartbeats(session: Session) -> None:
    """List heartbeats: missing ones, those never seen, those that beat."""
    document = session.api.get("/v1/heartbeats")
    if session.as_json:
        print_json(document)
        return
    if not document["items"]:
        typer.echo("No playbook in service declares a heartbeat.")
        return
    from cli.show.incident import printed

    printed(_table(document["items"]))


def _table(items: list[dict[str, Any]]) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("heartbeat", "state", "last beat (UTC)", "missing after", "playbook"):
        table.add_column(column)
    for one in sorted(items, key=lambda one: WORST_FIRST.index(one["state"])):
        last = one["last_beat_at"]
        table.add_row(
            one["name"],
            SAID[one["state"]],
            last[:19].replace("T", " ") if last else "–",
            one["missing_after"],
            one["playbook"],
        )
    return table
