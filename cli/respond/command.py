"""The responder's commands that look: list, show, watch, timeline.

Decides which pages of a list are asked for. Those that act are `cli.respond.commands`,
how things look is `cli.show.incident`.
"""

from typing import Annotated, Any

import typer

from cli.client import incident_path
from cli.respond import by_hand, commands, facts, mine, steps
from cli.respond.commands import Incident
from cli.respond.session import Session, print_json, responders_command
from domain.incident.view import Phase, TimelineEntry

PAGE = 100
ENTRIES_AT_ONCE = 500
PHASES = ("open", "all", *(phase.value for phase in Phase))


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for act in (list_, show, watch, timeline):
        app.command(act.__name__.removesuffix("_"))(responders_command(act))
    commands.register(app)
    by_hand.register(app)
    steps.register(app)
    facts.register(app)
    mine.register(app)


def list_(
    session: Session,
    phase: Annotated[
        str, typer.Option("--phase", help="open, all, or one phase such as resolved.")
    ] = "open",
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = PAGE,
) -> None:
    """List incidents, newest first."""
    if phase not in PHASES:
        raise typer.BadParameter(f"{phase!r}: use {', '.join(PHASES)}", param_hint="--phase")
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    while len(items) < limit:
        size = min(PAGE, limit - len(items))
        page = session.api.get("/v1/incidents", phase=phase, limit=size, cursor=cursor)
        items += page["items"]
        cursor = page.get("next")
        if cursor is None:
            break
    if session.as_json:
        print_json({"items": items, "next": cursor})
        return
    _print_list(items, phase, more=cursor is not None)
    if phase == "open":
        _print_held_back(session)


def _print_held_back(session: Session) -> None:
    """What maintenance holds back is not open, and must not be out of sight either."""
    held = session.api.get("/v1/incidents", phase="suppressed", limit=PAGE)["items"]
    if held:
        typer.echo("\nHeld back by maintenance, nobody is paged:")
        _print_list(held, "suppressed", more=False)


def show(session: Session, incident: Incident) -> None:
    """Show one incident: what burns, who is on it, what happens next."""
    from cli.show.incident import incident as whole
    from cli.show.incident import printed, utc_now
    from cli.show.shown import parsed

    document = session.api.get(incident_path(incident))
    if session.as_json:
        print_json(document)
    else:
        printed(whole(parsed(document), utc_now()))


def watch(session: Session, incident: Incident) -> None:
    """Follow one incident live until it closes, or Ctrl-C."""
    from cli.watch import watch as follow

    if session.as_json:
        _follow_as_json(session, incident)
    else:
        known = [TimelineEntry.model_validate(entry) for entry in _entries(session, incident)]
        follow(session.api.follow(incident, known[-1].seq if known else None), known)


def timeline(session: Session, incident: Incident) -> None:
    """Print everything that happened, in order."""
    from cli.show.incident import printed
    from cli.show.incident import timeline as whole

    entries = _entries(session, incident)
    if session.as_json:
        print_json({"items": entries, "next": None})
    else:
        printed(whole([TimelineEntry.model_validate(entry) for entry in entries]))


def _entries(session: Session, incident: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        path = f"{incident_path(incident)}/timeline"
        page = session.api.get(path, after=after, limit=ENTRIES_AT_ONCE)
        entries += page["items"]
        after = page.get("next")
    return entries


def _print_list(items: list[dict[str, Any]], phase: str, *, more: bool) -> None:
    from cli.show.incident import incident_list, printed, utc_now
    from cli.show.shown import ShownItem

    if not items:
        typer.echo("No open incidents." if phase == "open" else f"No incidents ({phase}).")
        return
    printed(incident_list([ShownItem.model_validate(item) for item in items], utc_now()))
    if more:
        typer.echo(f"There are more: --limit {len(items) * 2} shows them.", err=True)


def _follow_as_json(session: Session, incident: str) -> None:
    """One JSON object a line: the event's name and its data."""
    import json

    try:
        for happened in session.api.follow(incident):
            line = {"event": happened.event, "id": happened.id, "data": happened.data}
            typer.echo(json.dumps(line, ensure_ascii=False))
    except KeyboardInterrupt:
        return
