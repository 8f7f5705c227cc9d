"""Acting on an incident: one address for each command.

Decides how a request becomes a command, and its answer a status. Whether the command is
allowed now, and what it does, is the incident's.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from api import command_bodies as bodies
from api.documents import CommandAnswer, HandoffDraft, HandoffOffered, PendingAnswer
from api.find import IncidentId, find_running, find_seen
from api.people import ON_CALL, reference_to
from api.problems import Problem
from api.security import Acknowledger, Reader, Responder
from api.sending import Sending, sending
from api.services import Parts
from domain.incident import commands
from domain.incident.view import IncidentView

router = APIRouter(
    prefix="/v1/incidents/{id}",
    tags=["commands"],
    responses={202: {"model": PendingAnswer, "description": "Durable, applied once later."}},
)

Send = Annotated[Sending, Depends(sending)]


@router.post("/acknowledge", operation_id="acknowledge", response_model=CommandAnswer)
async def acknowledge(send: Send, caller: Acknowledger) -> Any:
    """I am on it."""
    return await send(caller, commands.Acknowledge(**send.by(caller)))


@router.post("/unacknowledge", operation_id="unacknowledge", response_model=CommandAnswer)
async def unacknowledge(
    send: Send, caller: Responder, body: bodies.ReasonBody | None = None
) -> Any:
    """I am not on it after all: page again."""
    reason = (body or bodies.ReasonBody()).reason
    return await send(caller, commands.Unacknowledge(**send.by(caller), reason=reason))


@router.post("/confirm", operation_id="confirm", response_model=CommandAnswer)
async def confirm(send: Send, caller: Responder, body: bodies.ConfirmBody | None = None) -> Any:
    """Yes to what was asked: the raise, "still on it?", or the resolution."""
    question = (body or bodies.ConfirmBody()).question
    return await send(caller, commands.Confirm(**send.by(caller), question=question))


@router.post("/escalate", operation_id="escalate", response_model=CommandAnswer)
async def escalate(send: Send, caller: Responder, body: bodies.ReasonBody | None = None) -> Any:
    """Page the next level now."""
    reason = (body or bodies.ReasonBody()).reason
    return await send(caller, commands.Escalate(**send.by(caller), reason=reason))


@router.post("/severity", operation_id="set_severity", response_model=CommandAnswer)
async def set_severity(send: Send, caller: Responder, body: bodies.SeverityBody) -> Any:
    """Set the severity, with a reason."""
    command = commands.SetSeverity(**send.by(caller), severity=body.severity, reason=body.reason)
    return await send(caller, command)


@router.post("/assign", operation_id="assign_role", response_model=CommandAnswer)
async def assign_role(send: Send, parts: Parts, caller: Responder, body: bodies.AssignBody) -> Any:
    """Ask a person to take a role; they hold it once they accept."""
    to = reference_to(parts.snapshot.roster, body.to)
    return await send(caller, commands.Assign(**send.by(caller), role=body.role, to=to))


@router.post("/note", operation_id="add_note", response_model=CommandAnswer)
async def add_note(send: Send, caller: Responder, body: bodies.NoteBody) -> Any:
    """Put something on the timeline: plain, action, decision, finding or call."""
    return await send(caller, commands.Note(**send.by(caller), text=body.text, type=body.type))


@router.post("/mitigate", operation_id="mitigate", response_model=CommandAnswer)
async def mitigate(send: Send, caller: Responder, body: bodies.TextBody | None = None) -> Any:
    """The harm is stopped; the cause may not be."""
    text = (body or bodies.TextBody()).text
    return await send(caller, commands.Mitigate(**send.by(caller), text=text))


@router.post("/resolve", operation_id="resolve", response_model=CommandAnswer)
async def resolve(send: Send, caller: Responder, body: bodies.TextBody | None = None) -> Any:
    """It is over."""
    text = (body or bodies.TextBody()).text
    return await send(caller, commands.Resolve(**send.by(caller), text=text))


@router.post("/reopen", operation_id="reopen", response_model=CommandAnswer)
async def reopen(send: Send, caller: Responder, body: bodies.ReasonBody | None = None) -> Any:
    """It was not over."""
    reason = (body or bodies.ReasonBody()).reason
    return await send(caller, commands.Reopen(**send.by(caller), reason=reason))


@router.post("/cancel", operation_id="cancel", response_model=CommandAnswer)
async def cancel(send: Send, caller: Responder, body: bodies.ReasonBody | None = None) -> Any:
    """It was a false alarm."""
    reason = (body or bodies.ReasonBody()).reason
    return await send(caller, commands.Cancel(**send.by(caller), reason=reason))


@router.post("/roles/{role}/accept", operation_id="accept_role", response_model=CommandAnswer)
async def accept_role(send: Send, caller: Responder, role: str) -> Any:
    """Take the role one was paged, assigned or offered for."""
    return await send(caller, commands.AcceptRole(**send.by(caller), role=role))


@router.post("/roles/{role}/decline", operation_id="decline_role", response_model=CommandAnswer)
async def decline_role(
    send: Send, caller: Responder, role: str, body: bodies.ReasonBody | None = None
) -> Any:
    """Refuse the role one was paged, assigned or offered for."""
    reason = (body or bodies.ReasonBody()).reason
    return await send(caller, commands.DeclineRole(**send.by(caller), role=role, reason=reason))


@router.post("/roles/{role}/release", operation_id="release_role", response_model=CommandAnswer)
async def release_role(
    send: Send, caller: Responder, role: str, body: bodies.ReasonBody | None = None
) -> Any:
    """Give up a role one holds; its vacancy pages by itself."""
    reason = (body or bodies.ReasonBody()).reason
    return await send(caller, commands.ReleaseRole(**send.by(caller), role=role, reason=reason))


@router.get("/handoff", operation_id="draft_handoff")
async def draft_handoff(parts: Parts, caller: Reader, incident: IncidentId) -> HandoffDraft:
    """What a handoff must say, pre-filled from the state."""
    view = (await find_seen(parts, incident)).view
    held = [
        role
        for role, holders in view.roles.items()
        if any(caller.actor == f"user:{holder.person}" for holder in holders)
    ]
    filled = dict.fromkeys(view.handoff_require, "") | view.handoff_suggestion
    return HandoffDraft(roles=held, require=list(view.handoff_require), summary=filled)


@router.post("/handoff", operation_id="offer_handoff", response_model=HandoffOffered)
async def offer_handoff(
    send: Send,
    parts: Parts,
    caller: Responder,
    incident: IncidentId,
    body: bodies.HandoffBody,
) -> Any:
    """Offer a role to a person, or to whoever a schedule names; answers the offer's id."""
    to = reference_to(parts.snapshot.roster, body.to, ON_CALL)
    owner = await find_running(parts, incident)
    known = await parts.writer.read(lambda ledger: ledger.incident(owner.reference))
    if known is not None:
        _check_summary(known, body.summary)
    command = commands.OfferHandoff(**send.by(caller), role=body.role, to=to, summary=body.summary)
    answer = await send(caller, command)
    if not isinstance(answer, CommandAnswer):
        return answer
    return HandoffOffered(**dict(answer), id=answer.offer)


