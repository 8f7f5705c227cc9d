"""Playbooks in service, and alerts that no incident took.

Decides what an author sees of the catalog over HTTP.
"""

from typing import Annotated

from fastapi import APIRouter, Query

from api.documents import OrphanList, PlaybookItem, PlaybookList
from api.problems import Problem
from api.security import Reader
from api.services import Parts, Services
from domain.plan import Plan

router = APIRouter(prefix="/v1", tags=["playbooks"])


@router.get("/playbooks", operation_id="list_playbooks")
async def list_playbooks(parts: Parts, caller: Reader) -> PlaybookList:
    """Every playbook in service, by name."""
    del caller
    plans = parts.snapshot.plans
    return PlaybookList(items=[_item(parts, plans[name]) for name in sorted(plans)])


@router.get("/playbooks/{name}", operation_id="get_playbook")
async def get_playbook(parts: Parts, caller: Reader, name: str) -> Plan:
    """One playbook as it is in service: the compiled plan with every default."""
    del caller
    plan = parts.snapshot.plans.get(name)
    if plan is None:
        raise Problem(404, f"No playbook {name!r} is in service; GET /v1/playbooks lists them.")
    return plan


@router.get("/orphans", operation_id="list_orphans")
async def list_orphans(
    parts: Parts, caller: Reader, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> OrphanList:
    """Alerts that no incident took, newest first."""
    del caller
    found = await parts.writer.read(lambda ledger: ledger.orphans(limit))
    return OrphanList(items=list(found))


def _item(parts: Services, plan: Plan) -> PlaybookItem:
    snapshot = parts.snapshot
    path = snapshot.plan_paths.get(plan.name)
    is_broken = path is not None and snapshot.is_broken(path)
    return PlaybookItem(
        name=plan.name,
        version=plan.version,
        sha256=plan.sha256,
        title=plan.title,
        owner=plan.owner,
        service=plan.service,
        source=path,
        review_by=plan.review_by,
        is_fallback=snapshot.fallback == plan.name,
        health="its last edit does not compile; this is the last good plan" if is_broken else "ok",
    )
