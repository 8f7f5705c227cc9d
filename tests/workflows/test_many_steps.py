"""Long playbooks and long loops stay within what one history may hold."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.plan_facts import FactPlan
from domain.plan_steps import (
    ChecklistItem,
    ChecklistStep,
    ForEachStep,
    HttpStep,
    NotifyStep,
    ParallelStep,
    Step,
    WaitStep,
)
from tests.incident.plans import a_plan
from tests.stage import Stage, Story, an_alert
from tests.waiting import seen

pytestmark = pytest.mark.engine

START = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
MOST_EVENTS = 1_000
ROUNDS = 200


async def history_length(story: Story) -> int:
    """The events of the incident's history so far."""
    return int(
        (await story.workflow.describe()).raw_description.workflow_execution_info.history_length
    )


async def test_an_incident_of_forty_steps_stays_under_a_thousand_events(stage: Stage) -> None:
    url = stage.hooks.url

    def group(number: int) -> tuple[Step, ...]:
        return (
            HttpStep(id=f"get_{number}", url=f"{url}/get"),
            NotifyStep(id=f"tell_{number}", to=("role:operations_lead",), text="so far"),
            ChecklistStep(id=f"look_{number}", items=(ChecklistItem(id="a", text="Look"),)),
            WaitStep(id=f"wait_{number}", lasting=timedelta(minutes=1)),
        )

    steps = tuple(step for number in range(10) for step in group(number))
    story = stage.story(a_plan(steps=steps), START)
    await story.fire(an_alert("db1", severity="sev1"))
    await story.say("first", "acknowledge")

    for number in range(10):
        await story.say("first", "step_done", step=f"look_{number}")
        await story.until(f"03:{number + 1:02}")

    view = await story.view()
    assert {step.state for step in view.steps} == {"done"}
    assert len(view.steps) == 40
    assert await history_length(story) < MOST_EVENTS


async def test_a_loop_over_200_values_calls_each_once_and_ends(stage: Stage) -> None:
    """Ten at once, beside a page; no value is called twice or left out."""
    names = [f"{number:x}" for number in range(ROUNDS)]
    poke = HttpStep(id="poke", url=f"{stage.hooks.url}/poke/{{{{ name }}}}")
    loop = ForEachStep(id="loop", values="facts.all", item="name", at_once=10, most=200, do=(poke,))
    plan = a_plan(
        facts={"all": FactPlan(type="list", first="alert.annotations.all")},
        steps=(ParallelStep(id="beside", branches=((loop,),)),),
    )
    alert = an_alert("a", severity="sev1")
    story = stage.story(plan)
    await story.fire(alert.model_copy(update={"annotations": {"all": ",".join(names)}}))

    view = await seen(story.view, lambda view: view.steps[0].state != "running")

    poked = [one.path for one in stage.hooks.received() if one.path.startswith("/poke/")]
    assert view.steps[0].state == "done"
    assert sorted(poked) == sorted(f"/poke/{name}" for name in names)
    assert len(stage.hooks.received("/first")) == 1
