"""The documents about drills that the API answers with.

Decides their shape, and how a drill reads before its incident has recorded anything.
"""

from datetime import UTC, datetime

from pydantic import BaseModel

from api.documents import IncidentLinks, links_of
from domain.drill import DrillPlan, Mode, alert_of
from domain.drill_run import incident_id
from domain.incident.view import IncidentView, Phase
from domain.plan import Plan
from domain.rehearsal.score_card import ScoreCard
from domain.severity import Severity
from ledger.records import DrillRecord
from settings import Settings


class DrillStarted(BaseModel):
    """A drill under way: `id` is its workflow, `incident` that of its incident."""

    reference: str
    id: str
    incident: str
    playbook: str
    people: Mode
    speed: float
    sentence: str


class DrillDocument(BaseModel):
    """One drill. `state` is running, scored, or ended without a score."""

    reference: str
    playbook: str
    state: str
    phase: Phase
    opened_at: datetime
    score: ScoreCard | None = None
    kept: int | None = None
    missed: int | None = None
    sentence: str = ""
    text: str = ""
    links: IncidentLinks


class ScheduledDrill(BaseModel):
    """A drill that runs by itself; `next` are the coming times as far as the engine says."""

    playbook: str
    every: str
    source: str
    next: tuple[str, ...] = ()
    is_paused: bool = False
    is_known_to_the_engine: bool = True


class DrillList(BaseModel):
    """What runs by itself, and the newest drills."""

    scheduled: list[ScheduledDrill]
    items: list[DrillDocument]


def document_of_drill(settings: Settings, found: DrillRecord) -> DrillDocument:
    """The drill as clients see it."""
    view, card = found.view, found.card
    over = "running" if view.closed_at is None else "ended without a score"
    return DrillDocument(
        reference=view.reference,
        playbook=view.playbook,
        state="scored" if card else over,
        phase=view.phase,
        opened_at=view.opened_at,
        score=card,
        kept=card.kept if card else None,
        missed=card.missed if card else None,
        sentence=card.sentence if card else "",
        text=card.text() if card else "",
        links=links_of(settings, view),
    )


def first_view(plan: Plan, drill: DrillPlan, reference: str) -> IncidentView:
    """What is known before the first task has run; the workflow's record replaces it."""
    now = datetime.now(UTC)
    alert = alert_of(plan, drill, reference, now.isoformat())
    return IncidentView(
        id=incident_id(plan.name, reference),
        reference=reference,
        playbook=plan.name,
        playbook_version=plan.version,
        plan_sha256=plan.sha256,
        title=alert.summary,
        severity=plan.severity.default or Severity.SEV3,
        phase=Phase.PENDING,
        service=plan.service,
        owner=plan.owner,
        drill=True,
        alone=drill.people == "simulated",
        dedup_key=f"drill/{reference}",
        labels=alert.labels,
        handoff_require=plan.handoff.require,
        opened_at=now,
        updated_at=now,
    )
