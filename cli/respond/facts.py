"""`watchbill fact …`: what is known of an incident's facts, and setting them.

Decides their arguments and the table. Types, and what follows from a change, are the
incident's.
"""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote

import typer

from cli.client import incident_path
from cli.respond.session import Session, print_json, responders_command

Incident = Annotated[
    str, typer.Argument(metavar="ID", help="A reference (INC-M4T9WC) or a workflow id.")
]
Name = Annotated[str, typer.Argument(help="The fact's name, as the playbook declares it.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    facts = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    acts: tuple[Callable[..., None], ...] = (fact_list, fact_set, fact_release)
    for act in acts:
        facts.command(act.__name__.removeprefix("fact_"))(responders_command(act))
    app.add_typer(facts, name="fact", help="What is known of the incident, measured or set.")


def fact_list(session: Session, incident: Incident) -> None:
    """List the facts: their values, how old they are, and from where."""
    document = session.api.get(f"{incident_path(incident)}/facts")
    if session.as_json:
        print_json(document)
        return
    from rich.console import Group

    from cli.show.incident import printed, utc_now
    from cli.show.steps import fact_lines
    from domain.incident.view import FactView

    facts = [FactView.model_validate(fact) for fact in document["items"]]
    if not facts:
        typer.echo("No facts.")
        return
    printed(Group(*fact_lines(facts, utc_now())))


def fact_set(
    session: Session,
    incident: Incident,
    name: Name,
    value: Annotated[str, typer.Argument(help="Its value; a list is separated by commas.")],
) -> None:
    """Say what a fact is; it stands until you release it, whatever is measured."""
    session.act(incident, f"facts/{quote(name.strip(), safe='')}", {"value": value})


def fact_release(session: Session, incident: Incident, name: Name) -> None:
    """Let what is measured count again."""
    session.act(incident, f"facts/{quote(name.strip(), safe='')}/release")
