"""The forms behind a signed link that act on steps and facts.

Decides how a form becomes a command. It acts as the person the link was signed for; what
the incident takes from them is its own.
"""

# ruff: noqa: FAST003  # a dependency reads the path

from typing import Annotated, Literal
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from api.links import Link, Opened, act, show
from api.sending import By, Sending
from domain.incident.commands import Command
from domain.incident.commands_of_steps import (
    FactRelease,
    FactSet,
    StepAnswer,
    StepApprove,
    StepChoose,
    StepCommand,
    StepDone,
    StepReject,
    StepRetry,
    StepSkip,
    StepTakeOver,
    StepUndo,
)

router = APIRouter(prefix="/i", tags=["links"], include_in_schema=False)

MOST_FIELDS = 20

StepAct = Literal[
    "done",
    "undo",
    "choose",
    "answer",
    "approve",
    "break-glass",
    "reject",
    "retry",
    "skip",
    "take-over",
]

_COMMANDS: dict[StepAct, tuple[type[StepCommand], tuple[str, ...]]] = {
    "done": (StepDone, ("item",)),
    "undo": (StepUndo, ("item",)),
    "choose": (StepChoose, ("option", "because")),
    "answer": (StepAnswer, ("answer",)),
    "approve": (StepApprove, ("because",)),
    "break-glass": (StepApprove, ("because",)),
    "reject": (StepReject, ("because",)),
    "retry": (StepRetry, ()),
    "skip": (StepSkip, ("because",)),
    "take-over": (StepTakeOver, ("because",)),
}
"""Which command each form is, and the fields that it has."""


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form that was sent, each once; empty if it is none."""
    body = await request.body()
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:  # not a form, or too many fields: what is missing is then said
        return {}
    return dict(pairs)


Form = Annotated[dict[str, str], Depends(form_of)]


@router.post("/{token}/steps/{step}/{what}")
async def act_on_step(link: Link, step: str, what: StepAct, form: Form) -> HTMLResponse:
    """Say something about a step, as the person the link was signed for."""
    sending = Sending(link.parts, link.view.reference, None)
    try:
        command = _step_command(what, step, form, sending.by(link.caller))
    except ValidationError as error:
        return await _incomplete(link, error)
    return await act(link, sending, command)


@router.post("/{token}/facts/{fact}/{what}")
async def act_on_fact(
    link: Link, fact: str, what: Literal["set", "release"], form: Form
) -> HTMLResponse:
    """Set a fact, or let what is measured count again."""
    sending = Sending(link.parts, link.view.reference, None)
    by = sending.by(link.caller)
    if what == "release":
        return await act(link, sending, FactRelease(**by, fact=fact))
    value = form.get("value", "").strip()
    if not value:
        return await show(link, 422, "Nothing was set: a value is missing.", is_bad=True)
    return await act(link, sending, FactSet(**by, fact=fact, value=value))


def _step_command(what: StepAct, step: str, form: dict[str, str], by: By) -> Command:
    """The command of a form. Raises ValidationError where something is missing."""
    model, fields = _COMMANDS[what]
    given = {name: text for name in fields if (text := form.get(name, "").strip())}
    in_need = {"break_glass": True} if what == "break-glass" else {}
    return model.model_validate({**by, "step": step, **given, **in_need})


async def _incomplete(link: Opened, error: ValidationError) -> HTMLResponse:
    missing = " and ".join(
        "the reason" if part["loc"][-1] == "because" else f"the {part['loc'][-1]}"
        for part in error.errors()
    )
    said = f"Nothing was done: {missing} is missing or too long."
    return await show(link, 422, said, is_bad=True)
