"""Incidents to read, and to declare by hand.

Decides paging of lists and who may declare. Acting on an incident is `api.commands`,
following it live is `api.events`.
"""

# ruff: noqa: FAST003  # a dependency reads the path

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.documents import (
    DeclareAnswer,
    IncidentDocument,
    IncidentList,
    Timeline,
    document_of,
    item_of,
)
from api.find import IncidentId, find_owner, find_seen
from api.idempotency import IdempotencyKey, answer_once
from api.problems import Problem
from api.security import Caller, Reader, Responder, Scope
from api.services import Parts, Services
from domain.incident.input import ClockSettings, Declaration
from domain.incident.view import IncidentView, Phase
from domain.matching import new_reference
from domain.on_call import stand_behind
from domain.plan import Plan
from domain.severity import Severity
from ledger import AuditEntry, Ledger
from ledger.access_book import KEEP
from ledger.incident_book import BadCursor

router = APIRouter(prefix="/v1/incidents", tags=["incidents"])


class PhaseFilter(StrEnum):
    """Which incidents a list shows: the open ones, all, or those of one phase."""

    OPEN = "open"
    ALL = "all"
    PENDING = "pending"
    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"


class ListFilters(BaseModel):
    """What a list is narrowed by."""

    playbook: str | None = None
    service: str | None = None
    severity: Severity | None = None
    owner: str | None = None
    commander: str | None = None


class DeclareBody(BaseModel):
    """An incident declared by hand. Without `playbook` the fallback playbook runs.

    `clock` and `simulate` are for tests, where the test setting allows them.
    """

    title: str = Field(min_length=1, max_length=500)
    playbook: str | None = None
    severity: Severity | None = None
    labels: dict[str, str] = {}
    text: str = Field(default="", max_length=8000)
    drill: bool = False
    simulate: bool = False
    clock: ClockSettings | None = None


