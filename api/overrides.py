"""Overrides: ask somebody to cover a stretch of a schedule, and answer it.

Decides which requests make sense: whom, when and for how long. What becomes of one is
its workflow's; writing and telling is `api.covering`.
"""

# ruff: noqa: FAST003  # a dependency reads the path

import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.covering import Taken, answer_cover, ask_cover, note, start_of, warnings_of
from api.documents import PendingAnswer
from api.gateway_errors import Pending
from api.idempotency import IdempotencyKey, answer_once, request_id_of
from api.people import reference_to
from api.problems import Problem
from api.schedules import Named, read_moment, wrong
from api.security import Caller, Reader, Responder, shown_name
from api.services import Parts, Services
from domain.cover import OverrideStatus
from domain.cover_text import span_text
from domain.roster import Roster, Schedule
from ledger.override_book import OverrideRecord

router = APIRouter(
    prefix="/v1",
    tags=["schedules"],
    responses={202: {"model": PendingAnswer, "description": "Durable, applied once later."}},
)

BACK = timedelta(hours=1)
"""How long ago an override may begin."""

LONGEST = timedelta(days=31)


class OverrideBody(BaseModel):
    """Who serves, from when to when. Without `person` it is the caller.

    Moments are ISO; without an offset they are local time of the schedule.
    """

    model_config = ConfigDict(extra="forbid")

    person: str | None = Field(default=None, max_length=200)
    user: str | None = Field(default=None, max_length=200, description="The same as `person`.")
    from_: str = Field(alias="from", max_length=64)
    to: str = Field(max_length=64)
    reason: str = Field(default="", max_length=500)


