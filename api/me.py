"""What concerns the caller: who they are, what they hold, what waits for them.

Decides what of the open incidents and schedules is the caller's. It is read from the
record, so that it never touches a running incident.
"""

from datetime import UTC, datetime

from fastapi import APIRouter
from pydantic import BaseModel

from api.security import Reader
from api.services import Parts, Services
from domain.incident.steps.own import own_steps, say_to, what_waits
from domain.incident.view import IncidentView, PagedView, TaskView
from domain.on_call import stand_behind
from domain.roster import Method
from domain.trial import ways_of

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
    """A question, an offer, a role or a step that waits for the caller's answer."""

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
        methods=list(ways_of(user)) if user else [],
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
    concerned = [_marked(view) for view in views if not view.alone]
    return sorted(concerned, key=lambda view: view.drill)


def _marked(view: IncidentView) -> IncidentView:
    """A drill says that it is one."""
    return view.model_copy(update={"title": f"[DRILL] {view.title}"}) if view.drill else view


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
    found += [
        Waiting(
            **here,
            what=what_waits(own.step),
            id=own.step.label or own.step.id,
            until=own.step.deadline,
            say=say_to(ref, own),
        )
        for own in own_steps(view, person)
        if own.is_asked
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