@router.get("", operation_id="list_incidents")
async def list_incidents(
    parts: Parts,
    caller: Reader,
    filters: Annotated[ListFilters, Query()],
    phase: PhaseFilter = PhaseFilter.OPEN,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> IncidentList:
    """Incidents, newest opened first."""
    del caller
    narrowed = filters.model_dump(mode="json", exclude_none=True)
    try:
        page = await parts.writer.read(
            lambda ledger: ledger.incidents(phase.value, limit, cursor or None, narrowed)
        )
    except BadCursor as error:
        raise Problem(422, str(error), errors=[("cursor", str(error))]) from error
    items = [item_of(parts.settings, view) for view in page.items]
    return IncidentList(items=items, next=page.next)


@router.get("/{id}", operation_id="get_incident")
async def get_incident(parts: Parts, caller: Reader, incident: IncidentId) -> IncidentDocument:
    """One incident, as its workflow sees it; as the record has it while no worker answers."""
    del caller
    seen = await find_seen(parts, incident)
    return document_of(parts.settings, seen.view, is_fresh=seen.is_fresh)


@router.get("/{id}/timeline", operation_id="get_timeline")
async def get_timeline(
    parts: Parts,
    caller: Reader,
    incident: IncidentId,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> Timeline:
    """What happened, in order, after the entry `after`."""
    del caller
    owner = await find_owner(parts, incident)
    entries = await parts.writer.read(
        lambda ledger: ledger.timeline(owner.reference, after, limit + 1)
    )
    shown = list(entries[:limit])
    return Timeline(items=shown, next=shown[-1].seq if len(entries) > limit else None)


@router.post("", operation_id="declare_incident")
async def declare_incident(
    parts: Parts,
    caller: Responder,
    body: DeclareBody,
    key: IdempotencyKey = None,
) -> DeclareAnswer:
    """Open an incident by hand."""
    plan = _plan_for(parts, body)
    check_may_declare(parts, plan, caller)
    if (body.clock or body.simulate) and not parts.settings.test_clock:
        raise Problem(
            422,
            "Another clock and simulated pages need the setting WATCHBILL_TEST_CLOCK.",
            errors=[("body.clock" if body.clock else "body.simulate", "not allowed here")],
        )

    async def declare() -> DeclareAnswer:
        reference = await reference_for(parts, caller, key)
        return await _declare(parts, caller, plan, body, reference)

    return await answer_once(parts, f"declare:{caller.actor}", key, DeclareAnswer, declare)


async def _declare(
    parts: Services, caller: Caller, plan: Plan, body: DeclareBody, reference: str
) -> DeclareAnswer:
    declaration = Declaration(
        title=body.title,
        actor=caller.actor,
        actor_name=caller.name,
        severity=body.severity,
        labels=body.labels,
        text=body.text,
    )
    how: dict[str, object] = {"drill": body.drill, "simulate": body.simulate}
    if body.clock:
        how["clock"] = body.clock
    workflow_id, reference = await parts.gateway.declare(plan, declaration, reference, **how)
    view = _first_view(plan, body, workflow_id, reference)
    entry = AuditEntry(actor=caller.actor, action="declare", target=reference, outcome="done")
    await parts.writer.write(lambda ledger: ledger.record(view.model_dump(mode="json"), []))
    await parts.writer.write(lambda ledger: ledger.audit(entry))
    return DeclareAnswer(
        id=workflow_id,
        reference=reference,
        sentence=f"{reference} is open: {body.title}. {plan.name} runs.",
        incident=document_of(parts.settings, view, is_fresh=False),
    )


async def reference_for(parts: Services, caller: Caller, key: str | None) -> str:
    """A fresh reference, or the one that this key always gives.

    A repeat that overtakes the first answer, or comes after a crash, then starts the
    same workflow and not a second one. A key used again after a day is a new one.
    """
    if key is None:
        return await parts.writer.read(lambda ledger: ledger.new_reference())
    turn = 0
    while True:
        drawn = hashlib.sha256(f"{caller.actor}\0{key}\0{turn}".encode(errors="replace"))
        reference = new_reference(drawn.digest())
        known = await parts.writer.read(_incident_named(reference))
        if known is None or datetime.now(UTC) - known.opened_at < KEEP:
            return reference
        turn += 1


def _incident_named(reference: str) -> Callable[[Ledger], IncidentView | None]:
    return lambda ledger: ledger.incident(reference)


def _plan_for(parts: Services, body: DeclareBody) -> Plan:
    snapshot = parts.snapshot
    if body.playbook is None:
        fallback = snapshot.plans.get(snapshot.fallback or "")
        if fallback is None:
            message = "there is no fallback playbook: name one"
            raise Problem(422, f"playbook: {message}", errors=[("body.playbook", message)])
        return fallback
    plan = snapshot.plans.get(body.playbook)
    if plan is None:
        message = f"no playbook {body.playbook!r}; there are: {', '.join(sorted(snapshot.plans))}"
        raise Problem(422, f"playbook: {message}", errors=[("body.playbook", message)])
    return plan


def check_may_declare(parts: Services, plan: Plan, caller: Caller) -> None:
    """403 unless the playbook lets this caller declare it by hand."""
    allowed = plan.manual.allow
    if allowed is None or caller.may(Scope.ADMIN):
        return
    roster = parts.snapshot.roster
    person = caller.actor.partition(":")[2]
    for ref in allowed:
        kind, _, name = ref.partition(":")
        if ref == caller.actor:
            return
        if kind == "team" and name in roster.teams and person in roster.teams[name].members:
            return
        on_call = stand_behind(roster, ref, datetime.now(UTC)) if kind == "schedule" else None
        if on_call is not None and person in [one.id for one in on_call.people]:
            return
    who = ", ".join(allowed) or "nobody"
    raise Problem(403, f"{plan.name} may be declared by {who}; you are {caller.actor}.")


def _first_view(plan: Plan, body: DeclareBody, workflow_id: str, reference: str) -> IncidentView:
    """What is known before the first task has run; the workflow's record replaces it."""
    now = datetime.now(UTC)
    return IncidentView(
        id=workflow_id,
        reference=reference,
        playbook=plan.name,
        playbook_version=plan.version,
        plan_sha256=plan.sha256,
        title=body.title,
        severity=body.severity or plan.severity.default or Severity.SEV3,
        phase=Phase.PENDING,
        service=plan.service,
        owner=plan.owner,
        drill=body.drill,
        dedup_key=reference,
        labels=body.labels,
        handoff_require=plan.handoff.require,
        opened_at=now,
        updated_at=now,
    )
