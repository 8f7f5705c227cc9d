"""The story in which nobody answers: every level, every round, then the last resort."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from domain.incident.view import Phase, TimelineEntry
from tests.providers import ACCOUNT, TwilioServer
from tests.receivers import MailReceiver, Reply, WebhookReceiver
from tests.stage import Stage, Story, an_alert
from tests.stories.nobody import THREE_AM, a_stage, rung
from tests.waiting import stood_still

pytestmark = pytest.mark.engine

PUSH = ("/first", "/second", "/manager")
PHONES = tuple(f"/2010-04-01/Accounts/{ACCOUNT}/{name}.json" for name in ("Messages", "Calls"))
SPEED = 60.0
"""A minute of the story is a second of the test."""

LATE = timedelta(seconds=50)
"""Virtual: under a second of real time, on a machine that has other things to do."""


@pytest.fixture
def phones() -> Iterator[TwilioServer]:
    server = TwilioServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
async def stage(
    temporal_client: Client,
    hooks: WebhookReceiver,
    mailbox: MailReceiver,
    phones: TwilioServer,
    tmp_path: Path,
) -> AsyncIterator[Stage]:
    """Three people whose phones are real servers' ends."""
    async with a_stage(temporal_client, (hooks, mailbox), phones, tmp_path) as stage:
        yield stage


async def test_nobody_answers_every_page_of_every_round_then_the_last_resort_then_silence(
    stage: Stage,
) -> None:
    """Every receiver and every minute is exact, up to the acknowledgement and after it."""
    story = stage.story(stage.plans["payments_down"], THREE_AM)
    await story.fire(an_alert("db", alertname="PaymentsDown"))
    await story.until("03:45:30")
    before = story.pages()
    await story.until("03:46")
    await story.say("first", "acknowledge")
    await story.until("04:15")

    levels = [*rung("first", 0), *rung("second", 5), *rung("first", 10), *rung("second", 15)]
    levels += [*rung("first", 20), *rung("second", 25)]
    resort = [*rung("first", 30), *rung("manager", 30)]
    again = [("Wed 03:45", "first", "push"), ("Wed 03:45", "manager", "push")]
    assert before == sorted(levels + resort + again)
    after = [one for one in story.pages() if one not in before]
    assert after == [
        ("Wed 03:46", "first", "sms"),
        ("Wed 03:46", "manager", "notice"),
        ("Wed 03:46", "manager", "sms"),
        ("Wed 03:46", "second", "notice"),
    ]
    kinds = [entry.kind for entry in await story.timeline()]
    assert kinds.count("exhausted") == 1


async def test_an_outage_of_every_provider_burns_no_round_and_ends_within_half_a_minute(
    stage: Stage, hooks: WebhookReceiver, phones: TwilioServer
) -> None:
    """500 from 0 to 12 minutes: the first delivery is at 12:30 at the latest, in round one."""
    down = Reply(500, b"{}")
    hooks.replies.update(dict.fromkeys(PUSH, down))
    phones.replies.update(dict.fromkeys(PHONES, down))
    story = stage.story(stage.plans["payments_down"], THREE_AM)
    await story.fire(an_alert("db", alertname="PaymentsDown"))
    await story.until("03:12")
    failed = await delivered(story)
    hooks.replies.clear()
    phones.replies.clear()
    await story.until("03:12:30")
    entries = await delivered(story)
    first = min(entry.at for entry in entries)
    await story.until("03:25")

    assert failed == []
    assert timedelta(minutes=12) <= first - THREE_AM <= timedelta(minutes=12, seconds=30)
    assert {entry.data["key"].split("/")[3] for entry in entries} == {"0"}
    assert not (await story.view()).exhausted


async def recorded_until(story: Story, kind: str) -> list[TimelineEntry]:
    """The timeline, once the ledger has an entry of this kind."""
    async with asyncio.timeout(100):
        while True:
            entries = await story.timeline()
            if kind in {entry.kind for entry in entries}:
                return entries
            await asyncio.sleep(0.2)


async def delivered(story: Story) -> list[TimelineEntry]:
    """The entries of pages that got through."""
    return [entry for entry in await story.timeline() if entry.kind == "page.delivered"]


@pytest.mark.timeout(180)
async def test_sped_up_with_real_timers_the_same_people_are_paged_in_the_same_minutes(
    stage: Stage,
) -> None:
    """Real timers, 60 times faster: each page leaves in its minute, none before."""
    story = stage.story(stage.plans["payments_down"], speed=SPEED)
    async with stood_still() as stood:
        await story.fire(an_alert("db", alertname="PaymentsDown"))
        begun = (await story.view()).opened_at
        timeline = await recorded_until(story, "exhausted")
    entries = [entry for entry in timeline if entry.kind == "paged"]

    planned = [
        (person, way, timedelta(minutes=start + index))
        for start, person in ((0, "first"), (5, "second"), (10, "first"), (15, "second"))
        for index, way in enumerate(("push", "sms", "phone"))
    ]
    planned += [
        (person, way, timedelta(minutes=start + index))
        for start, person in ((20, "first"), (25, "second"))
        for index, way in enumerate(("push", "sms", "phone"))
    ]
    found = [(one.data["person"], one.data["method"], one.at - begun) for one in entries][:18]
    assert [one[:2] for one in found] == [one[:2] for one in planned]
    late = [actual[2] - plan[2] for actual, plan in zip(found, planned, strict=True)]
    assert min(late) >= timedelta(0)
    assert max(late) <= LATE + timedelta(seconds=SPEED * stood.still_s)
    await story.say("first", "acknowledge")
    assert (await story.view()).phase is Phase.ACKNOWLEDGED
