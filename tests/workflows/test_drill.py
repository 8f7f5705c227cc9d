"""Drills on the real engine: simulated people, real people, and nothing else touched."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError

from domain.drill import (
    DECLINES,
    NEVER,
    Behaviour,
    DrillPlan,
    Responders,
    alert_of,
    script_of,
)
from domain.drill_run import DrillChanges, DrillStart, drill_id, incident_id
from domain.incident.input import AlertBatch, ClockSettings, IncidentInput
from domain.incident.view import IncidentView, Phase
from domain.matching import workflow_id
from domain.plan import Announce, Dedup, Plan
from domain.plan_steps import ChecklistItem, ChecklistStep, HttpStep
from domain.rehearsal.score_card import SCORE, ScoreCard
from domain.roster import Destination
from tests.incident.plans import a_plan, an_escalation, minutes
from tests.stage import Stage, an_alert
from tests.waiting import seen
from tests.workflows.replaying import replayed
from workflows.drill import DrillWorkflow
from workflows.options import INCIDENTS_QUEUE

pytestmark = pytest.mark.engine

AnyHandle = WorkflowHandle[Any, Any]

FAST = 900.0
"""Two seconds for half an hour: slow enough for people to act in their order."""

IS_DRILL = SearchAttributeKey.for_keyword("IncidentDrill")


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
    """Its timers are named in the engine's UI, and its histories replay."""
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
    incident = stage.client.get_workflow_handle(drill.incident)
    summaries = await timers_of(incident)
    assert (await incident.describe()).typed_search_attributes[IS_DRILL] == "true"
    assert "First acknowledges (simulated)" in summaries
    assert "The drill's alert ends" in summaries
    await replayed(await incident.fetch_history())
    await replayed(await stage.client.get_workflow_handle(drill.id).fetch_history())


async def test_who_never_answers_and_who_declines_shows_in_the_score(stage: Stage):
    responders = Responders(
        default=Behaviour(after=timedelta(minutes=2)),
        by_ref={"user:first": DECLINES, "schedule:second": NEVER},
    )
    escalation = an_escalation(repeat=0, ack_within=minutes(5))
    drill = a_drill(stage, a_plan(escalation=escalation), responders=responders)

    await drill.result()
    card = await drill.card()

    lines = {one.name: one for one in card.measures}
    assert lines["somebody answers"].verdict == "missed"
    assert lines["to acknowledge"].verdict == "missed"
    assert card.is_resolved
    assert not card.is_kept
    view = await drill.view()
    assert view.roles["operations_lead"][0].person == "manager"


async def test_a_drill_in_which_nobody_answers_ends_by_itself(stage: Stage):
    plan = a_plan(escalation=an_escalation(repeat=0))
    drill = a_drill(stage, plan, speed=3600.0, responders=Responders(default=NEVER))

    await drill.result()
    card = await drill.card()

    assert "exhausted" in card.text()
    assert not card.is_kept
    assert stage.hooks.received() == []


async def test_a_game_day_pages_real_people_marked_and_nothing_else(stage: Stage):
    call = HttpStep(id="call", url=f"{stage.hooks.url}/real", timeout=timedelta(seconds=5))
    wall = Destination(id="wall", webhook=f"{stage.hooks.url}/wall")
    stage.roster = stage.roster.model_copy(update={"destinations": {"wall": wall}})
    announce = (Announce(to=("destination:wall",), on=("opened", "resolved")),)
    drill = a_drill(
        stage, a_plan(steps=(call,), announce=announce), people="real", speed=60.0, summary="Fire"
    )

    running = await drill.begin()
    [page] = await stage.hooks.expect(1, path="/first")
    incident = stage.client.get_workflow_handle(drill.incident)
    said = {"actor": "user:first", "actor_name": "First", "request_id": "r"}
    await incident.execute_update("acknowledge", said)
    await incident.execute_update("resolve", said | {"request_id": "s"})
    await running.result()

    assert "[DRILL]" in page.body.decode() + page.headers.get("title", "")
    assert {one.path for one in stage.hooks.received()} <= {"/first", "/second"}
    assert (await drill.card()).is_resolved
    assert not (await drill.view()).alone


async def test_a_drills_alert_is_nobodys_and_no_real_alert_finds_it(stage: Stage):
    drill = a_drill(stage, a_plan(), speed=1.0)
    await drill.begin()
    incident = stage.client.get_workflow_handle(drill.incident)

    view: IncidentView = await until_it_answers(incident)
    alert = view.alert_list[0]
    key = (alert.source, alert.fingerprint)
    owners = await stage.writer.read(lambda book: book.owners([key]))

    assert (alert.source, owners) == ("drill", {})
    assert drill.reference in alert.fingerprint
    assert drill.incident != workflow_id("down", view.dedup_key)
    await stage.client.get_workflow_handle(drill.id).terminate()
    await incident.terminate()


async def test_an_incident_that_is_no_drill_starts_no_such_timer(stage: Stage):
    story = stage.story(a_plan(), speed=3600.0)
    await story.fire(an_alert("db1", severity="sev3"))
    await story.say("first", "acknowledge")

    assert not [one for one in await timers_of(story.workflow) if "simulated" in one]


async def test_simulated_people_go_on_in_the_next_run(stage: Stage):
    items = (ChecklistItem(id="one", text="look"),)
    steps = tuple(ChecklistStep(id=f"check_{each}", items=items) for each in range(3))
    plan = a_plan(steps=steps, dedup=Dedup(reopen_within=timedelta(0)))
    drill = DrillPlan(speed=FAST)
    alert = alert_of(plan, drill, "INC-LONG00", "2026-11-25T03:00:00Z")
    start = IncidentInput(
        plan=plan,
        reference="INC-LONG00",
        dedup_key="long",
        clock=ClockSettings(speed=FAST),
        simulate=True,
        drill=True,
        script=script_of(drill),
        first=AlertBatch(batch_id="b", alerts=(alert,)),
        continue_as_new_after=40,
    )

    incident = await stage.client.start_workflow(
        plan.name, start, id=f"long-{uuid4().hex[:6]}", task_queue=INCIDENTS_QUEUE
    )
    said = await incident.result()

    view = await incident.query("view", result_type=IncidentView)
    description = await incident.describe()
    assert said == "Closed."
    assert [step.state for step in view.steps] == ["done"] * 3
    assert description.run_id != incident.first_execution_run_id


async def test_a_drill_that_is_cancelled_takes_its_incident_along(stage: Stage):
    drill = a_drill(stage, a_plan(), speed=1.0)
    running = await drill.begin()
    incident = stage.client.get_workflow_handle(drill.incident)
    await until_it_answers(incident)

    await running.cancel()
    with pytest.raises(WorkflowFailureError):
        await running.result()

    view = await seen(lambda: incident.query("view", result_type=IncidentView), is_cancelled)
    assert view.latest[-1].text.startswith("Cancelled: cancelled in Temporal")
    await incident.terminate()


def is_cancelled(view: IncidentView) -> bool:
    """Whether it has ended so."""
    return view.phase is Phase.CANCELLED


async def until_it_answers(incident: AnyHandle) -> IncidentView:
    """The incident, once a worker has begun it."""
    while True:
        try:
            return await incident.query("view", result_type=IncidentView)
        except RPCError:
            await asyncio.sleep(0.02)


async def timers_of(incident: AnyHandle) -> set[str]:
    """What the timers of this run say that they wait for."""
    found = set()
    async for event in incident.fetch_history_events():
        if event.HasField("timer_started_event_attributes"):
            found.add(json.loads(event.user_metadata.summary.data or b'""'))
    return found