class AnswerBody(BaseModel):
    """Why, for whoever asked."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(default="", max_length=500)


class OverrideDocument(BaseModel):
    """One override. `answer_by` is until when a proposal can be accepted."""

    id: str
    schedule: str
    person: str
    person_name: str
    start: datetime
    end: datetime
    status: OverrideStatus
    reason: str
    requested_by: str
    requested_by_name: str
    requested_at: datetime
    answer_by: datetime
    answered_at: datetime | None


class OverrideList(BaseModel):
    """Overrides that have not ended."""

    items: list[OverrideDocument]


class OverrideAdded(BaseModel):
    """What became of the request; `warnings` are for whoever asks."""

    sentence: str
    override: OverrideDocument
    warnings: list[str]


class OverrideAnswered(BaseModel):
    """What became of the answer."""

    sentence: str
    status: OverrideStatus


@router.get("/overrides", operation_id="list_all_overrides")
async def list_all_overrides(
    parts: Parts,
    caller: Reader,
    person: Annotated[str | None, Query(description="Only those this person covers.")] = None,
) -> OverrideList:
    """Every override that holds, or waits for an answer."""
    del caller
    now = datetime.now(UTC)
    rows = await parts.writer.read(lambda ledger: ledger.open_overrides(now))
    return _listed(parts, tuple(row for row in rows if person in (None, row.person)))


@router.get("/schedules/{id}/overrides", operation_id="list_overrides")
async def list_overrides(parts: Parts, caller: Reader, schedule: Named) -> OverrideList:
    """Every override of a schedule that has not ended, declined ones too."""
    del caller
    now = datetime.now(UTC)
    rows = await parts.writer.read(lambda ledger: ledger.overrides(schedule.id, now))
    return _listed(parts, rows)


@router.post("/schedules/{id}/overrides", operation_id="add_override")
async def add_override(
    parts: Parts,
    caller: Responder,
    schedule: Named,
    body: OverrideBody,
    key: IdempotencyKey = None,
) -> OverrideAdded:
    """Cover a stretch of a schedule yourself, or ask somebody to."""
    scope = f"{caller.actor}/override/{schedule.id}"
    row = _wanted(parts.snapshot.roster, schedule, body, caller)

    async def add() -> OverrideAdded:
        return await add_wanted(parts, caller, row)

    return await answer_once(parts, scope, key, OverrideAdded, add)


@router.post(
    "/overrides/{override}/{answer}",
    operation_id="answer_override",
    response_model=OverrideAnswered,
)
async def answer_override(
    parts: Parts,
    caller: Responder,
    override: str,
    answer: Literal["accept", "decline", "withdraw"],
    body: AnswerBody | None = None,
    key: IdempotencyKey = None,
) -> Any:
    """Accept or decline what you were asked to cover, or withdraw what you asked or accepted."""
    reason = (body or AnswerBody()).reason
    return await _answer(parts, caller, override, kind=answer, reason=reason, key=key)


@router.delete(
    "/overrides/{override}", operation_id="withdraw_override", response_model=OverrideAnswered
)
async def withdraw_override(parts: Parts, caller: Responder, override: str) -> Any:
    """Withdraw an override: the same as its address `withdraw`."""
    return await _answer(parts, caller, override, kind="withdraw", reason="", key=None)


@router.get("/overrides/{override}", operation_id="get_override")
async def get_override(parts: Parts, caller: Reader, override: str) -> OverrideDocument:
    """One override, also one that is over."""
    del caller
    row = await parts.writer.read(lambda ledger: ledger.override(override))
    if row is None:
        raise Problem(404, f"No override {override!r}; GET /v1/overrides lists them.")
    return _document(parts.snapshot.roster, row)


async def add_wanted(parts: Services, caller: Caller, row: OverrideRecord) -> OverrideAdded:
    """The override, asked for; 409 naming another proposal for the same time."""
    roster = parts.snapshot.roster
    others = await parts.writer.read(lambda ledger: ledger.open_overrides(row.requested_at))
    try:
        kept = await ask_cover(parts, caller, row)
    except Taken as error:
        detail = _taken_text(roster, error.row)
        await note(parts, caller, "override.add", row.schedule, outcome="refused", detail=detail)
        raise Problem(409, detail) from error
    start = start_of(roster, kept)
    if kept.status is OverrideStatus.ACCEPTED:
        sentence = f"{start.person_name} covers {start.schedule} {start.when}."
    else:
        zone = roster.schedules[row.schedule].tz
        until = span_text(kept.requested_at, start.answer_by, zone).partition(" to ")[2]
        sentence = (
            f"{start.person_name} is asked to cover {start.schedule} {start.when}, "
            f"and has until {until} to accept."
        )
    return OverrideAdded(
        sentence=sentence,
        override=_document(roster, kept),
        warnings=list(warnings_of(roster, kept, others)),
    )


def new_override_id() -> str:
    """A fresh id, short enough to type."""
    return f"ov-{secrets.token_hex(4)}"


def _wanted(
    roster: Roster, schedule: Schedule, body: OverrideBody, caller: Caller
) -> OverrideRecord:
    """What the request asks for; 422 naming the field that cannot be."""
    now = datetime.now(UTC)
    named = body.person or body.user or caller.actor
    person = reference_to(roster, named, field="person").partition(":")[2]
    starts_at = read_moment("body.from", body.from_, schedule.tz)
    ends_at = read_moment("body.to", body.to, schedule.tz)
    if starts_at < now - BACK:
        raise wrong("body.from", "it began more than an hour ago; begin it now")
    if ends_at <= starts_at:
        raise wrong("body.to", "the end is not after the start")
    if ends_at <= now:
        raise wrong("body.to", "it is over already")
    if ends_at - starts_at > LONGEST:
        raise wrong("body.to", "it may last 31 days at most; change the schedule instead")
    accepted = caller.actor == f"user:{person}"
    return OverrideRecord(
        id=new_override_id(),
        schedule=schedule.id,
        person=person,
        starts_at=starts_at,
        ends_at=ends_at,
        status=OverrideStatus.ACCEPTED if accepted else OverrideStatus.PROPOSED,
        reason=body.reason,
        requested_by=caller.actor,
        requested_at=now,
        answered_at=now if accepted else None,
    )


async def _answer(
    parts: Services, caller: Caller, override: str, *, kind: str, reason: str, key: str | None
) -> OverrideAnswered | JSONResponse:
    request_id = request_id_of(caller.actor, key)

    async def act() -> OverrideAnswered:
        reply = await answer_cover(
            parts, caller, override, kind=kind, reason=reason, request_id=request_id
        )
        return OverrideAnswered(sentence=reply.sentence, status=reply.status)

    scope = f"{caller.actor}/override/{override}/{kind}"
    try:
        return await answer_once(parts, scope, key, OverrideAnswered, act)
    except Pending:
        text = "No worker answered in time; it is kept and will be applied once."
        pending = PendingAnswer(sentence=text, request_id=request_id)
        return JSONResponse(pending.model_dump(), status_code=202)


def _taken_text(roster: Roster, other: OverrideRecord) -> str:
    start = start_of(roster, other)
    return (
        f"{start.person_name} is asked already to cover {start.schedule} {start.when} "
        f"({other.id}): wait for the answer, or withdraw it."
    )


def _listed(parts: Services, rows: tuple[OverrideRecord, ...]) -> OverrideList:
    roster = parts.snapshot.roster
    found = [_document(roster, row) for row in rows]
    return OverrideList(items=sorted(found, key=lambda each: (each.start, each.id)))


def _document(roster: Roster, row: OverrideRecord) -> OverrideDocument:
    start = start_of(roster, row)
    return OverrideDocument(
        id=row.id,
        schedule=row.schedule,
        person=row.person,
        person_name=start.person_name,
        start=row.starts_at,
        end=row.ends_at,
        status=row.status,
        reason=row.reason,
        requested_by=row.requested_by,
        requested_by_name=shown_name(roster, row.requested_by),
        requested_at=row.requested_at,
        answer_by=start.answer_by,
        answered_at=row.answered_at,
    )
