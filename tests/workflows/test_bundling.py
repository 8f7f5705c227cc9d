"""Pages to one person at the real clock: two sets of workers, forty incidents, one person."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError, RPCStatusCode

from domain.bundle import pages_id
from domain.roster import Method, NotifyRule, Roster, Rotation, Schedule, User
from tests.incident.plans import a_plan
from tests.receivers import MailReceiver, Received, WebhookReceiver
from tests.stage import Stage, Story, an_alert, open_stage

pytestmark = pytest.mark.engine

WINDOW_S = 8.0

STORM_WINDOW_S = 20.0
"""Long enough for forty incidents to open on a slow machine."""


@pytest.fixture
def person() -> str:
    """Somebody whom no other test of this engine pages."""
    return f"p{uuid4().hex[:8]}"


def a_roster(person: str, window_s: float = WINDOW_S) -> Roster:
    """Only this person is on call: push at once, a webhook (for an SMS) as the window ends."""
    rules = (
        NotifyRule(via=Method.PUSH),
        NotifyRule(via=Method.WEBHOOK, after=timedelta(seconds=window_s)),
    )
    contact = {
        Method.PUSH: f"ntfys://ntfy.example/{person}",
        Method.WEBHOOK: f"https://sms.example/{person}",
    }
    user = User(id=person, name="Ann Berg", contact=contact, high=rules)
    always = Rotation(users=(person,), unit="week", weekday="mon", first=date(2024, 1, 1))
    return Roster(
        users={person: user},
        schedules={"first": Schedule(id="first", tz="UTC", rotate=always)},
    )


@pytest.fixture
def window_s() -> float:
    """For how long pages gather."""
    return WINDOW_S


@pytest.fixture
async def stage(
    temporal_client: Client,
    hooks: WebhookReceiver,
    mailbox: MailReceiver,
    tmp_path: Path,
    person: str,
    window_s: float,
) -> AsyncIterator[Stage]:
    """A real engine, and two sets of workers that share nothing but it."""
    roster, receivers = a_roster(person, window_s), (hooks, mailbox)
    how = {"bundle_window_s": window_s, "link_secret": "shared"}
    address = temporal_client.service_client.config.target_host
    another = await Client.connect(address, data_converter=pydantic_data_converter)
    async with (
        open_stage(temporal_client, roster, receivers, tmp_path / "one", **how) as stage,
        open_stage(another, roster, receivers, tmp_path / "two", **how),
    ):
        yield stage


def titles(received: list[Received]) -> list[str]:
    """What pages say, without severity and reference."""
    return [one.headers["title"].split("] ")[1].rpartition(" (")[0] for one in received]


async def until_gathered(story: Story) -> None:
    """Return once the incident knows that its page waits with others."""
    for _ in range(500):
        if "gathered" in {one.state for one in (await story.view()).paged}:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nothing gathered")


async def test_what_gathers_sets_one_timer_however_many_pages_come(
    stage: Stage, person: str
) -> None:
    """Else each of them would add a timer and its cancellation to the history."""
    for number in range(6):
        await stage.story(a_plan()).fire(an_alert(f"db-{number}", severity="sev2"))
    await stage.hooks.expect(2, path=f"/{person}", timeout_s=60)

    pages = stage.client.get_workflow_handle(pages_id(person))
    kinds = [event.event_type async for event in pages.fetch_history_events()]
    signals = kinds.count(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED)
    timers = kinds.count(EventType.EVENT_TYPE_TIMER_STARTED)
    assert signals >= 5
    assert timers <= 2, "one for what gathers, one for the end"


@pytest.mark.parametrize("window_s", [STORM_WINDOW_S])
async def test_forty_incidents_at_once_are_one_push_one_bundle_and_one_text(
    stage: Stage, person: str
) -> None:
    """Across two workers: one claim wins, 39 pages gather, the text covers all forty."""
    stories = [stage.story(a_plan()) for _ in range(40)]
    await asyncio.gather(
        *(
            story.fire(an_alert(f"db-{number}", severity="sev2"))
            for number, story in enumerate(stories)
        )
    )
    first, bundle = await stage.hooks.expect(2, path=f"/{person}", timeout_s=60)
    (text,) = await stage.hooks.expect(1, path=f"/hook/{person}", timeout_s=60)
    for story in stories:
        await story.say(person, "acknowledge")

    alone, together = titles([first, bundle])
    assert re.fullmatch(r"db-\d+ is down", alone)
    assert re.fullmatch(r"db-\d+ is down \+39 more", together), "any of the forty may lead it"
    assert bundle.at - first.at >= STORM_WINDOW_S / 2, "the first was on its way for a while"
    assert re.fullmatch(r"db-\d+ is down \+39 more", text.json()["headline"])
    assert text.json()["ask"] == "Acknowledge all 40"
    assert titles(stage.hooks.received(f"/{person}"))[2:] == []
    for story in stories:
        (call,) = [one for one in (await story.view()).paged if one.method == "push"]
        assert call.state == "delivered"
        await story.workflow.terminate()


async def test_a_lone_page_leaves_one_short_workflow_that_wakes_once(
    stage: Stage, person: str, temporal_client: Client
) -> None:
    """It costs one request before the page, and one task when the window is over."""
    story = stage.story(a_plan())
    await story.fire(an_alert("db-1", severity="sev2"))
    await stage.hooks.expect(1, path=f"/{person}")
    handle = temporal_client.get_workflow_handle(pages_id(person))
    before = await handle.describe()
    await story.say(person, "acknowledge")

    assert await handle.result() == "0 messages for Ann Berg."

    assert before.history_length == 1
    after = await handle.describe()
    assert after.status is WorkflowExecutionStatus.COMPLETED
    assert after.history_length == 5
    await story.workflow.terminate()


async def test_a_page_goes_out_when_the_persons_pages_cannot_be_asked(
    stage: Stage, person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paging beats bundling: a claim that hangs costs a second, what comes next follows it."""

    async def hang(*_: object) -> bool:
        await asyncio.Event().wait()
        return True

    async def refuse(*_: object) -> None:
        raise RPCError("the engine is away", RPCStatusCode.UNAVAILABLE, b"")

    monkeypatch.setattr("activities.bundle.Claims._is_first", hang)
    monkeypatch.setattr("activities.bundle.Claims._signal", refuse)
    stories = [stage.story(a_plan()) for _ in range(2)]
    for number, story in enumerate(stories):
        await story.fire(an_alert(f"db-{number}", severity="sev2"))

    pages = await stage.hooks.expect(2, path=f"/{person}")
    assert sorted(titles(pages)) == ["db-0 is down", "db-1 is down"]

    for story in stories:
        await story.workflow.terminate()


