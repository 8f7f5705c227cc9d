"""A test page: sent to oneself, by an admin to anybody, and its report.

Decides who may page whom, and by which methods. The page is `domain.trial`; it is sent
by a workflow of its own, so that it can be seen.
"""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from api.gateway_errors import NotFound
from api.idempotency import IdempotencyKey, request_id_of
from api.people import reference_to
from api.problems import Problem
from api.security import Caller, Responder, Scope
from api.services import Parts, Services
from domain.roster import Method
from domain.trial import PREFIX, Trial, TrialReport, ways_of
from ledger import AuditEntry

router = APIRouter(prefix="/v1/me", tags=["me"])


class TrialBody(BaseModel):
    """By which method only, and to whom else (which needs the scope `admin`)."""

    method: Method | None = None
    person: str | None = None


class TrialStarted(BaseModel):
    """The test runs as this workflow; its report is at the address below `report`."""

    workflow_id: str
    person: str
    methods: list[Method]
    report: str
    temporal: str


class TrialState(BaseModel):
    """How the test stands: `running`, or `done` with what became of each method."""

    status: str
    sentence: str
    report: TrialReport | None = None


@router.post("/test-page", operation_id="send_test_page", status_code=202)
async def send_test_page(
    parts: Parts, caller: Responder, body: TrialBody | None = None, key: IdempotencyKey = None
) -> TrialStarted:
    """Send me a test page by each of my ways, or by one; it is marked as a test."""
    said = body or TrialBody()
    person = _whom(parts, caller, said.person)
    user = parts.snapshot.roster.users[person]
    methods = [said.method] if said.method else list(ways_of(user))
    if not methods:
        raise Problem(422, f"{user.name} has no contact in the roster: add one there.")
    if said.method and said.method not in user.contact:
        known = ", ".join(ways_of(user)) or "none"
        message = f"{user.name} has no {said.method.value} contact; there are: {known}"
        raise Problem(422, f"method: {message}", errors=[("body.method", message)])
    digest = hashlib.sha256(request_id_of(caller.actor, key).encode()).hexdigest()[:8]
    workflow_id = f"test-page-{person}-{digest}"
    trial = Trial(
        reference=f"{PREFIX}{digest.upper()}",
        person=person,
        person_name=user.name,
        methods=tuple(methods),
        asked_by=caller.name,
    )
    await parts.gateway.start_trial(workflow_id, trial)
    entry = AuditEntry(actor=caller.actor, action="test_page", target=person, outcome="started")
    await parts.writer.write(lambda ledger: ledger.audit(entry))
    return _started(parts, workflow_id, trial)


def _whom(parts: Services, caller: Caller, named: str | None) -> str:
    """The person to page: the caller, or for an admin somebody else."""
    roster = parts.snapshot.roster
    if named is not None:
        person = reference_to(roster, named, field="person").removeprefix("user:")
        if f"user:{person}" != caller.actor and not caller.may(Scope.ADMIN):
            raise Problem(403, "A test page to somebody else needs the scope 'admin'.")
        return person
    kind, _, person = caller.actor.partition(":")
    if kind != "user" or person not in roster.users:
        raise Problem(422, f"{caller.name} is nobody in the roster: name a person to page.")
    return person


def _started(parts: Services, workflow_id: str, trial: Trial) -> TrialStarted:
    settings = parts.settings
    ui = f"{settings.ui_address}/namespaces/{settings.temporal_namespace}/workflows"
    return TrialStarted(
        workflow_id=workflow_id,
        person=trial.person,
        methods=list(trial.methods),
        report=f"{settings.public_address}/v1/me/test-page/{workflow_id}",
        temporal=f"{ui}/{workflow_id}",
    )


TrialId = Annotated[str, Path(pattern="^test-page-[a-z0-9_]+-[0-9a-f]{8}$")]


@router.get("/test-page/{workflow_id}", operation_id="get_test_page")
async def get_test_page(parts: Parts, caller: Responder, workflow_id: TrialId) -> TrialState:
    """How the test page stands."""
    person = workflow_id.removeprefix("test-page-")[:-9]
    if f"user:{person}" != caller.actor and not caller.may(Scope.ADMIN):
        raise Problem(403, "The test page of somebody else needs the scope 'admin'.")
    try:
        report = await parts.gateway.trial_report(workflow_id)
    except NotFound as error:
        raise Problem(404, f"There is no test page {workflow_id!r}.") from error
    if report is None:
        return TrialState(status="running", sentence="The test page is on its way.")
    return TrialState(status="done", sentence=report.sentence, report=report)
