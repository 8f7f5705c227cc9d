"""A worker that pages alone sends while it claims, and gathers all the same."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

from activities.company import Company
from domain.bundle import pages_id
from domain.roster import Method, NotifyRule, Roster, Rotation, Schedule, User
from tests.incident.plans import a_plan
from tests.receivers import MailReceiver, WebhookReceiver
from tests.stage import Stage, an_alert, open_stage

pytestmark = pytest.mark.engine

WINDOW_S = 4.0


@pytest.fixture
def person() -> str:
    """Somebody whom no other test of this engine pages."""
    return f"p{uuid4().hex[:8]}"


@pytest.fixture
async def stage(
    temporal_client: Client,
    hooks: WebhookReceiver,
    mailbox: MailReceiver,
    tmp_path: Path,
    person: str,
) -> AsyncIterator[Stage]:
    """A real engine and one set of workers that knows it is the only one."""
    rules = (NotifyRule(via=Method.PUSH, after=timedelta(0)),)
    user = User(id=person, name="Ann", contact={Method.PUSH: "ntfys://x/y"}, high=rules)
    always = Rotation(users=(person,), unit="week", weekday="mon", first=date(2024, 1, 1))
    roster = Roster(
        users={person: user}, schedules={"first": Schedule(id="first", tz="UTC", rotate=always)}
    )
    receivers = (hooks, mailbox)
    async with open_stage(
        temporal_client, roster, receivers, tmp_path, pages_alone=True, bundle_window_s=WINDOW_S
    ) as stage:
        yield stage


async def test_many_at_once_are_one_push_and_one_bundle(stage: Stage, person: str) -> None:
    """The first goes out before its claim is answered; none of the others goes before it."""
    stories = [stage.story(a_plan()) for _ in range(20)]
    await asyncio.gather(
        *(
            story.fire(an_alert(f"db-{number}", severity="sev2"))
            for number, story in enumerate(stories)
        )
    )
    first, bundle = await stage.hooks.expect(2, path=f"/{person}")
    for story in stories:
        await story.say(person, "acknowledge")
        await story.workflow.terminate()

    assert "+" not in first.headers["title"]
    assert "+19 more" in bundle.headers["title"]
    assert bundle.at - first.at >= WINDOW_S - 1
    assert len(stage.hooks.received(f"/{person}")) == 2


async def test_the_claim_is_made_all_the_same(
    stage: Stage, person: str, temporal_client: Client
) -> None:
    """Another worker that starts now, or this one after a crash, finds the person claimed."""
    story = stage.story(a_plan())
    await story.fire(an_alert("db-1", severity="sev2"))
    await stage.hooks.expect(1, path=f"/{person}")

    result = await temporal_client.get_workflow_handle(pages_id(person)).result()

    assert result == "0 messages for Ann."
    await story.say(person, "acknowledge")
    await story.workflow.terminate()


@activity.defn
async def nothing() -> None:
    """Somebody must poll."""


async def test_company_is_another_process_on_the_same_queue(temporal_client: Client) -> None:
    """Alone is known, not assumed: unasked and in company it is not so."""
    queue = f"company-{uuid4().hex[:8]}"
    address = temporal_client.service_client.config.target_host
    other = await Client.connect(
        address, data_converter=pydantic_data_converter, identity="somebody-else"
    )
    company = Company(queue, temporal_client.identity)
    service, namespace = temporal_client.service_client, temporal_client.namespace

    async def look_until(wanted: bool) -> None:  # noqa: FBT001
        async with asyncio.timeout(20):
            while True:
                await company.look(service, namespace)
                if company.is_alone() is wanted:
                    return
                await asyncio.sleep(0.05)

    unasked = company.is_alone()
    async with Worker(temporal_client, task_queue=queue, activities=[nothing]):
        await look_until(wanted=True)
        async with Worker(other, task_queue=queue, activities=[nothing]):
            await look_until(wanted=False)

    assert unasked is False
