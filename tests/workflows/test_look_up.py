"""Who is on call: answered within the workflow task, by an activity where that fails."""

import asyncio
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from domain.incident.view import Phase
from tests.incident.plans import a_plan
from tests.stage import Stage, Story, an_alert

pytestmark = pytest.mark.engine


async def history_of(story: Story) -> list[HistoryEvent]:
    """The events so far."""
    return [event async for event in story.workflow.fetch_history_events()]


def summaries(events: list[HistoryEvent], kind: "EventType.ValueType") -> list[str]:
    """What the UI shows of the events of this kind."""
    return [
        event.user_metadata.summary.data.decode().strip('"')
        for event in events
        if event.event_type == kind
    ]


async def test_a_look_up_is_recorded_in_the_task_that_pages(stage: Stage) -> None:
    """One entry says who was asked for, no activity stands before the page."""
    story = stage.story(a_plan())
    await story.fire(an_alert("a1", severity="sev1"))
    await asyncio.to_thread(stage.hooks.wait_for, 1)

    events = await history_of(story)

    asked = summaries(events, EventType.EVENT_TYPE_MARKER_RECORDED)
    sent = summaries(events, EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
    assert asked == ["Who is on call: first (level 1)"]
    assert sent[0] == "Page First by push (level 1)"
    await story.workflow.terminate()


async def test_a_look_up_that_fails_is_retried_in_sight_and_holds_up_no_message(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The roster cannot be read: commands are taken meanwhile, and then the page goes out."""
    readable = stage.roster
    monkeypatch.setattr(stage, "roster", readable.model_copy(update={"schedules": None}))
    story = stage.story(a_plan())
    await story.fire(an_alert("a1", severity="sev1"))
    await story.say("second", "note", text="I can see nothing")
    asked = await _until_pending(story)
    assert asked.activity_type.name == "look_up_on_call"

    monkeypatch.setattr(stage, "roster", readable)
    await asyncio.to_thread(stage.hooks.wait_for, 1)

    assert (await story.view()).phase is Phase.TRIGGERED
    events = await history_of(story)
    sent = summaries(events, EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
    assert "Who is on call: first (level 1)" in sent
    await story.workflow.terminate()


async def _until_pending(story: Story) -> Any:
    """The activity that is being retried, once it is."""
    for _ in range(500):
        description = (await story.workflow.describe()).raw_description
        for pending in description.pending_activities:
            if pending.attempt > 1:
                return pending
        await asyncio.sleep(0.02)
    raise AssertionError("nothing is being retried")
