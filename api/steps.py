"""Acting on a playbook's steps over HTTP, and reading their tree.

Decides how a request becomes a command about one step. Whether it is allowed now, and what
it does, is the incident's. A step's address (`drain@2.1`) may stand in a path as it is.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel

from api import command_bodies as bodies
from api.documents import CommandAnswer, PendingAnswer
from api.find import IncidentId, find_seen
from api.security import Reader, Responder
from api.sending import Sending, sending
from api.services import Parts
from domain.incident import commands_of_steps as commands
from domain.incident.view import StepView

router = APIRouter(
    prefix="/v1/incidents/{id}/steps",
    tags=["steps"],
    responses={202: {"model": PendingAnswer, "description": "Durable, applied once later."}},
)

Send = Annotated[Sending, Depends(sending)]

StepAddress = Annotated[
    str,
    Path(
        max_length=200,
        description="The step's id; in a `for_each` with its round, such as `drain@2`.",
        examples=["rollback", "drain@2"],
    ),
]


class StepTree(BaseModel):
    """The playbook's steps; `fresh` is false when no worker answered and it is the record."""

    reference: str
    items: list[StepView]
    fresh: bool = True


@router.get("", operation_id="list_steps")
async def list_steps(parts: Parts, caller: Reader, incident: IncidentId) -> StepTree:
    """Every step that exists by now, each with what stands inside it."""
    del caller
    seen = await find_seen(parts, incident)
    return StepTree(reference=seen.view.reference, items=list(seen.view.steps), fresh=seen.is_fresh)


@router.post("/{step}/done", operation_id="step_done", response_model=CommandAnswer)
async def step_done(
    send: Send, caller: Responder, step: StepAddress, body: bodies.ItemBody | None = None
) -> Any:
    """Tick one item of a checklist, or say that a whole step is done."""
    item = (body or bodies.ItemBody()).item
    return await send(caller, commands.StepDone(**send.by(caller), step=step, item=item))


@router.post("/{step}/undo", operation_id="step_undo", response_model=CommandAnswer)
async def step_undo(
    send: Send, caller: Responder, step: StepAddress, body: bodies.ItemBody | None = None
) -> Any:
    """Untick one item of a checklist, or the whole step."""
    item = (body or bodies.ItemBody()).item
    return await send(caller, commands.StepUndo(**send.by(caller), step=step, item=item))


@router.post("/{step}/choose", operation_id="step_choose", response_model=CommandAnswer)
async def step_choose(
    send: Send, caller: Responder, step: StepAddress, body: bodies.ChooseBody
) -> Any:
    """Decide for one of the options; its steps run."""
    command = commands.StepChoose(
        **send.by(caller), step=step, option=body.option, because=body.because
    )
    return await send(caller, command)


@router.post("/{step}/answer", operation_id="step_answer", response_model=CommandAnswer)
async def step_answer(
    send: Send, caller: Responder, step: StepAddress, body: bodies.AnswerBody
) -> Any:
    """Answer what a step asks."""
    command = commands.StepAnswer(**send.by(caller), step=step, answer=body.answer)
    return await send(caller, command)


@router.post("/{step}/approve", operation_id="step_approve", response_model=CommandAnswer)
async def step_approve(
    send: Send, caller: Responder, step: StepAddress, body: bodies.ApproveBody | None = None
) -> Any:
    """Say yes to what was asked of others than its asker."""
    given = body or bodies.ApproveBody()
    command = commands.StepApprove(
        **send.by(caller), step=step, because=given.because, break_glass=given.break_glass
    )
    return await send(caller, command)


@router.post("/{step}/reject", operation_id="step_reject", response_model=CommandAnswer)
async def step_reject(
    send: Send, caller: Responder, step: StepAddress, body: bodies.MustSayWhyBody
) -> Any:
    """Say no, and why: what stands behind it is not done."""
    command = commands.StepReject(**send.by(caller), step=step, because=body.because)
    return await send(caller, command)


@router.post("/{step}/retry", operation_id="step_retry", response_model=CommandAnswer)
async def step_retry(send: Send, caller: Responder, step: StepAddress) -> Any:
    """Do a failed or stopped step again."""
    return await send(caller, commands.StepRetry(**send.by(caller), step=step))


@router.post("/{step}/skip", operation_id="step_skip", response_model=CommandAnswer)
async def step_skip(
    send: Send, caller: Responder, step: StepAddress, body: bodies.MustSayWhyBody
) -> Any:
    """Go on without the step, and say why."""
    command = commands.StepSkip(**send.by(caller), step=step, because=body.because)
    return await send(caller, command)


@router.post("/{step}/take-over", operation_id="step_take_over", response_model=CommandAnswer)
async def step_take_over(
    send: Send, caller: Responder, step: StepAddress, body: bodies.BecauseBody | None = None
) -> Any:
    """Do the step by hand; `done` says when."""
    because = (body or bodies.BecauseBody()).because
    command = commands.StepTakeOver(**send.by(caller), step=step, because=because)
    return await send(caller, command)
