"""Acknowledge and timer in the same instant; real timers; messages that do not fit."""

import asyncio
from datetime import UTC, datetime

import pytest
from temporalio.client import WorkflowUpdateFailedError

from domain.incident.view import IncidentView, Phase
from tests.incident.plans import a_plan, an_escalation, minutes
from tests.stage import Refused, Stage, Story, an_alert

pytestmark = pytest.mark.engine

START = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


async def test_an_acknowledgement_in_the_instant_of_the_timer_has_exactly_one_outcome(
    stage: Stage,
) -> None:
    """Ack first: level 2 is never paged. Page first: level 2 is told who acknowledged."""
    plan = a_plan(escalation=an_escalation(ack_within=minutes(1), repeat=0))
    stories = [stage.story(plan, speed=60.0) for _ in range(8)]
    await asyncio.gather(*(one.fire(an_alert("a1", severity="sev1")) for one in stories))

    async def acknowledge_at_the_timer(story: Story, offset_s: float) -> None:
        view = await waiting_view(story)
        deadline = next(d for d in view.deadlines if d.name == "level/escalation")
        left = (deadline.at - view.updated_at).total_seconds() / 60
        await asyncio.sleep(max(0.0, left + offset_s))
        await story.say("first", "acknowledge")

    offsets = [(-4 + index) * 0.01 for index in range(len(stories))]
    await asyncio.gather(
        *(acknowledge_at_the_timer(*pair) for pair in zip(stories, offsets, strict=True))
    )

    for story in stories:
        timeline = await settled_timeline(story)
        kinds = [entry.kind for entry in timeline]
        acknowledged = kinds.index("acknowledged")
        paged_second = [
            index
            for index, entry in enumerate(timeline)
            if entry.kind == "paged" and entry.data["person"] == "second"
        ]
        assert kinds.count("acknowledged") == 1
        assert all(index < acknowledged for index in paged_second)
        assert (await story.view()).phase is Phase.ACKNOWLEDGED
        await story.workflow.terminate()


async def waiting_view(story: Story) -> IncidentView:
    """The view once level 1 waits for an answer."""
    for _ in range(200):
        view = await story.view()
        if any(one.name == "level/escalation" for one in view.deadlines):
            return view
        await asyncio.sleep(0.02)
    raise AssertionError("level 1 never waited")


async def settled_timeline(story: Story) -> list:  # type: ignore[type-arg]
    """The timeline once the ledger has all of it."""
    for _ in range(200):
        view, timeline = await story.view(), await story.timeline()
        if timeline and timeline[-1].seq == view.seq:
            return timeline
        await asyncio.sleep(0.05)
    raise AssertionError("the ledger never caught up")


async def test_real_timers_escalate_and_expire_at_a_sped_up_clock(stage: Stage) -> None:
    """Nobody answers: level 1, level 2, the last resort; real timers, a minute a second."""
    plan = a_plan(escalation=an_escalation(ack_within=minutes(1), repeat=0))
    story = stage.story(plan, speed=60.0)

    await story.fire(an_alert("a1", severity="sev1"))
    await stage.hooks.expect(4)

    paged = [
        entry.data["person"] for entry in await settled_timeline(story) if entry.kind == "paged"
    ]
    assert paged[:2] == ["first", "second"]
    assert sorted(paged[2:4]) == ["first", "manager"]
    await story.workflow.terminate()


async def test_a_command_that_does_not_fit_is_refused_naming_the_field(stage: Stage) -> None:
    story = stage.story(a_plan(), START)
    await story.fire(an_alert("a1", severity="sev1"))

    with pytest.raises(Refused, match="severity"):
        await story.say("first", "severity", severity="SEV9", reason="x")
    with pytest.raises(Refused, match="dance"):
        await story.say("first", "dance")


async def test_a_refused_command_leaves_no_trace_in_the_history(stage: Stage) -> None:
    story = stage.story(a_plan(), START)
    await story.fire(an_alert("a1", severity="sev1"))
    before = (await story.workflow.describe()).history_length

    with pytest.raises(Refused, match="triggered"):
        await story.say_only("first", "reopen")

    assert (await story.workflow.describe()).history_length == before


async def test_advance_is_refused_where_the_clock_is_real(stage: Stage) -> None:
    story = stage.story(a_plan())
    await story.fire(an_alert("a1", severity="sev1"))

    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await story.workflow.execute_update("advance", {"to": "2030-01-01T00:00:00Z"})

    assert "not stepped" in str(refused.value.cause)
    await story.workflow.terminate()


async def test_a_newer_plan_format_is_refused_visibly(stage: Stage) -> None:
    """The workflow task fails with a sentence and is retried: the mend is an upgrade."""
    plan = a_plan().model_copy(update={"plan_format": 99})
    story = stage.story(plan)
    await story.start()

    text = await failure_in(story)

    assert "plan format 99 is newer" in text
    await story.workflow.terminate()


async def test_an_error_in_a_rule_fails_the_workflow_task_and_a_fixed_worker_goes_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deadline whose rule raises is not forgotten: it is retried until it works."""

    def broken(*_: object) -> None:
        raise KeyError("a bug")

    plan = a_plan(escalation=an_escalation(ack_within=minutes(1), repeat=0))
    story = stage.story(plan, speed=60.0)
    with monkeypatch.context() as patched:
        patched.setattr("domain.incident.due.on_level_deadline", broken)
        await story.fire(an_alert("a1", severity="sev1"))
        failure = await failure_in(story)

    await stage.hooks.expect(1, path="/second")
    assert "a bug" in failure
    await story.workflow.terminate()


async def failure_in(story: Story) -> str:
    """The text of the first failed workflow task."""
    for _ in range(400):
        async for event in story.workflow.fetch_history_events():
            if event.HasField("workflow_task_failed_event_attributes"):
                return event.workflow_task_failed_event_attributes.failure.message
        await asyncio.sleep(0.05)
    raise AssertionError("no workflow task failed")
