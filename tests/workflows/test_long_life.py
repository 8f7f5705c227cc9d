"""Continue-as-new carries everything: alerts, deadlines, offers, answers, the record."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from api.gateway import Gateway
from api.gateway_errors import Pending
from domain.incident.commands import Note
from domain.incident.input import AlertBatch
from domain.incident.view import IncidentView, Phase
from tests.incident.plans import a_plan
from tests.stage import Stage, Story, an_alert

pytestmark = pytest.mark.engine

START = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


async def runs_of(story: Story) -> int:
    """How many runs the incident has had so far."""
    query = f"WorkflowId = '{story.workflow_id}'"
    seen = 0
    async for _ in story.stage.client.list_workflows(query):
        seen += 1
    return seen


async def test_300_commands_and_alerts_across_many_runs_lose_and_repeat_nothing(
    stage: Stage,
) -> None:
    """With a new run every 60 events, every note is kept once and every alert counted once."""
    story = stage.story(a_plan())
    story.continue_as_new_after = 60
    await story.fire(an_alert("a0", severity="sev1"))
    await story.say("first", "acknowledge")

    gateway = Gateway(stage.settings, stage.client)

    async def note(number: int) -> None:
        with suppress(Pending):  # a run that ends under it: the command goes as a signal
            await gateway.send_command(story.workflow_id, a_note(number))

    async def repeat(number: int) -> None:
        batch = AlertBatch(batch_id=f"batch-{number}", alerts=(an_alert("a0"),))
        await story.workflow.signal("alerts", batch)

    for begin in range(0, 150, 5):
        some = range(begin, begin + 5)
        await asyncio.gather(*(note(n) for n in some), *(repeat(n) for n in some))

    view = await settled_view(story)
    assert view.alerts.duplicates == 150
    timeline = await story.timeline()
    texts = [entry.text for entry in timeline if entry.kind == "note"]
    assert sorted(texts) == sorted(f"note {number}" for number in range(150))
    assert [entry.seq for entry in timeline] == list(range(1, view.seq + 1))
    assert await runs_of(story) > 3
    await story.workflow.terminate()


def a_note(number: int) -> Note:
    """A note command."""
    return Note(
        actor="user:first",
        actor_name="First",
        request_id=f"request-{number}",
        text=f"note {number}",
    )


async def settled_view(story: Story) -> IncidentView:
    """The view once the ledger has caught up with it."""
    for _ in range(200):
        view = await story.view()
        recorded = await story.stage.writer.read(
            lambda ledger, v=view: ledger.incident(v.reference)
        )
        if recorded is not None and recorded.seq == view.seq:
            return view
        await asyncio.sleep(0.05)
    raise AssertionError("the ledger never caught up")


async def test_a_repeated_request_gets_the_first_answer_in_a_later_run_too(stage: Stage) -> None:
    story = stage.story(a_plan(), START)
    story.continue_as_new_after = 40
    await story.fire(an_alert("a0", severity="sev1"))
    first = await story.say("first", "acknowledge", request_id="tap-1")
    for number in range(12):
        await story.say("first", "note", text=f"note {number}")

    again = await story.say("first", "acknowledge", request_id="tap-1")

    assert await runs_of(story) > 1
    assert again.sentence == first.sentence
    acknowledged = [one for one in await story.timeline() if one.kind == "acknowledged"]
    assert len(acknowledged) == 1


async def test_offers_and_deadlines_survive_the_change_of_runs(stage: Stage) -> None:
    story = stage.story(a_plan(), START)
    story.continue_as_new_after = 30
    await story.fire(an_alert("a0", severity="sev1"))
    await story.say("first", "acknowledge")
    offer = await story.say(
        "first",
        "offer_handoff",
        role="incident_commander",
        to="user:ann",
        summary={"state_now": "it burns"},
    )
    for number in range(10):
        await story.say("first", "note", text=f"note {number}")
    before = (await story.view()).deadlines

    await story.until("03:05")
    await story.say("ann", "accept_handoff", offer=offer.offer)

    assert await runs_of(story) > 1
    assert any(one.name == f"offer/{offer.offer}" for one in before)
    assert (await story.view()).roles["incident_commander"][0].person == "ann"


async def test_a_new_episode_after_the_window_is_a_fresh_incident_in_the_same_place(
    stage: Stage,
) -> None:
    """Resolved by hand while a1 still fires: repeats are absorbed, a new episode pages."""
    story = stage.story(a_plan(), START)
    await story.fire(an_alert("a1", severity="sev1", starts_at="2026-11-25T03:00:00Z"))
    await story.say("first", "acknowledge")
    await story.say("first", "resolve", text="noise")
    await story.until("05:00")
    await story.fire(an_alert("a1", severity="sev1", starts_at="2026-11-25T03:00:00Z"))
    quiet = (await story.view()).phase
    before = len(story.pages())

    await story.fire(an_alert("a2", severity="sev1", starts_at="2026-11-25T05:00:00Z"))
    await story.settle()

    view = await view_of_another(story)
    assert quiet is Phase.RESOLVED
    assert view.reference != story.reference
    assert view.phase is Phase.TRIGGERED
    assert story.pages()[before:] == [("Wed 05:00", "first", "push")]


async def view_of_another(story: Story) -> IncidentView:
    """The view once another incident runs under the same workflow id, and has paged."""
    for _ in range(200):
        view = await story.view()
        if view.reference != story.reference and view.phase is Phase.TRIGGERED:
            await story.settle()
            return view
        await asyncio.sleep(0.05)
    raise AssertionError("no fresh incident took over")


async def test_a_closed_incident_ends_its_workflow_with_its_last_sentence(stage: Stage) -> None:
    story = stage.story(a_plan(), START)
    await story.fire(an_alert("a1", severity="sev1"))
    await story.say("first", "acknowledge")
    await story.say("first", "resolve")
    await story.fire(an_alert("a1", status="resolved"))

    await story.handle.execute_update("advance", {"to": "2026-11-25T04:00:00Z"})  # type: ignore[union-attr]

    assert await story.result() == "Closed."
