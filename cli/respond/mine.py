"""The commands about oneself: what I hold and what waits for me, and a test page.

Decides how they are printed, and how long a test page is waited for.
"""

import time
from typing import Annotated, Any

import typer

from cli.client import Api, ApiError
from cli.respond.session import Session, print_json, responders_command
from domain.roster import Method

WAIT_S = 90.0
"""Longer than a test page without any answer takes to give up."""

LOOK_EVERY_S = 0.5


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("mine")(responders_command(mine))
    app.command("test-page")(responders_command(test_page))


def mine(session: Session) -> None:
    """Show what you hold, what waits for you, and where you are on call."""
    document = session.api.get("/v1/me")
    if session.as_json:
        print_json(document)
        return
    from cli.plain_text import plain

    zone = f", zone {document['tz']}" if document.get("tz") else ""
    typer.echo(plain(f"You are {document['name']} ({', '.join(document['scopes'])}{zone})."))
    for heading, lines in _parts(document):
        typer.echo(f"\n{heading}")
        for line in lines:
            typer.echo(f"  {plain(line)}")


def _parts(me: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Every part with its lines; what is empty says so in one line."""
    parts = [
        ("Waiting for you", [_waiting(one) for one in me["waiting"]], "nothing"),
        ("Pages to you", [_page(one) for one in me["pages"]], ""),
        ("Roles you hold", [_role(one) for one in me["roles"]], "none"),
        ("Your tasks", [_task(one) for one in me["tasks"]], ""),
        ("On call now", [_on_call(one) for one in me["on_call"]], "nowhere"),
    ]
    return [(heading, lines or [empty]) for heading, lines, empty in parts if lines or empty]


def _waiting(one: dict[str, Any]) -> str:
    until = f", until {_moment(one['until'])}" if one["until"] else ""
    what = f"{one['what']} {one['id'].replace('_', ' ')}"
    return f"{one['reference']}  {what}{until}: {one['title']}  ({one['say']})"


def _page(one: dict[str, Any]) -> str:
    page = one["page"]
    how = f"by {page['method']} ({page['level']}), {page['state']}"
    return f"{one['reference']}  {how}, {_moment(page['at'])}: {one['title']}"


def _role(one: dict[str, Any]) -> str:
    acting = " (acting)" if one["acting"] else ""
    role = one["role"].replace("_", " ")
    return f"{one['reference']}  {one['severity']}  {role}{acting}: {one['title']}"


def _task(one: dict[str, Any]) -> str:
    task = one["task"]
    due = f", due {_moment(task['due'])}" if task["due"] else ""
    return f"{one['reference']}  {task['id']}: {task['text']}{due}"


def _on_call(one: dict[str, Any]) -> str:
    until = f" until {_moment(one['until'])}" if one["until"] else ""
    return f"{one['schedule']}{until}"


def _moment(text: str) -> str:
    """The moment where the reader is."""
    from datetime import datetime

    from cli.plain_text import local

    return local(datetime.fromisoformat(text))


def test_page(
    session: Session,
    method: Annotated[
        Method | None, typer.Option("--method", help="By this method only; else by each.")
    ] = None,  # noqa: PT028 - a command, not a test
    person: Annotated[
        str | None, typer.Option("--person", help="To somebody else (admins only).")
    ] = None,  # noqa: PT028 - a command, not a test
) -> None:
    """Send yourself a test page by each of your methods, and say what became of it."""
    body = {"method": method.value if method else None, "person": person}
    given = {name: value for name, value in body.items() if value is not None}
    started = session.api.post("/v1/me/test-page", given).body
    said = wait_for_report(session.api, str(started["workflow_id"]))
    if session.as_json:
        print_json(said)
    else:
        for line in said["report"]["lines"]:
            typer.echo(f"{line['method']:<8}  {outcome_of(line)}")
        typer.echo(said["sentence"])
    if not all(line["outcome"] == "delivered" for line in said["report"]["lines"]):
        raise typer.Exit(1)


def wait_for_report(api: Api, workflow_id: str) -> dict[str, Any]:
    """What became of a test page; ApiError if nobody carries it out."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        said = api.get(f"/v1/me/test-page/{workflow_id}")
        if said["status"] == "done":
            return said
        time.sleep(LOOK_EVERY_S)
    raise ApiError("the test page is still under way: is a worker running?")


def outcome_of(line: dict[str, Any]) -> str:
    """What became of one method of a test page."""
    if line["outcome"] == "delivered":
        return "delivered"
    return f"not delivered: {line['detail']}"
