"""What people do by hand, on a real engine: test pages, and what outlives a run."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from temporalio.client import Client

from api.gateway_trial import start_trial, trial_report
from domain.incident.effects import Outcome
from domain.incident.view import Phase
from domain.roster import Method
from domain.trial import Trial, TrialReport
from tests.incident.plans import a_plan
from tests.stage import Stage, an_alert

pytestmark = pytest.mark.engine

START = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


async def reported(client: Client, workflow_id: str) -> TrialReport:
    """The report of a test page that has ended."""
    await client.get_workflow_handle(workflow_id).result()
    report = await trial_report(client, workflow_id)
    assert report is not None
    return report


async def test_a_test_page_says_of_each_method_what_became_of_it(stage: Stage) -> None:
    workflow_id = f"test-page-ann-{uuid4().hex[:8]}"
    trial = Trial(
        reference="TEST-7F3K2QXA",
        person="ann",
        person_name="Ann",
        methods=(Method.PUSH, Method.PHONE),
        asked_by="Ann",
    )

    await start_trial(stage.client, workflow_id, trial)
    await start_trial(stage.client, workflow_id, trial)
    report = await reported(stage.client, workflow_id)
    await start_trial(stage.client, workflow_id, trial)

    push, phone = report.lines
    assert (push.method, push.outcome) == (Method.PUSH, Outcome.DELIVERED)
    assert (phone.method, phone.outcome) == (Method.PHONE, Outcome.FAILED)
    assert "no phone contact" in phone.detail
    assert report.sentence == "1 of 2 ways to ann work."
    (received,) = stage.hooks.received()
    assert received.headers["title"].startswith("[SEV5] TEST: ")
    assert received.body.decode().startswith("This is a test page. Nothing is wrong")


async def test_a_snooze_and_a_task_outlive_the_change_of_runs(stage: Stage) -> None:
    story = stage.story(a_plan(), START)
    story.continue_as_new_after = 30
    await story.fire(an_alert("a1", severity="sev1"))
    await story.say("first", "snooze", lasting="PT2H", reason="the vendor works on it")
    await story.say("first", "task_add", text="call them", owner="user:second", due_in="PT30M")
    for number in range(12):
        await story.say("first", "note", text=f"note {number}")
    description = await story.workflow.describe()

    await story.until("03:31")
    reminded = [one.whom for one in story.reached if "Your task is due" in one.text]
    await story.until("05:00")
    view = await story.view()

    assert description.raw_description.workflow_execution_info.first_run_id != description.run_id
    assert reminded == ["second"]
    assert view.phase is Phase.TRIGGERED
    assert view.snoozed is None
    assert [one.at for one in story.reached if (one.whom, one.how) == ("first", "push")] == [
        "Wed 03:00",
        "Wed 05:00",
    ]
    await story.workflow.terminate()
