"""Finds the incident that a path names: a reference, or the newest of a workflow id.

Decides when the running incident is asked and when the record must do.
"""

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, ConfigDict

from api.gateway_errors import EngineUnavailable
from api.problems import Problem
from api.services import Services
from domain.incident.view import IncidentView, Phase
from ledger import Owner

IncidentId = Annotated[
    str,
    Path(
        alias="id",
        max_length=200,
        description="A reference (INC-M4T9WC), or a workflow id for its newest incident.",
    ),
]


class Seen(BaseModel):
    """An incident, and whether its workflow answered (else it is the record)."""

    model_config = ConfigDict(frozen=True)

    view: IncidentView
    is_fresh: bool


async def find_owner(parts: Services, incident: str) -> Owner:
    """The workflow id and reference that this path means; 404 if there is none."""
    found = await parts.writer.read(lambda ledger: ledger.find(incident))
    if found is None:
        raise unknown(incident)
    return found


async def find_running(parts: Services, incident: str) -> Owner:
    """The incident a command is for; 409 if it is over or another one runs in its place."""
    owner = await find_owner(parts, incident)
    known = await parts.writer.read(lambda ledger: ledger.incident(owner.reference))
    if known is None:
        return owner
    if is_over(known):
        raise Problem(409, f"{known.reference} is {known.phase.value}: nothing can be done to it.")
    newest = await parts.writer.read(lambda ledger: ledger.find(owner.workflow_id))
    if newest is not None and newest.reference != known.reference:
        raise Problem(409, f"{known.reference} is over; {newest.reference} followed it.")
    return owner


async def find_seen(parts: Services, incident: str) -> Seen:
    """The incident as fresh as it can be had; 404 if nobody knows it."""
    owner = await find_owner(parts, incident)
    known = await parts.writer.read(lambda ledger: ledger.incident(owner.reference))
    if known is not None and is_over(known):
        return Seen(view=known, is_fresh=True)
    fresh = await _ask(parts, owner.workflow_id)
    by_workflow = incident == owner.workflow_id
    if fresh is not None and (by_workflow or fresh.reference == owner.reference):
        return Seen(view=fresh, is_fresh=True)
    if known is None:
        raise unknown(incident)
    return Seen(view=known, is_fresh=False)


def is_over(view: IncidentView) -> bool:
    """Whether the incident's run has ended for good."""
    return view.phase is Phase.CLOSED or view.closed_at is not None


def unknown(incident: str) -> Problem:
    """404 for an incident that nobody knows."""
    return Problem(404, f"No incident {incident!r}; GET /v1/incidents?phase=all lists them.")


async def _ask(parts: Services, workflow_id: str) -> IncidentView | None:
    try:
        return await parts.gateway.view(workflow_id)
    except EngineUnavailable:
        return None
