"""Drills over HTTP: start one, see which run by themselves, and how they went.

Decides who may start one and what a request may say instead of the playbook. What a drill
is, is `domain.drill`; running it is the engine's.
"""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from pydantic_core import PydanticCustomError

from api.drill_documents import (
    DrillDocument,
    DrillList,
    DrillStarted,
    ScheduledDrill,
    document_of_drill,
    first_view,
)
from api.drill_watch import wanted_schedules
from api.gateway_errors import EngineUnavailable
from api.idempotency import IdempotencyKey, answer_once
from api.incidents import check_may_declare, reference_for
from api.problems import Problem
from api.security import Caller, Reader, Responder
from api.services import Parts, Services
from compiler.diagnostics import choice
from compiler.document_drill import DEFAULT, read_behaviour, read_responder
from domain.drill import Behaviour, DrillPlan, Mode, Responders
from domain.drill_run import DrillChanges, DrillStart, drill_id, incident_id, merged
from domain.plan import Plan
from domain.values import Value, Values, WrongTypeError, as_value
from ledger import AuditEntry, Ledger
from ledger.records import DrillRecord

router = APIRouter(prefix="/v1/drills", tags=["drills"])

SHOWN = 20
"""Drills in the list."""

Reference = Annotated[str, Path(max_length=100, description="A drill's incident: INC-M4T9WC.")]


class DrillBody(BaseModel):
    """A drill of `playbook`; what is not said is as its `drill:` says, or plain.

    `responders` are written as there: `{"default": "3m", "user:bo": "never"}`.
    """

    playbook: str = Field(max_length=200)
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    summary: str | None = Field(default=None, max_length=500)
    facts: dict[str, Value] | None = None
    responders: dict[str, str] | None = None
    people: Mode | None = None
    speed: float | None = Field(default=None, ge=1, le=3600)


@router.get("", operation_id="list_drills")
async def list_drills(parts: Parts, caller: Reader) -> DrillList:
    """Drills that run by themselves with their next times, and the newest drills."""
    del caller
    found = await parts.writer.read(lambda ledger: ledger.drills.drills(SHOWN))
    return DrillList(
        scheduled=await _scheduled(parts),
        items=[document_of_drill(parts.settings, each) for each in found],
    )


@router.get("/{reference}", operation_id="get_drill")
async def get_drill(parts: Parts, caller: Reader, reference: Reference) -> DrillDocument:
    """One drill, with its score card once it is over."""
    del caller
    found = await parts.writer.read(_drill_named(reference))
    if found is not None:
        return document_of_drill(parts.settings, found)
    if await parts.writer.read(lambda ledger: ledger.find(reference)) is not None:
        raise Problem(404, f"{reference.upper()} is no drill: it is a real incident.")
    raise Problem(404, f"No drill {reference!r}; GET /v1/drills lists them.")


@router.post("", operation_id="start_drill")
async def start_drill(
    parts: Parts, caller: Responder, body: DrillBody, key: IdempotencyKey = None
) -> DrillStarted:
    """Run a playbook as a drill, with nothing real but, if asked for, its people."""
    plan = parts.snapshot.plans.get(body.playbook)
    if plan is None:
        message = f"no playbook {body.playbook!r}: {choice(body.playbook, parts.snapshot.plans)}"
        raise Problem(422, message, errors=[("body.playbook", message)])
    changes = _changes(parts, plan, body)
    drill = merged(parts.snapshot.drills.get(plan.name, DrillPlan()), changes)
    if drill.people == "real":
        check_may_declare(parts, plan, caller)

    async def start() -> DrillStarted:
        await _refuse_a_second(parts, plan)
        reference = await reference_for(parts, caller, key)
        return await _start(parts, caller, (plan, drill, changes), reference)

    return await answer_once(parts, f"drill:{caller.actor}", key, DrillStarted, start)


