"""Maintenance windows over HTTP: plan one, renew it, end it, see them.

Decides how long one may be and who hears when its end moves. What it covers is
`domain.maintenance`, what it does to an incident `domain.incident.suppression`.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from api.idempotency import IdempotencyKey, answer_once
from api.problems import Problem
from api.security import Caller, Reader, Responder
from api.services import Parts, Services
from compiler.durations import read_duration
from domain.clock_text import duration_text
from domain.maintenance import Window, too_long
from ledger import AuditEntry
from ledger.maintenance_book import new_window_id
from ledger.records import MaintenanceRecord

router = APIRouter(prefix="/v1/maintenance", tags=["maintenance"])

WindowId = Annotated[str, Path(max_length=100, description="A window: mw-7f3k2q1c.")]


def _duration(value: object) -> timedelta:
    try:
        return read_duration(value)
    except PydanticCustomError as error:
        context = error.context or {}
        raise _unfit(f"{context.get('text')}: {context.get('help')}") from error


def _unfit(text: str) -> PydanticCustomError:
    """A refusal that is this sentence and nothing else."""
    return PydanticCustomError("maintenance", "{text}", {"text": text})


def _values(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Span = Annotated[timedelta, BeforeValidator(_duration)]
Values = Annotated[tuple[str, ...], BeforeValidator(_values), Field(min_length=1)]


class EndBody(BaseModel):
    """When a window ends: `for` so long (from its start, a renewal from now), or `until`."""

    for_: Span | None = Field(default=None, alias="for")
    until: AwareDatetime | None = None

    @model_validator(mode="after")
    def _one_end(self) -> "EndBody":
        if (self.for_ is None) == (self.until is None):
            raise _unfit("say when it ends: either 'for' (such as 2h) or 'until' (a moment)")
        return self

    def end(self, start: datetime) -> datetime:
        """The end, in UTC."""
        return (self.until or start + (self.for_ or timedelta(0))).astimezone(UTC)


class MaintenanceBody(EndBody):
    """A window on a service, or on alerts with these labels."""

    service: str | None = Field(default=None, min_length=1, max_length=200)
    match: dict[str, Values] = {}
    from_: AwareDatetime | None = Field(default=None, alias="from")
    reason: str = Field(min_length=1, max_length=500)

    @model_validator(mode="after")
    def _one_cover(self) -> "MaintenanceBody":
        if (self.service is None) == (not self.match):
            raise _unfit("say what it covers: either 'service' or 'match' (labels)")
        if self.service is not None and not self.service.strip():
            raise _unfit("'service' is blank: name the service")
        return self


class MaintenanceDocument(BaseModel):
    """One window. `state` is planned, active or past; times are UTC."""

    id: str
    state: Literal["planned", "active", "past"]
    service: str | None = None
    match: dict[str, list[str]] = {}
    starts_at: datetime
    ends_at: datetime
    reason: str
    created_by: str
    created_by_name: str
    created_at: datetime
    ended_by: str | None = None


class MaintenanceList(BaseModel):
    """The windows: active first, then planned, then past ones, newest first."""

    items: list[MaintenanceDocument]


class MaintenanceAnswer(BaseModel):
    """What became of a request about a window."""

    sentence: str
    window: MaintenanceDocument


@router.get("", operation_id="list_maintenance")
async def list_maintenance(parts: Parts, caller: Reader) -> MaintenanceList:
    """Maintenance windows: active, planned, past."""
    del caller
    found = await parts.writer.read(lambda ledger: ledger.maintenance.newest())
    documents = [_document(one) for one in found]
    order = ("active", "planned", "past")
    return MaintenanceList(items=sorted(documents, key=lambda one: order.index(one.state)))


@router.post("", operation_id="add_maintenance")
async def add_maintenance(
    parts: Parts, caller: Responder, body: MaintenanceBody, key: IdempotencyKey = None
) -> MaintenanceAnswer:
    """Alerts that it covers open nothing that pages, until it ends."""

    async def add() -> MaintenanceAnswer:
        now = datetime.now(UTC)
        start = (body.from_ or now).astimezone(UTC)
        end = _sound_end(start, body.end(start), now)
        window = Window(
            id=_id_for(caller, key),
            service=body.service.strip() if body.service else None,
            matchers=body.match,
            starts_at=start,
            ends_at=end,
            reason=" ".join(body.reason.split()),
            by=caller.name,
        )
        await parts.writer.write(lambda ledger: ledger.maintenance.add(window, caller.actor))
        record = await _tell(parts, caller, window.id, "maintenance.add")
        begins = "" if start <= now else f"from {start:%Y-%m-%d %H:%M} "
        note = _unknown_service(parts, window)
        return _answer(record, f"Maintenance {begins}until {_moment(end)}: {_what(window)}.{note}")

    return await answer_once(parts, f"maintenance:{caller.actor}", key, MaintenanceAnswer, add)


@router.patch("/{window}", operation_id="change_maintenance")
@router.post("/{window}/renew", operation_id="renew_maintenance")
async def renew_maintenance(
    parts: Parts, caller: Responder, window: WindowId, body: EndBody
) -> MaintenanceAnswer:
    """Let it end later (or sooner), at most 24 h from now."""
    now = datetime.now(UTC)
    known = await _known(parts, window)
    if known.window.ends_at <= now:
        ended = _moment(known.window.ends_at)
        raise Problem(409, f"Maintenance {window} is over since {ended}: add a new one.")
    start = max(now, known.window.starts_at)
    end = _sound_end(start, body.end(start), now)
    await parts.writer.write(lambda ledger: ledger.maintenance.move_end(window, end))
    record = await _tell(parts, caller, window, "maintenance.renew")
    return _answer(record, f"Maintenance {window} now lasts until {_moment(end)}.")


@router.post("/{window}/end", operation_id="end_maintenance")
async def end_maintenance(parts: Parts, caller: Responder, window: WindowId) -> MaintenanceAnswer:
    """End it now: what still fires pages at once."""
    now = datetime.now(UTC)
    known = await _known(parts, window)
    if known.window.ends_at > now:
        await parts.writer.write(
            lambda ledger: ledger.maintenance.move_end(window, now, caller.actor)
        )
    record = await _tell(parts, caller, window, "maintenance.end")
    over = f"was over already, since {_moment(record.window.ends_at)}"
    how = "is over: what still fires pages now" if known.window.ends_at > now else over
    return _answer(record, f"Maintenance {window} {how}.")


async def _known(parts: Services, window: str) -> MaintenanceRecord:
    found = await parts.writer.read(lambda ledger: ledger.maintenance.find(window))
    if found is None:
        raise Problem(404, f"No maintenance {window!r}; GET /v1/maintenance lists them.")
    return found


async def _tell(parts: Services, caller: Caller, window: str, action: str) -> MaintenanceRecord:
    """Audit, and let the incidents it may hold back hear of it; the window as it is now.

    Raises EngineUnavailable where they cannot: the same request again then tells them.
    """
    parts.windows.forget()
    record = await _known(parts, window)
    detail = f"{_what(record.window)}, until {record.window.ends_at.isoformat()}"
    entry = AuditEntry(
        actor=caller.actor, action=action, target=window, outcome="done", detail=detail
    )
    await parts.writer.write(lambda ledger: ledger.audit(entry))
    if record.window.starts_at <= datetime.now(UTC):
        since = record.window.starts_at
        held = await parts.writer.read(lambda ledger: ledger.maintenance.holding_back(since))
        await parts.gateway.maintenance_changed(record.window, held)
    return record


def _sound_end(start: datetime, end: datetime, now: datetime) -> datetime:
    """The end, unless it is past or too far: 422 with the mend."""
    why_not = "it is over already: give a later end" if end <= now else too_long(start, end)
    if why_not:
        given = f"{_moment(start)} to {_moment(end)} is {duration_text(end - start)}"
        raise Problem(422, f"{given}; {why_not}.", errors=[("body.until", why_not)])
    return end


def _id_for(caller: Caller, key: str | None) -> str:
    """A fresh id, or the one that this key always gives."""
    if key is None:
        return new_window_id()
    return f"mw-{hashlib.sha256(f'{caller.actor}/{key}'.encode()).hexdigest()[:8]}"


def _unknown_service(parts: Services, window: Window) -> str:
    """A remark where nobody here knows the service: it may be misspelt."""
    snapshot = parts.snapshot
    known = {*snapshot.roster.services, *(plan.service for plan in snapshot.plans.values())}
    if window.service is None or any(window.covers({"service": one or ""}, None) for one in known):
        return ""
    return (
        f" No playbook and no service of the roster is called {window.service}: "
        "it covers alerts with that label service."
    )


def _what(window: Window) -> str:
    if window.service is not None:
        return f"service {window.service} ({window.reason})"
    labels = ", ".join(f"{name}={'|'.join(values)}" for name, values in window.matchers.items())
    return f"{labels} ({window.reason})"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _answer(record: MaintenanceRecord, sentence: str) -> MaintenanceAnswer:
    return MaintenanceAnswer(sentence=sentence, window=_document(record))


def _document(record: MaintenanceRecord) -> MaintenanceDocument:
    window, now = record.window, datetime.now(UTC)
    is_past = window.ends_at <= now
    return MaintenanceDocument(
        id=window.id,
        state="past" if is_past else "active" if window.starts_at <= now else "planned",
        service=window.service,
        match={name: list(values) for name, values in window.matchers.items()},
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        reason=window.reason,
        created_by=record.created_by,
        created_by_name=window.by,
        created_at=record.created_at,
        ended_by=record.ended_by,
    )
