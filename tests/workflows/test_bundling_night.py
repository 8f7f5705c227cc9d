"""Forty incidents for one person at once, on a stepped clock: what reaches them, and when."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from domain.bundle import pages_id
from domain.roster import Method, NotifyRule, Roster, Rotation, Schedule, User
from domain.severity import Severity
from tests.incident.plans import a_plan
from tests.night import Night, NightStory
from tests.receivers import MailReceiver, Reply, WebhookReceiver
from tests.stage import Stage, an_alert, open_stage
from workflows.registry import ALL_WORKFLOWS
from workflows.sandbox import workflow_runner

pytestmark = pytest.mark.engine

START = datetime(2026, 11, 25, 3, 30, tzinfo=UTC)


def a_roster() -> Roster:
    """`first` has push at once and a webhook, which plays the SMS, after a minute."""
    rules = (
        NotifyRule(via=Method.PUSH),
        NotifyRule(via=Method.WEBHOOK, after=timedelta(minutes=1)),
    )
    users = {
        name: User(
            id=name,
            name=name.capitalize(),
            contact={
                Method.PUSH: f"ntfys://ntfy.example/{name}",
                Method.WEBHOOK: f"https://sms.example/{name}",
            },
            high=rules,
        )
        for name in ("first", "second", "manager")
    }
    schedules = {
        name: Schedule(
            id=name,
            tz="UTC",
            rotate=Rotation(users=(name,), unit="week", weekday="mon", first=date(2024, 1, 1)),
        )
        for name in ("first", "second")
    }
    return Roster(users=users, schedules=schedules)


@pytest.fixture
async def stage(
    temporal_client: Client, hooks: WebhookReceiver, mailbox: MailReceiver, tmp_path: Path
) -> AsyncIterator[Stage]:
    """A real engine and real workers; pages gather for a minute."""
    receivers = (hooks, mailbox)
    async with open_stage(
        temporal_client, a_roster(), receivers, tmp_path, bundle_window_s=60
    ) as stage:
        yield stage


async def a_storm(night: Night, count: int, severity: str = "sev2") -> list[NightStory]:
    """So many incidents at once, all of which page `first`."""
    stories = [night.story(a_plan()) for _ in range(count)]
    for number, story in enumerate(stories):
        await story.fire(an_alert(f"db-{number}", severity=severity))
    return stories


async def test_many_incidents_are_one_page_at_once_one_bundle_and_one_text(stage: Stage) -> None:
    """The one who comes next is paged in the same way, as one person for all incidents."""
    night = Night(stage, START)
    await a_storm(night, 6)
    await night.until("03:44")

    assert sorted(night.pages("first")) == [
        ("Wed 03:30", "push", "db-0 is down"),
        ("Wed 03:31", "push", "db-0 is down +5 more"),
        ("Wed 03:31", "webhook", "db-0 is down +5 more"),
    ]
    asked = {one.headers["actions"] for one in stage.hooks.received("/first")[1:]}
    assert "Acknowledge all 6" in asked.pop()


async def test_what_is_acknowledged_before_the_bundle_leaves_is_not_in_it(stage: Stage) -> None:
    night = Night(stage, START)
    stories = await a_storm(night, 5)
    await stories[0].say("first", "acknowledge")
    await stories[2].say("second", "acknowledge")
    assert len(await night.members("first")) == 3

    await night.until("03:32")

    later = [one for one in night.pages("first") if one[0] == "Wed 03:31"]
    assert sorted(later) == [
        ("Wed 03:31", "push", "db-1 is down +2 more"),
        ("Wed 03:31", "webhook", "db-1 is down +2 more"),
    ]
    assert (await stories[2].view()).paged[0].state == "stopped"


async def test_nothing_goes_out_when_all_that_gathered_is_acknowledged(stage: Stage) -> None:
    night = Night(stage, START)
    for story in await a_storm(night, 3):
        await story.say("first", "acknowledge")

    await night.until("03:40")

    assert [how for _, how, _ in night.pages("first") if how != "notice"] == ["push"]
    assert await night.members("first") == []


async def test_a_provider_that_fails_the_bundle_costs_no_page(stage: Stage) -> None:
    """Every incident retries; the bundle is tried once for all, the next method starts."""
    night = Night(stage, START)
    stories = await a_storm(night, 4)
    stage.hooks.replies["/first"] = Reply(status=500)
    await night.until("03:31")
    failed = [one for one in stage.hooks.received("/first") if "+3 more" in one.headers["title"]]
    assert len(failed) == 1

    stage.hooks.replies.clear()
    await night.until("03:33")

    for story in stories:
        by_push = [one for one in (await story.view()).paged if one.method == "push"]
        assert [one.state for one in by_push] == ["delivered"]
    tried = [one for one in stage.hooks.received("/first") if "+3 more" in one.headers["title"]]
    assert len(tried) == 2
    assert tried[0].headers["idempotency-key"] == tried[1].headers["idempotency-key"]


async def test_a_worse_incident_does_not_wait_for_the_bundle(stage: Stage) -> None:
    night = Night(stage, START)
    await a_storm(night, 3, severity="sev2")
    await night.until_moment(START + timedelta(seconds=20))
    await night.story(a_plan()).fire(an_alert("payments", severity="sev1"))

    assert night.pages("first")[1:] == [("Wed 03:30", "push", "payments is down +2 more")]


async def test_a_persons_pages_say_which_incidents_are_in_them(stage: Stage) -> None:
    night = Night(stage, START)
    stories = await a_storm(night, 3)

    members = await night.members("first")

    assert [one.reference for one in members] == [one.reference for one in stories]
    assert {one.severity for one in members} == {Severity.SEV2}


async def replayed(pages: WorkflowHandle[Any, Any]) -> None:
    """The workflow's latest run replays as it went, in the sandbox."""
    replayer = Replayer(
        workflows=list(ALL_WORKFLOWS),
        workflow_runner=workflow_runner(sandboxed=True),
        data_converter=pydantic_data_converter,
    )
    await replayer.replay_workflow(await pages.fetch_history())


async def test_pages_that_gather_survive_a_change_of_runs(
    temporal_client: Client, hooks: WebhookReceiver, mailbox: MailReceiver, tmp_path: Path
) -> None:
    """Every few events a new run takes over what gathered, its moments and its members."""
    how = {"bundle_window_s": 60, "continue_as_new_after": 20}
    receivers = (hooks, mailbox)
    async with open_stage(temporal_client, a_roster(), receivers, tmp_path, **how) as stage:
        night = Night(stage, START)
        stories = await a_storm(night, 5)
        await stories[3].say("second", "acknowledge")
        await night.until("03:33")

        pages = temporal_client.get_workflow_handle(pages_id("first", night.name))
        opening = await anext(aiter(pages.fetch_history_events()))
        started = opening.workflow_execution_started_event_attributes
        assert started.continued_execution_run_id, "no new run"
        await replayed(pages)
        assert sorted(night.pages("first"))[-2:] == [
            ("Wed 03:31", "push", "db-0 is down +3 more"),
            ("Wed 03:31", "webhook", "db-0 is down +3 more"),
        ]
