"""The responder's commands that shape an incident: who is on it, until when, at what.

Decides their arguments. Times are sent as they are typed; the API reads them in the
person's own zone.
"""

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli.respond.session import Session, responders_command

Incident = Annotated[
    str, typer.Argument(metavar="ID", help="A reference (INC-M4T9WC) or a workflow id.")
]
Role = Annotated[str, typer.Argument(help="A role, such as incident_commander.")]
Because = Annotated[str, typer.Option("--because", "--text", help="Why, for the timeline.")]
Task = Annotated[str, typer.Argument(help="The task's id, as `watchbill show` lists it.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    acts: tuple[Callable[..., None], ...] = (page, take, join, leave, snooze, still_on_it, set_)
    for act in acts:
        name = act.__name__.removesuffix("_").replace("_", "-")
        app.command(name)(responders_command(act))
    tasks = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    acts = (task_add, task_done, task_undo, task_drop, task_list)
    for act in acts:
        tasks.command(act.__name__.removeprefix("task_"))(responders_command(act))
    app.add_typer(tasks, name="task", help="Tasks beside the playbook's steps.")


def page(
    session: Session,
    incident: Incident,
    to: Annotated[
        list[str], typer.Argument(help="A person, schedule:<id> or team:<id>; several may be.")
    ],
    because: Annotated[str, typer.Option("--because", help="Why (required): they read it.")],
) -> None:
    """Page somebody now: they are needed."""
    session.act(incident, "page", {"to": to, "because": because})


def take(session: Session, incident: Incident, role: Role) -> None:
    """Take a role that is vacant, or whose holder has been silent for 10 minutes."""
    session.act(incident, f"roles/{_part(role)}/take")


def join(session: Session, incident: Incident) -> None:
    """Be one of the responders."""
    session.act(incident, "join")


def leave(session: Session, incident: Incident, because: Because = "") -> None:
    """Be off it: give up every role you hold here."""
    session.act(incident, "leave", {"reason": because})


def snooze(
    session: Session,
    incident: Incident,
    until: Annotated[
        str | None, typer.Option("--until", help="06:30 in your own zone, or with a date.")
    ] = None,
    lasting: Annotated[
        str | None, typer.Option("--for", help="How long, such as 2h or 90m.")
    ] = None,
    because: Because = "",
) -> None:
    """Be on it until then; afterwards the same level is paged again."""
    body: dict[str, Any] = {"reason": because}
    body |= {"until": until} if until is not None else {}
    body |= {"for": lasting} if lasting is not None else {}
    session.act(incident, "snooze", body)


def still_on_it(session: Session, incident: Incident) -> None:
    """Say that you are still on it, asked or not."""
    session.act(incident, "confirm", {"question": "still_on_it"})


def set_(
    session: Session,
    incident: Incident,
    began: Annotated[
        str | None, typer.Option("--began", help="When harm began: 02:50, or with a date.")
    ] = None,
    impact: Annotated[
        str | None, typer.Option("--impact", help="What it means for people.")
    ] = None,
    eta: Annotated[
        str | None, typer.Option("--eta", help="When it may be over: 07:30, or in words.")
    ] = None,
) -> None:
    """Say when harm began, what it means, when it may be over."""
    given = {"began": began, "impact": impact, "eta": eta}
    session.act(incident, "set", {name: text for name, text in given.items() if text is not None})


def task_add(
    session: Session,
    incident: Incident,
    text: Annotated[str, typer.Argument(help="What is to be done.")],
    owner: Annotated[str | None, typer.Option("--owner", help="By whom; else by yourself.")] = None,
    due: Annotated[
        str | None, typer.Option("--due", help="In 30m, or at 07:30 in your own zone.")
    ] = None,
) -> None:
    """Set somebody, or yourself, a task."""
    body = {"text": text}
    body |= {"owner": owner} if owner is not None else {}
    body |= {"due": due} if due is not None else {}
    session.act(incident, "tasks", body)


def task_done(session: Session, incident: Incident, task: Task) -> None:
    """Say that a task is done."""
    session.act(incident, f"tasks/{_part(task)}/done")


def task_undo(session: Session, incident: Incident, task: Task) -> None:
    """Open a task again."""
    session.act(incident, f"tasks/{_part(task)}/undo")


def task_drop(session: Session, incident: Incident, task: Task, because: Because = "") -> None:
    """Say that a task is not needed any more."""
    session.act(incident, f"tasks/{_part(task)}/drop", {"reason": because})


def task_list(session: Session, incident: Incident) -> None:
    """List the tasks of an incident, what is open first."""
    from cli.client import incident_path
    from cli.plain_text import plain
    from cli.respond.session import print_json
    from cli.show.said import tasks
    from cli.show.shown import parsed

    document = session.api.get(incident_path(incident))
    if session.as_json:
        print_json({"items": document.get("tasks", [])})
        return
    for line in tasks(parsed(document).tasks) or ["No tasks."]:
        typer.echo(plain(line))


def _part(name: str) -> str:
    """One part of a path, whatever was typed."""
    return quote(name.strip(), safe="")
