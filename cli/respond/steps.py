"""`watchbill step …`: what people say about a playbook's steps.

Decides their arguments, and that a reason is asked for on a terminal where none was given.
What they do, and whether it is allowed now, is the incident's.
"""

import sys
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli.client import incident_path
from cli.respond.session import Session, print_json, responders_command

Incident = Annotated[
    str, typer.Argument(metavar="ID", help="A reference (INC-M4T9WC) or a workflow id.")
]
Step = Annotated[
    str, typer.Argument(help="The step's address, as `watchbill step list` has it: drain@2.")
]
Item = Annotated[str | None, typer.Argument(help="One item's id; without it the whole step.")]
Because = Annotated[str, typer.Option("--because", help="Why, for the timeline.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    steps = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    acts: tuple[Callable[..., None], ...] = (
        step_list,
        step_done,
        step_undo,
        step_choose,
        step_answer,
        step_approve,
        step_reject,
        step_retry,
        step_skip,
        step_take_over,
    )
    for act in acts:
        name = act.__name__.removeprefix("step_").replace("_", "-")
        steps.command(name)(responders_command(act))
    app.add_typer(steps, name="step", help="The steps of the incident's playbook.")


def step_list(session: Session, incident: Incident) -> None:
    """List the steps as a tree: where each stands, whose it is, what it waits for."""
    document = session.api.get(f"{incident_path(incident)}/steps")
    if session.as_json:
        print_json(document)
        return
    from rich.console import Group

    from cli.show.incident import printed, utc_now
    from cli.show.steps import step_lines
    from domain.incident.view import StepView

    steps = [StepView.model_validate(step) for step in document["items"]]
    if not steps:
        typer.echo("No steps.")
        return
    printed(Group(*step_lines(steps, utc_now())))


def step_done(session: Session, incident: Incident, step: Step, item: Item = None) -> None:
    """Tick one item of a checklist, or say that a whole step is done."""
    _act(session, incident, step, "done", {"item": item})


def step_undo(session: Session, incident: Incident, step: Step, item: Item = None) -> None:
    """Untick one item of a checklist, or a whole step."""
    _act(session, incident, step, "undo", {"item": item})


def step_choose(
    session: Session,
    incident: Incident,
    step: Step,
    option: Annotated[str, typer.Argument(help="The option's id.")],
    because: Because = "",
) -> None:
    """Decide for an option; its steps run."""
    why = because or _asked_why("Why this one?")
    _act(session, incident, step, "choose", {"option": option, "because": why})


def step_answer(
    session: Session,
    incident: Incident,
    step: Step,
    value: Annotated[str, typer.Argument(help="A number, yes or no, or a text; as asked.")],
) -> None:
    """Answer what a step asks."""
    _act(session, incident, step, "answer", {"answer": value})


def step_approve(
    session: Session,
    incident: Incident,
    step: Step,
    because: Because = "",
    break_glass: Annotated[
        bool, typer.Option("--break-glass", help="Say yes alone, in need; everybody is told.")
    ] = False,
) -> None:
    """Say yes to what somebody else asks for."""
    why = _reason(because) if break_glass else because
    _act(session, incident, step, "approve", {"because": why, "break_glass": break_glass})


def step_reject(session: Session, incident: Incident, step: Step, because: Because = "") -> None:
    """Say no, and why."""
    _act(session, incident, step, "reject", {"because": _reason(because)})


def step_retry(session: Session, incident: Incident, step: Step) -> None:
    """Do a failed or stopped step again."""
    _act(session, incident, step, "retry")


def step_skip(session: Session, incident: Incident, step: Step, because: Because = "") -> None:
    """Go on without a step, and say why."""
    _act(session, incident, step, "skip", {"because": _reason(because)})


def step_take_over(session: Session, incident: Incident, step: Step, because: Because = "") -> None:
    """Do a step by hand; `watchbill step done` says when."""
    _act(session, incident, step, "take-over", {"because": because})


def _act(
    session: Session, incident: str, step: str, what: str, body: dict[str, Any] | None = None
) -> None:
    session.act(incident, f"steps/{quote(step.strip(), safe='@')}/{what}", body)


def _reason(given: str) -> str:
    """The reason, asked for on a terminal; wrong usage where there is none."""
    why = given.strip() or _asked_why("Why?")
    if not why:
        raise typer.BadParameter("say why, in a sentence", param_hint="--because")
    return why


def _asked_why(question: str) -> str:
    """What is typed, where somebody sits at a terminal; never waits for anybody else."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return ""
    return str(typer.prompt(question, default="", show_default=False, err=True)).strip()
