"""Where things beat, and how each heartbeat stands.

Decides statuses: 202 once the beat is durable, 404 naming near ones, 503 with
Retry-After. When one is missing is `domain.heartbeat`.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Depends, Path
from prometheus_client import Counter
from pydantic import BaseModel

from api.gateway_errors import EngineUnavailable
from api.gateway_heartbeats import HasClient, HeartbeatGateway, Looked
from api.people import stranger
from api.problems import Problem
from api.security import Caller, Reader, Scope, require
from api.services import Parts
from compiler.durations import written
from domain.heartbeat import Beat, Heartbeat, declared
from domain.plan import HeartbeatTrigger, Plan

router = APIRouter(prefix="/v1/heartbeats", tags=["heartbeats"])

BEATS = Counter("watchbill_heartbeats_total", "Beats received, by heartbeat.", ("heartbeat",))

Beater = Annotated[Caller, Depends(require(Scope.INGEST))]
Name = Annotated[str, Path(max_length=200, description="A heartbeat that a playbook declares.")]

_ANY_BODY: dict[str, Any] = {
    "requestBody": {"required": False, "content": {"application/json": {"schema": {}}}}
}


class BeatAnswer(BaseModel):
    """The beat is durable. `missing_at` is when silence from now on is an alert."""

    heartbeat: str
    received_at: datetime
    missing_at: datetime


class HeartbeatDocument(BaseModel):
    """One heartbeat.

    `state`: `never` before its first beat (silence is then no alert), `beating`, `missing`,
    or `unknown` while no worker answers.
    """

    name: str
    playbook: str
    missing_after: str
    state: Literal["never", "beating", "missing", "unknown"]
    last_beat_at: datetime | None = None
    missing_at: datetime | None = None
    incident: str | None = None


class HeartbeatList(BaseModel):
    """All heartbeats that playbooks in service declare, by name."""

    items: list[HeartbeatDocument]


def heartbeats(parts: Parts) -> HeartbeatGateway:
    """The heartbeats of this app's engine."""
    return HeartbeatGateway(cast("HasClient", parts.gateway))


Engine = Annotated[HeartbeatGateway, Depends(heartbeats)]


@router.put("/{name}", status_code=202, operation_id="put_beat", openapi_extra=_ANY_BODY)
@router.post("/{name}", status_code=202, operation_id="beat", openapi_extra=_ANY_BODY)
async def beat(parts: Parts, engine: Engine, caller: Beater, name: Name) -> BeatAnswer:
    """It is alive; whatever the body says is not read."""
    del caller
    now = datetime.now(UTC)
    known = declared(parts.snapshot.plans)
    if name not in known:
        detail = stranger("heartbeat", name, sorted(known))
        if not known:
            detail = f"There is no heartbeat '{name}': no playbook in service declares any."
        raise Problem(404, detail)
    missing_after = known[name][1].missing_after
    await engine.beat(name, Beat(at=now, missing_after=missing_after))
    BEATS.labels(heartbeat=name).inc()
    return BeatAnswer(heartbeat=name, received_at=now, missing_at=now + missing_after)


@router.get("", operation_id="list_heartbeats")
async def list_heartbeats(parts: Parts, engine: Engine, caller: Reader) -> HeartbeatList:
    """Every heartbeat that a playbook in service declares, and how it stands."""
    del caller
    known = declared(parts.snapshot.plans)
    seen = await engine.look(known)
    items = [_document(plan, trigger, seen[name]) for name, (plan, trigger) in known.items()]
    return HeartbeatList(items=sorted(items, key=lambda one: one.name))


def _document(plan: Plan, trigger: HeartbeatTrigger, seen: Looked) -> HeartbeatDocument:
    own: dict[str, Any] = {
        "name": trigger.name,
        "playbook": plan.name,
        "missing_after": written(trigger.missing_after),
    }
    match seen:
        case None:
            return HeartbeatDocument(**own, state="never")
        case EngineUnavailable():
            return HeartbeatDocument(**own, state="unknown")
        case Heartbeat():
            is_missing = seen.told_at is not None and not seen.has_returned
            return HeartbeatDocument(
                **own,
                state="missing" if is_missing else "beating",
                last_beat_at=seen.last_at,
                missing_at=seen.last_at + seen.missing_after,
                incident=seen.incident if is_missing else None,
            )
