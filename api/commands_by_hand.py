"""Shaping an incident by hand over HTTP: page, take, join, leave, snooze, facts, tasks.

Decides how names and times of a request become references and moments. Whether the
command is allowed now, and what it does, is the incident's.
"""

from datetime import UTC, datetime, tzinfo
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from api import command_bodies as bodies
from api.documents import CommandAnswer, PendingAnswer
from api.moments import duration_of, moment_of, read_moment
from api.page_rendering import zone_named
from api.people import ANYBODY, reference_to
from api.security import Caller, Responder
from api.sending import Sending, sending
from api.services import Parts, Services
from domain.incident import commands_by_hand as commands

router = APIRouter(
    prefix="/v1/incidents/{id}",
    tags=["commands"],
    responses={202: {"model": PendingAnswer, "description": "Durable, applied once later."}},
)

Send = Annotated[Sending, Depends(sending)]


def zone_of(parts: Services, caller: Caller) -> str:
    """The IANA zone in which the caller reads a clock; empty if the roster says none."""
    user = parts.snapshot.roster.users.get(caller.actor.removeprefix("user:"))
    return user.tz if user else ""


def clock_of(parts: Services, caller: Caller) -> tzinfo:
    """The same as a zone; UTC where the roster says none."""
    return zone_named(zone_of(parts, caller) or None)


@router.post("/page", operation_id="page_people", response_model=CommandAnswer)
async def page_people(send: Send, parts: Parts, caller: Responder, body: bodies.PageBody) -> Any:
    """Page these people now, for a reason; whoever is on it already is told quietly."""
    roster = parts.snapshot.roster
    to = tuple(dict.fromkeys(reference_to(roster, named, ANYBODY) for named in body.to))
    command = commands.Page.model_validate({**send.by(caller), "to": to, "because": body.because})
    return await send(caller, command)


@router.post("/roles/{role}/take", operation_id="take_role", response_model=CommandAnswer)
async def take_role(send: Send, caller: Responder, role: str) -> Any:
    """Take a role that is vacant, or whose holder has fallen silent."""
    return await send(caller, commands.TakeRole(**send.by(caller), role=role))


@router.post("/join", operation_id="join", response_model=CommandAnswer)
async def join(send: Send, caller: Responder) -> Any:
    """Count me among the responders."""
    return await send(caller, commands.Join(**send.by(caller)))


@router.post("/leave", operation_id="leave", response_model=CommandAnswer)
async def leave(send: Send, caller: Responder, body: bodies.ReasonBody | None = None) -> Any:
    """I am off it: every role I hold is vacant."""
    reason = (body or bodies.ReasonBody()).reason
    return await send(caller, commands.Leave(**send.by(caller), reason=reason))


@router.post("/snooze", operation_id="snooze", response_model=CommandAnswer)
async def snooze(send: Send, parts: Parts, caller: Responder, body: bodies.SnoozeBody) -> Any:
    """I am on it until then; afterwards the same level is paged again."""
    until = None
    if body.until is not None:
        until = moment_of("until", body.until, clock_of(parts, caller), ahead=True)
    command = commands.Snooze(
        **send.by(caller),
        zone=zone_of(parts, caller),
        until=until,
        lasting=body.lasting,
        reason=body.reason,
    )
    return await send(caller, command)


@router.post("/set", operation_id="set_facts", response_model=CommandAnswer)
async def set_facts(send: Send, parts: Parts, caller: Responder, body: bodies.FactsBody) -> Any:
    """Say when harm began, what it means for people, when it may be over."""
    clock = clock_of(parts, caller)
    said: dict[str, Any] = {"impact": body.impact}
    if body.began is not None:
        said["began_at"] = moment_of("began", body.began, clock, ahead=False)
    if body.eta is not None:
        said |= _estimate(body.eta, clock)
    said |= {"zone": zone_of(parts, caller), **send.by(caller)}
    return await send(caller, commands.SetFacts.model_validate(said))


def _estimate(text: str, clock: tzinfo) -> dict[str, Any]:
    """A moment where the text is one, else the words themselves."""
    moment = read_moment(text, clock, datetime.now(UTC), ahead=True)
    return {"eta": text} if moment is None else {"eta_at": moment}


@router.post("/tasks", operation_id="add_task", response_model=CommandAnswer)
async def add_task(send: Send, parts: Parts, caller: Responder, body: bodies.TaskBody) -> Any:
    """Set somebody, or oneself, a task beside the playbook's steps."""
    said: dict[str, Any] = {"text": body.text, "zone": zone_of(parts, caller), **send.by(caller)}
    if body.owner is not None:
        roster = parts.snapshot.roster
        owner = reference_to(roster, body.owner, field="owner")
        name = roster.users[owner.removeprefix("user:")].name
        said |= {"owner": owner, "owner_name": name}
    if body.due is not None:
        within = duration_of(body.due)
        if within is not None:
            said["due_in"] = within
        else:
            said["due"] = moment_of("due", body.due, clock_of(parts, caller), ahead=True)
    return await send(caller, commands.TaskAdd.model_validate(said))


@router.post("/tasks/{task}/done", operation_id="task_done", response_model=CommandAnswer)
async def task_done(send: Send, caller: Responder, task: str) -> Any:
    """The task is done."""
    return await send(caller, commands.TaskDone(**send.by(caller), task=task))


@router.post("/tasks/{task}/undo", operation_id="task_undo", response_model=CommandAnswer)
async def task_undo(send: Send, caller: Responder, task: str) -> Any:
    """The task is to do after all."""
    return await send(caller, commands.TaskUndo(**send.by(caller), task=task))


@router.post("/tasks/{task}/drop", operation_id="task_drop", response_model=CommandAnswer)
async def task_drop(
    send: Send, caller: Responder, task: str, body: bodies.ReasonBody | None = None
) -> Any:
    """The task is not needed any more."""
    reason = (body or bodies.ReasonBody()).reason
    return await send(caller, commands.TaskDrop(**send.by(caller), task=task, reason=reason))
