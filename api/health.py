"""Whether this process lives, and whether it can do its work.

Ready means: the engine answers and some catalog is in service. Everything else that is
wrong is listed in the body, because it should be mended but must not stop alerts.
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api.calendar_watch import calendar_reports
from api.gateway_errors import GatewayError
from api.services import Parts, Services
from workflows.options import (
    AUTOMATION_QUEUE,
    FACTS_QUEUE,
    INCIDENTS_QUEUE,
    NOTICES_QUEUE,
    PAGING_QUEUE,
)

router = APIRouter(tags=["health"])

WITHOUT = {
    INCIDENTS_QUEUE: "nobody is paged",
    PAGING_QUEUE: "nobody is paged",
    NOTICES_QUEUE: "nobody is told of anything but pages",
    AUTOMATION_QUEUE: "steps that a machine does wait",
    FACTS_QUEUE: "measured facts go stale",
}
"""What nobody polling a queue means."""


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Check(BaseModel):
    """One thing that was looked at; `mend` says what to do where it is not ok."""

    name: str
    ok: bool
    detail: str
    mend: str = ""


class Readiness(BaseModel):
    """Whether alerts are taken and incidents opened, and all that is not as it should be."""

    status: Literal["ready", "not ready"]
    engine: bool
    catalog: bool
    checks: list[Check]


@router.get("/healthz", operation_id="get_health")
async def get_health() -> Alive:
    """The process answers; it says nothing about the engine."""
    return Alive()


async def _look(parts: Parts) -> Readiness:
    engine = await _engine(parts)
    catalog = _catalog(parts)
    workers = await _workers(parts) if engine.ok else []
    calendars = await _calendars(parts)
    checks = [engine, catalog, *workers, *_catalog_details(parts), *calendars]
    is_ready = engine.ok and catalog.ok
    return Readiness(
        status="ready" if is_ready else "not ready",
        engine=engine.ok,
        catalog=catalog.ok,
        checks=checks,
    )


@router.get(
    "/readyz",
    operation_id="get_readiness",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "Not ready."}},
)
async def get_readiness(found: Annotated[Readiness, Depends(_look)]) -> JSONResponse:
    """Whether the engine answers and some catalog is in service; the rest is in the body."""
    return JSONResponse(found.model_dump(), status_code=200 if found.status == "ready" else 503)


_SERVED = {
    True: "its last good text stays in service.",
    False: "nothing of it is in service.",
}


async def _engine(parts: Services) -> Check:
    if await parts.gateway.is_reachable():
        return Check(name="engine", ok=True, detail="The Temporal server answers.")
    return Check(
        name="engine",
        ok=False,
        detail="The Temporal server does not answer.",
        mend="Start it with `watchbill engine`, or check TEMPORAL_ADDRESS.",
    )


async def _workers(parts: Services) -> list[Check]:
    try:
        polling = await parts.gateway.pollers()
    except GatewayError as error:
        return [Check(name="workers", ok=False, detail=str(error))]
    return [
        Check(
            name=f"workers on {queue}",
            ok=count > 0,
            detail=f"{count} polling.",
            mend="" if count else f"Start `watchbill worker`: until then {WITHOUT[queue]}.",
        )
        for queue, count in sorted(polling.items())
    ]


def _catalog(parts: Services) -> Check:
    count = len(parts.snapshot.plans)
    mend = f"Put playbooks into {parts.settings.playbooks}, or set WATCHBILL_PLAYBOOKS."
    if parts.snapshot.broken:
        mend = "Mend the files that do not compile."
    return Check(
        name="catalog",
        ok=count > 0,
        detail=f"{count} playbooks in service.",
        mend="" if count else mend,
    )


def _catalog_details(parts: Services) -> list[Check]:
    snapshot = parts.snapshot
    checks = []
    if snapshot.fallback is None:
        checks.append(
            Check(
                name="fallback",
                ok=False,
                detail="No fallback playbook: an alert that matches nothing pages nobody.",
                mend="Name one in house.yaml.",
            )
        )
    checks += [
        Check(
            name="broken file",
            ok=False,
            detail=f"{broken.path} does not compile since {broken.since:%Y-%m-%d %H:%M}Z; "
            + _SERVED[broken.serving_last_good],
            mend=f"Run `watchbill check {parts.settings.playbooks / broken.path}`.",
        )
        for broken in snapshot.broken
    ]
    return checks


async def _calendars(parts: Services) -> list[Check]:
    return [
        Check(
            name=f"calendar of {each.schedule}",
            ok=False,
            detail=each.warning,
            mend="Look at `import:` of the schedule, and whether the worker reaches its address.",
        )
        for each in await calendar_reports(parts)
        if each.warning
    ]
