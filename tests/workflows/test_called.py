"""A called playbook on the real engine: a child with a page of its own, and one end."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle

from domain.incident.view import IncidentView, Phase, StepView
from domain.plan import Plan
from domain.plan_facts import OutputPlan, ParamPlan
from domain.plan_steps import ChecklistItem, ChecklistStep, NotifyStep, PlaybookStep
from tests.incident.plans import a_plan
from tests.stage import Stage, Story, an_alert
from tests.waiting import seen

pytestmark = pytest.mark.engine

START = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


def a_caller() -> Plan:
    """Calls `db_down`, whose one checklist ends it, and then goes on."""
    called = a_plan(
        name="db_down",
        params={"cluster": ParamPlan()},
        outputs={"cluster": OutputPlan(type="string", value="params.cluster")},
        steps=(ChecklistStep(id="look", items=(ChecklistItem(id="a", text="Look"),)),),
    )
    call = PlaybookStep(id="call", name="db_down", params={"cluster": "{{ labels.db }}"})
    after = NotifyStep(id="after", to=("role:operations_lead",), text="{{ steps.call.cluster }}")
    return a_plan(steps=(call, after), subplans={"db_down": called})


async def a_calling_story(stage: Stage) -> tuple[Story, WorkflowHandle[Any, Any]]:
    """An acknowledged incident, and the child that it has called."""
    story = stage.story(a_caller(), START)
    await story.fire(an_alert("a0", severity="sev1", db="main"))
    await story.say("first", "acknowledge")
    step = the_step(await story.view())
    query = f"IncidentReference = '{step.child}'"

    async def found() -> list[str]:
        return [one.id async for one in stage.client.list_workflows(query)]

    ids = await seen(found, lambda known: len(known) == 1)
    return story, stage.client.get_workflow_handle(ids[0])


def the_step(view: IncidentView) -> StepView:
    return next(step for step in view.steps if step.id == "call")


async def view_of(handle: WorkflowHandle[Any, Any]) -> IncidentView:
    return await handle.query("view", result_type=IncidentView)


async def test_a_child_runs_under_its_playbooks_name_with_its_callers_people(stage: Stage) -> None:
    story, child = await a_calling_story(stage)

    described = await child.describe()
    shown = await seen(lambda: view_of(child), lambda view: view.phase is Phase.ACKNOWLEDGED)

    assert described.workflow_type == "db_down"
    assert described.parent_id == story.workflow_id
    assert shown.parent == story.reference
    assert shown.roles["operations_lead"][0].person == "first"
    assert [who for _, who, how in story.pages() if how == "push"] == ["first"]


async def test_the_childs_end_is_the_steps_end_with_its_outputs(stage: Stage) -> None:
    story, child = await a_calling_story(stage)
    await seen(lambda: view_of(child), lambda view: view.steps[0].state == "running")

    command = {"actor": "user:first", "actor_name": "First", "request_id": "r-1", "step": "look"}
    await child.execute_update("step_done", command)
    result = await child.result()
    view = await seen(story.view, lambda view: the_step(view).state != "running")

    assert result == "Closed."
    assert the_step(view).state == "done"
    assert the_step(view).results == {"cluster": "main"}
    assert view.steps[1].state == "done"


async def test_resolving_the_caller_ends_the_child(stage: Stage) -> None:
    story, child = await a_calling_story(stage)

    await story.say("first", "resolve")
    await asyncio.wait_for(child.result(), 20)

    assert (await view_of(child)).phase is Phase.CANCELLED


async def test_the_child_outlives_its_callers_run_and_still_reports(stage: Stage) -> None:
    """A caller that continues as new must not take its children with it."""
    story = stage.story(a_caller(), START)
    story.continue_as_new_after = 30
    await story.fire(an_alert("a0", severity="sev1", db="main"))
    await story.say("first", "acknowledge")
    for number in range(12):
        await story.say("first", "note", text=f"note {number}")
    first_run = story.handle.first_execution_run_id if story.handle else None
    assert (await story.workflow.describe()).run_id != first_run
    query = f"IncidentReference = '{the_step(await story.view()).child}'"
    ids = [one.id async for one in stage.client.list_workflows(query)]
    child = stage.client.get_workflow_handle(ids[0])
    await seen(lambda: view_of(child), lambda view: view.steps[0].state == "running")

    command = {"actor": "user:first", "actor_name": "First", "request_id": "r-2", "step": "look"}
    await child.execute_update("step_done", command)
    view = await seen(story.view, lambda view: the_step(view).state != "running")

    assert the_step(view).state == "done"


async def test_a_workflow_cancelled_in_the_engine_is_a_cancelled_incident(stage: Stage) -> None:
    """The record goes on: people see who ended it, and its child ends as well."""
    story, child = await a_calling_story(stage)

    await story.workflow.cancel()
    view = await seen(story.view, lambda view: view.phase is Phase.CANCELLED)
    await asyncio.wait_for(child.result(), 20)

    assert "cancelled in Temporal" in view.latest[-1].text
    status = (await story.workflow.describe()).status
    assert status is WorkflowExecutionStatus.RUNNING  # it may reopen until its window is past
