"""What concerns the caller: who they are, what they hold, what waits for them, a test page.

Decides what of the open incidents and schedules is the caller's. It is read from the
record, so that it never touches a running incident.
"""

import hashlib
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from api.gateway_errors import NotFound
from api.idempotency import IdempotencyKey, request_id_of
from api.people import reference_to
from api.problems import Problem
from api.security import Caller, Reader, Responder, Scope
from api.services import Parts, Services
from domain.incident.view import IncidentView, PagedView, TaskView
from domain.on_call import stand_behind
from domain.roster import Method, User
from domain.trial import PREFIX, Trial, TrialReport
from ledger import AuditEntry

router = APIRouter(prefix="/v1/me", tags=["me"])

OPEN_READ = 2_000
"""Open incidents that are looked through; nobody holds a role in more."""

AT_ONCE = 200


class Held(BaseModel):
    """A role that the caller holds in an open incident."""

    reference: str
    title: str
    severity: str
    role: str
    acting: bool = False


class MyTask(BaseModel):
    """An open task of the caller."""

    reference: str
    title: str
    task: TaskView


class Waiting(BaseModel):
    """A question, an offer or a role that waits for the caller's answer."""

    reference: str
    title: str
    what: str
    id: str
    until: datetime | None = None
    say: str


class UnderWay(BaseModel):
    """A page to the caller that nobody has answered yet."""

    reference: str
    title: str
    page: PagedView


class OnCallNow(BaseModel):
    """A schedule in which the caller serves, and until when if that is known."""

    schedule: str
    until: datetime | None = None


class Me(BaseModel):
    """Who the caller is, what they hold and what waits for them."""

    actor: str
    name: str
    tz: str | None = None
    scopes: list[str]
    methods: list[Method] = []
    roles: list[Held] = []
    tasks: list[MyTask] = []
    waiting: list[Waiting] = []
    pages: list[UnderWay] = []
    on_call: list[OnCallNow] = []


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


@router.get("", operation_id="get_me")
async def get_me(parts: Parts, caller: Reader) -> Me:
    """Who I am, what I hold, what waits for me, and where I am on call."""
    person = caller.actor.removeprefix("user:")
    views = await _open_incidents(parts)
    user = parts.snapshot.roster.users.get(person)
    return Me(
        actor=caller.actor,
        name=caller.name,
        tz=user.tz if user else None,
        scopes=sorted(caller.scopes),
        methods=_methods(user) if user else [],
        roles=[held for view in views for held in _held(view, person)],
        tasks=[task for view in views for task in _tasks(view, person)],
        waiting=[one for view in views for one in _waiting(view, person)],
        pages=[page for view in views for page in _under_way(view, person)],
        on_call=_on_call(parts, person),
    )


async def _open_incidents(parts: Services) -> list[IncidentView]:
    views: list[IncidentView] = []
    cursor: str | None = None
    while len(views) < OPEN_READ:
        after = cursor
        page = await parts.writer.read(lambda ledger: ledger.incidents("open", AT_ONCE, after))  # noqa: B023
        views += page.items
        cursor = page.next
        if cursor is None:
            break
    return views


def _held(view: IncidentView, person: str) -> list[Held]:
    return [
        Held(
            reference=view.reference,
            title=view.title,
            severity=view.severity.value,
            role=role,
            acting=held.acting,
        )
        for role, holders in view.roles.items()
        for held in holders
        if held.person == person
    ]


def _tasks(view: IncidentView, person: str) -> list[MyTask]:
    return [
        MyTask(reference=view.reference, title=view.title, task=task)
        for task in view.tasks
        if task.owner == person and task.state == "open"
    ]


def _waiting(view: IncidentView, person: str) -> list[Waiting]:
    ref, mine = view.reference, {person, f"user:{person}"}
    here = {"reference": ref, "title": view.title}
    found = [
        Waiting(
            **here,
            what="question",
            id=ask.question,
            until=ask.until,
            say=f"watchbill confirm {ref} --question {ask.question}",
        )
        for ask in view.asks
        if mine & set(ask.of)
    ]
    found += [
        Waiting(
            **here,
            what="offer",
            id=offer.role,
            until=offer.expires_at,
            say=f"watchbill handoff-accept {ref} {offer.id}",
        )
        for offer in view.offers
        if offer.to in mine
    ]
    found += [
        Waiting(**here, what="role", id=one.role, say=f"watchbill accept {ref} {one.role}")
        for one in view.role_asks
        if person in one.of
    ]
    return found


def _under_way(view: IncidentView, person: str) -> list[UnderWay]:
    latest = [page for page in view.paged if page.person == person and page.is_live]
    return [UnderWay(reference=view.reference, title=view.title, page=page) for page in latest]


def _on_call(parts: Services, person: str) -> list[OnCallNow]:
    roster, now = parts.snapshot.roster, datetime.now(UTC)
    found = []
    for schedule in sorted(roster.schedules):
        behind = stand_behind(roster, f"schedule:{schedule}", now)
        if any(one.id == person for one in behind.people):
            found.append(OnCallNow(schedule=schedule, until=behind.until))
    return found


def _methods(user: User) -> list[Method]:
    """Every way that the roster has an address for, in the order of their rules."""
    ruled = [rule.via for rule in (*user.high, *user.low)]
    return [method for method in dict.fromkeys((*ruled, *user.contact)) if method in user.contact]


@router.post("/test-page", operation_id="send_test_page", status_code=202)
async def send_test_page(
    parts: Parts, caller: Responder, body: TrialBody | None = None, key: IdempotencyKey = None
) -> TrialStarted:
    """Send me a test page by each of my ways, or by one; it is marked as a test."""
    said = body or TrialBody()
    person = _whom(parts, caller, said.person)
    user = parts.snapshot.roster.users[person]
    methods = [said.method] if said.method else _methods(user)
    if not methods:
        raise Problem(422, f"{user.name} has no contact in the roster: add one there.")
    if said.method and said.method not in user.contact:
        known = ", ".join(_methods(user)) or "none"
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
