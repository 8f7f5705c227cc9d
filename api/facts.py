"""Reading and setting an incident's facts over HTTP.

Decides how a request becomes a command about one fact. Which types and values fit, and what
follows from a change, is the incident's.
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
from domain.incident.commands_of_steps import FactRelease, FactSet
from domain.incident.view import FactView

router = APIRouter(
    prefix="/v1/incidents/{id}/facts",
    tags=["facts"],
    responses={202: {"model": PendingAnswer, "description": "Durable, applied once later."}},
)

Send = Annotated[Sending, Depends(sending)]

FactName = Annotated[
    str, Path(max_length=200, description="As the playbook declares it.", examples=["error_ratio"])
]


class FactList(BaseModel):
    """The declared facts; `fresh` is false when no worker answered and it is the record."""

    reference: str
    items: list[FactView]
    fresh: bool = True


@router.get("", operation_id="list_facts")
async def list_facts(parts: Parts, caller: Reader, incident: IncidentId) -> FactList:
    """What is known of each declared fact, since when and from where."""
    del caller
    seen = await find_seen(parts, incident)
    return FactList(reference=seen.view.reference, items=list(seen.view.facts), fresh=seen.is_fresh)


@router.post("/{fact}", operation_id="set_fact", response_model=CommandAnswer)
async def set_fact(send: Send, caller: Responder, fact: FactName, body: bodies.FactBody) -> Any:
    """Say what it is; it stands until it is released, whatever is measured."""
    return await send(caller, FactSet(**send.by(caller), fact=fact, value=body.value))


@router.post("/{fact}/release", operation_id="release_fact", response_model=CommandAnswer)
async def release_fact(send: Send, caller: Responder, fact: FactName) -> Any:
    """Let what is measured count again."""
    return await send(caller, FactRelease(**send.by(caller), fact=fact))
