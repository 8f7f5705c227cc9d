"""The responder's commands that act: one function, one command, one address of the API.

Decides their arguments. What they do, and whether it is allowed now, is the incident's.
"""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli.respond.session import Session, pairs, print_json, responders_command
from domain.incident.commands import NoteType
from domain.incident.state import Question
from domain.severity import Severity

Incident = Annotated[
    str, typer.Argument(metavar="ID", help="A reference (INC-M4T9WC) or a workflow id.")
]
Role = Annotated[str, typer.Argument(help="A role, such as incident_commander.")]
Step = Annotated[str, typer.Argument(help="The step's id, as `watchbill show` lists it.")]
Item = Annotated[str | None, typer.Argument(help="One item's id; without it the whole step.")]
Offer = Annotated[str, typer.Argument(help="The offer's id, as the page says it.")]
Because = Annotated[str, typer.Option("--because", "--text", help="Why, for the timeline.")]
Text = Annotated[str, typer.Option("--text", "--because", help="What to add to the timeline.")]

NoteKind = Annotated[NoteType, typer.Option("--type", help="What kind of note.")]
Asked = Annotated[
    Question | None,
    typer.Option("--question", help="Which question; else the one you were asked last."),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for act in _COMMANDS:
        app.command(act.__name__.removesuffix("_").replace("_", "-"))(responders_command(act))
    app.command("acknowledge", hidden=True)(responders_command(ack))


def declare(
    session: Session,
    title: Annotated[str, typer.Argument(help="What is wrong, in one line.")],
    playbook: Annotated[
        str | None, typer.Option("--playbook", help="Which playbook; else the fallback.")
    ] = None,
    severity: Annotated[
        Severity | None, typer.Option("--severity", case_sensitive=False, help="How bad.")
    ] = None,
    label: Annotated[list[str] | None, typer.Option("--label", metavar="K=V")] = None,
    text: Text = "",
) -> None:
    """Open an incident by hand."""
    body: dict[str, Any] = {"title": title, "labels": pairs(label or [], "--label"), "text": text}
    body |= {"playbook": playbook} if playbook else {}
    body |= {"severity": severity.value} if severity else {}
    said = session.api.post("/v1/incidents", body)
    if session.as_json:
        print_json(said.body)
    else:
        typer.echo(said.sentence)


def ack(
    session: Session,
    incident: Annotated[
        str | None, typer.Argument(metavar="ID", help="A reference or a workflow id.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All that pages you and that nobody is on.")
    ] = False,
) -> None:
    """Acknowledge: I am on it, stop paging."""
    if everything == (incident is not None):
        raise typer.BadParameter("name one incident, or give --all", param_hint="ID")
    if incident is not None:
        session.act(incident, "acknowledge")
        return
    said = session.api.post("/v1/me/acknowledge-all")
    if session.as_json:
        print_json(said.body)
        return
    typer.echo(said.sentence)
    for one in said.body["items"]:
        typer.echo(f"  {one['reference']} {one['title']}: {one['sentence']}")


def unack(session: Session, incident: Incident, because: Because = "") -> None:
    """Take an acknowledgement back: page again."""
    session.act(incident, "unacknowledge", {"reason": because})


def escalate(session: Session, incident: Incident, because: Because = "") -> None:
    """Page the next level now."""
    session.act(incident, "escalate", {"reason": because})


def severity(
    session: Session,
    incident: Incident,
    level: Annotated[Severity, typer.Argument(case_sensitive=False, help="SEV1 is the worst.")],
    because: Annotated[str, typer.Option("--because", help="Why (required).")],
) -> None:
    """Set the severity, with the reason."""
    session.act(incident, "severity", {"severity": level.value, "reason": because})


def confirm(
    session: Session,
    incident: Incident,
    question: Asked = None,
) -> None:
    """Say yes to what you were asked: the raise, still on it, or that it is over."""
    session.act(incident, "confirm", {"question": question})


def assign(
    session: Session,
    incident: Incident,
    role: Role,
    person: Annotated[str, typer.Argument(help="Their roster id or name.")],
) -> None:
    """Ask a person to take a role; they hold it once they accept."""
    session.act(incident, "assign", {"role": role, "to": person})


def accept(session: Session, incident: Incident, role: Role) -> None:
    """Take a role you were paged, assigned or offered for."""
    session.act(incident, f"roles/{_part(role)}/accept")


def decline(session: Session, incident: Incident, role: Role, because: Because = "") -> None:
    """Refuse a role you were paged, assigned or offered for."""
    session.act(incident, f"roles/{_part(role)}/decline", {"reason": because})


def release(session: Session, incident: Incident, role: Role, because: Because = "") -> None:
    """Give up a role you hold; its vacancy pages by itself."""
    session.act(incident, f"roles/{_part(role)}/release", {"reason": because})


def handoff(
    session: Session,
    incident: Incident,
    role: Role,
    to: Annotated[str, typer.Argument(help="A person, or schedule:<id> for who is on call.")],
    state_now: Annotated[
        str | None, typer.Option("--state-now", help="How it stands, for the next person.")
    ] = None,
    field: Annotated[
        list[str] | None,
        typer.Option("--field", metavar="NAME=TEXT", help="Another field of the summary."),
    ] = None,
) -> None:
    """Offer your role to somebody; you keep it until they accept."""
    summary = pairs(field or [], "--field")
    if state_now is not None:
        summary["state_now"] = state_now
    session.act(incident, "handoff", {"role": role, "to": to, "summary": summary})


def handoff_accept(session: Session, incident: Incident, offer: Offer) -> None:
    """Accept an offered role."""
    session.act(incident, f"handoff/{_part(offer)}/accept")


def handoff_decline(
    session: Session, incident: Incident, offer: Offer, because: Because = ""
) -> None:
    """Decline an offered role; the holder keeps it."""
    session.act(incident, f"handoff/{_part(offer)}/decline", {"reason": because})


def done(session: Session, incident: Incident, step: Step, item: Item = None) -> None:
    """Tick one item of a checklist, or a whole step."""
    session.act(incident, f"steps/{_part(step)}/done", {"item": item})


def undo(session: Session, incident: Incident, step: Step, item: Item = None) -> None:
    """Untick one item of a checklist, or a whole step."""
    session.act(incident, f"steps/{_part(step)}/undo", {"item": item})


def note(
    session: Session,
    incident: Incident,
    text: Annotated[str, typer.Argument(help="What happened, was found or decided.")],
    kind: NoteKind = "plain",
) -> None:
    """Put something on the timeline."""
    session.act(incident, "note", {"text": text, "type": kind})


def mitigate(session: Session, incident: Incident, text: Text = "") -> None:
    """Say that the harm is stopped; the cause may not be."""
    session.act(incident, "mitigate", {"text": text})


def resolve(session: Session, incident: Incident, text: Text = "") -> None:
    """Say that it is over."""
    session.act(incident, "resolve", {"text": text})


def reopen(session: Session, incident: Incident, because: Because = "") -> None:
    """Say that it was not over: page level 1 again."""
    session.act(incident, "reopen", {"reason": because})


def cancel(session: Session, incident: Incident, because: Because = "") -> None:
    """End it as a false alarm."""
    session.act(incident, "cancel", {"reason": because})


def _part(name: str) -> str:
    """One part of a path, whatever was typed."""
    return quote(name.strip(), safe="")


_COMMANDS = (
    declare,
    ack,
    unack,
    escalate,
    severity,
    confirm,
    assign,
    accept,
    decline,
    release,
    handoff,
    handoff_accept,
    handoff_decline,
    done,
    undo,
    note,
    mitigate,
    resolve,
    reopen,
    cancel,
)