@router.post("/handoff/{offer}/accept", operation_id="accept_handoff", response_model=CommandAnswer)
async def accept_handoff(send: Send, caller: Responder, offer: str) -> Any:
    """Take what was offered."""
    return await send(caller, commands.AcceptHandoff(**send.by(caller), offer=offer))


@router.post(
    "/handoff/{offer}/decline", operation_id="decline_handoff", response_model=CommandAnswer
)
async def decline_handoff(
    send: Send, caller: Responder, offer: str, body: bodies.ReasonBody | None = None
) -> Any:
    """Refuse what was offered."""
    reason = (body or bodies.ReasonBody()).reason
    return await send(
        caller, commands.DeclineHandoff(**send.by(caller), offer=offer, reason=reason)
    )


def _check_summary(view: IncidentView, summary: Mapping[str, str]) -> None:
    """422 naming every required field that says nothing, with what it might say."""
    missing = [name for name in view.handoff_require if not summary.get(name, "").strip()]
    if missing:
        names = ", ".join(repr(name) for name in missing)
        known = next((text for name in missing if (text := view.handoff_suggestion.get(name))), "")
        such_as = f", such as: {known}" if known else "."
        raise Problem(
            422,
            f"The handoff needs {names} in its summary: say it in a sentence{such_as}",
            errors=[(f"body.summary.{name}", "required, and empty") for name in missing],
        )