async def _start(
    parts: Services, caller: Caller, what: tuple[Plan, DrillPlan, DrillChanges], reference: str
) -> DrillStarted:
    plan, drill, changes = what
    start = DrillStart(
        playbook=plan.name,
        reference=reference,
        by=caller.actor,
        by_name=caller.name,
        changes=changes,
    )
    await parts.gateway.start_drill(start)
    view = first_view(plan, drill, reference)
    entry = AuditEntry(actor=caller.actor, action="drill", target=reference, outcome="done")
    await parts.writer.write(lambda ledger: ledger.record(view.model_dump(mode="json"), []))
    await parts.writer.write(lambda ledger: ledger.audit(entry))
    who = "real people get messages marked [DRILL]" if drill.people == "real" else "nobody is told"
    return DrillStarted(
        reference=reference,
        id=drill_id(plan.name, reference),
        incident=incident_id(plan.name, reference),
        playbook=plan.name,
        people=drill.people,
        speed=drill.pace,
        sentence=f"{reference} is a drill of {plan.name} at speed {drill.pace:g}: {who}.",
    )


async def _refuse_a_second(parts: Services, plan: Plan) -> None:
    """409 while a drill of this playbook is under way: two would be told apart by nobody."""
    found = await parts.writer.read(lambda ledger: ledger.drills.open_of(plan.name))
    if found is not None:
        raise Problem(
            409,
            f"A drill of {plan.name} is under way: {found}. Wait for its end, or end it: "
            f"watchbill cancel {found}.",
        )


def _changes(parts: Services, plan: Plan, body: DrillBody) -> DrillChanges:
    said = body.model_dump(exclude={"playbook", "facts", "responders"}, exclude_none=True)
    if body.facts is not None:
        said["facts"] = _facts(plan, body.facts)
    if body.responders is not None:
        said["responders"] = _responders(parts, body.responders)
    return DrillChanges.model_validate(said)


def _facts(plan: Plan, given: Values) -> Values:
    """The facts as values of their types; 422 for one that no source says."""
    found: Values = {}
    for name, value in given.items():
        fact = plan.facts.get(name)
        if fact is None or not (fact.is_measured or fact.ask is not None):
            asked = [one for one, each in plan.facts.items() if each.is_measured or each.ask]
            raise _unfit(f"facts.{name}", f"no source says '{name}': {choice(name, asked)}")
        try:
            found[name] = as_value(value, fact.type)
        except WrongTypeError as error:
            raise _unfit(f"facts.{name}", f"{name}: {error}") from error
    return found


def _responders(parts: Services, given: dict[str, str]) -> Responders:
    """How people behave; 422 naming who or what is wrong."""
    found: dict[str, Behaviour] = {}
    roster = parts.snapshot.roster
    for ref, text in given.items():
        try:
            kind, _, name = read_responder(ref).partition(":")
            found[ref] = read_behaviour(text)
        except PydanticCustomError as error:
            context = error.context or {}
            raise _unfit(f"responders.{ref}", f"{context['text']}; {context['help']}") from error
        known = roster.users if kind == "user" else roster.schedules
        if ref != DEFAULT and name not in known:
            raise _unfit(f"responders.{ref}", f"no {kind} '{name}': {choice(name, known)}")
    default = found.pop(DEFAULT, Behaviour())
    return Responders(default=default, by_ref=found)


def _unfit(field: str, message: str) -> Problem:
    return Problem(422, message, errors=[(f"body.{field}", message)])


async def _scheduled(parts: Services) -> list[ScheduledDrill]:
    """What the files want, with what the engine says of it; while it is away without times."""
    try:
        seen = {each.playbook: each for each in await parts.gateway.drill_schedules()}
    except EngineUnavailable:
        seen = {}
    return [
        ScheduledDrill(
            playbook=name,
            every=wanted.every.text(),
            source=wanted.source,
            next=seen[name].next if name in seen else (),
            is_paused=name in seen and seen[name].is_paused,
            is_known_to_the_engine=name in seen,
        )
        for name, wanted in sorted(wanted_schedules(parts.snapshot).items())
    ]


def _drill_named(reference: str) -> Callable[[Ledger], DrillRecord | None]:
    return lambda ledger: ledger.drills.drill(reference)