async def test_after_a_claim_without_an_answer_the_others_still_gather(
    stage: Stage, person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine that is slow for a moment lets one page go, not all of a storm."""

    async def hang(*_: object) -> bool:
        await asyncio.Event().wait()
        return True

    monkeypatch.setattr("activities.bundle.Claims._is_first", hang)
    stories = [stage.story(a_plan()) for _ in range(8)]
    for number, story in enumerate(stories):
        await story.fire(an_alert(f"db-{number}", severity="sev2"))
    pushes = await stage.hooks.expect(3, path=f"/{person}")

    assert 1 <= sum("+" not in title for title in titles(pushes)) <= 2, "one for each worker"
    assert "+" in titles(pushes)[-1]
    for story in stories:
        await story.workflow.terminate()


async def test_a_gathered_page_that_nobody_answers_for_goes_out_by_itself(
    stage: Stage, person: str, temporal_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person's workflow is gone for good: the incident sends what it left there."""
    monkeypatch.setattr("domain.incident.gathered.PATIENCE", timedelta(seconds=0))
    stories = [stage.story(a_plan()) for _ in range(2)]
    await stories[0].fire(an_alert("db-0", severity="sev2"))
    await stage.hooks.expect(1, path=f"/{person}")
    await stories[1].fire(an_alert("db-1", severity="sev2"))
    await until_gathered(stories[1])
    await temporal_client.get_workflow_handle(pages_id(person)).terminate()

    pages = await stage.hooks.expect(2, path=f"/{person}")

    assert titles(pages) == ["db-0 is down", "db-1 is down"]
    for story in stories:
        await story.workflow.terminate()
