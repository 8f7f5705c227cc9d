"""Drills on the real engine: simulated people, real people, and nothing else touched."""

from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio.client import Client, WorkflowHandle

from domain.drill import DECLINES, NEVER, Behaviour, DrillPlan, Responders
from domain.drill_run import DrillChanges, DrillStart, drill_id, incident_id
from domain.incident.view import IncidentView, Phase
from domain.plan import Plan
from domain.plan_steps import ChecklistItem, ChecklistStep, HttpStep
from domain.rehearsal.score_card import SCORE, ScoreCard
from tests.incident.plans import a_plan
from tests.stage import Stage
from workflows.drill import DrillWorkflow
from workflows.options import INCIDENTS_QUEUE

FAST = 900.0


class Drilled:
    """One drill under way."""

    def __init__(self, stage: Stage, plan: Plan, changes: DrillChanges, scheduled: str) -> None:
        self.stage = stage
        self.reference = f"INC-{uuid4().hex[:6].upper()}"
        self.id = drill_id(plan.name, self.reference)
        self.incident = incident_id(plan.name, self.reference)
        self.start = DrillStart(
            playbook=plan.name,
            reference=self.reference,
            by="user:ann",
            changes=changes,
            scheduled=scheduled,
        )
        stage.plans[plan.name] = plan

    async def begin(self) -> "WorkflowHandle[DrillWorkflow, str]":
        """Start it."""
        return await self.stage.client.start_workflow(
            DrillWorkflow.run, self.start, id=self.id, task_queue=INCIDENTS_QUEUE
        )

    async def result(self) -> str:
        """Start it and wait for its score card."""
        return await (await self.begin()).result()

    async def card(self) -> ScoreCard:
        """The card as the timeline keeps it, once the incident has ended."""
        await self.stage.client.get_workflow_handle(self.incident).result()
        entries = await self.stage.writer.read(lambda book: book.timeline(self.reference, 0, 1000))
        kept = next(one for one in entries if one.kind == SCORE)
        return ScoreCard.model_validate_json(kept.data["card"])

    async def view(self) -> IncidentView:
        """The incident as the ledger has it."""
        found = await self.stage.writer.read(lambda book: book.incident(self.reference))
        assert found is not None
        return found


def a_drill(stage: Stage, plan: Plan, scheduled: str = "", **said: object) -> Drilled:
    """A drill of this plan, fast and alone unless said."""
    changes = DrillChanges.model_validate({"speed": FAST} | said)
    return Drilled(stage, plan, changes, scheduled)


async def test_a_drill_alone_runs_to_its_score_and_touches_nobody(stage: Stage):
    look = HttpStep(id="look", url=f"{stage.hooks.url}/real", timeout=timedelta(seconds=5))
    items = (ChecklistItem(id="one", text="look"),)
    drill = a_drill(stage, a_plan(steps=(look, ChecklistStep(id="check", items=items))))

    text = await drill.result()
    card = await drill.card()
    view = await drill.view()

    assert card.is_resolved, text
    assert card.text() == text
    assert "to acknowledge" in text
    assert view.drill
    assert view.phase is Phase.CLOSED
    assert [step.state for step in view.steps] == ["done", "done"]
    assert stage.hooks.received() == []
