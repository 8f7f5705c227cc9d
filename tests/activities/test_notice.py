"""Notices are quiet; announcements reach every destination once, also over retries."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.testing import ActivityEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.notice import NoticeActivities
from domain.incident.effects import Outcome, SendAnnouncement, SendResult
from domain.roster import Destination, Method, NotifyRule, Roster, Team
from settings import Settings
from tests.activities.builders import a_notice, a_roster, a_user, an_announcement, tools_for
from tests.receivers import MailReceiver, Reply, WebhookReceiver

QUEUE = f"notices-under-test-{uuid4().hex}"


@workflow.defn
class Announcing:
    """Runs one announcement with three attempts."""

    @workflow.run
    async def run(self, announcement: SendAnnouncement) -> SendResult:
        """The activity's last word."""
        return await workflow.execute_activity_method(
            NoticeActivities.send_announcement,
            announcement,
            start_to_close_timeout=timedelta(seconds=20),
            retry_policy=RetryPolicy(
                initial_interval=timedelta(milliseconds=20), maximum_attempts=3
            ),
        )


@asynccontextmanager
async def announcing(client: Client, activities: NoticeActivities) -> AsyncIterator[None]:
    """A worker for the workflow above."""
    async with Worker(
        client,
        task_queue=QUEUE,
        workflows=[Announcing],
        activities=[activities.send_announcement],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        yield


async def announce(client: Client, *to: str) -> SendResult:
    """Run one announcement through the engine."""
    result: SendResult = await client.execute_workflow(
        Announcing.run,
        an_announcement(*to),
        id=f"announcing-{uuid4()}",
        task_queue=QUEUE,
        rpc_timeout=timedelta(seconds=30),
    )
    return result


async def tell(settings: Settings, http: httpx.AsyncClient, roster: Roster) -> SendResult:
    """Run a notice to ann as a worker would."""
    activities = NoticeActivities(tools_for(settings, http), lambda: roster)
    result: SendResult = await ActivityEnvironment().run(activities.send_notice, a_notice())
    return result


async def test_notice_takes_push_without_sound_before_webhook(
    settings: Settings, http: httpx.AsyncClient, hooks: WebhookReceiver
) -> None:
    roster = a_roster(a_user(webhook=f"{hooks.url}/hook", push=f"{hooks.ntfy}/push"))

    await tell(settings, http, roster)

    assert [one.path for one in hooks.received()] == ["/push"]
    assert hooks.received()[0].headers["priority"] == "2"


async def test_without_push_a_webhook_tells_and_low_rules_are_left_for_quiet_pages(
    settings: Settings, http: httpx.AsyncClient, hooks: WebhookReceiver
) -> None:
    low = (NotifyRule(via=Method.EMAIL),)
    roster = a_roster(a_user(low=low, webhook=f"{hooks.url}/hook", email="ann@example.org"))

    await tell(settings, http, roster)

    assert hooks.received()[0].json()["kind"] == "notice"


async def test_nobody_is_rung_up_for_a_notice(settings: Settings, http: httpx.AsyncClient) -> None:
    result = await tell(settings, http, a_roster(a_user(phone="json://x/y", sms="json://x/y")))

    assert result.outcome is Outcome.FAILED
    assert "quiet" in result.detail


@pytest.mark.engine
async def test_retry_leaves_alone_who_was_told_already(
    settings: Settings,
    http: httpx.AsyncClient,
    hooks: WebhookReceiver,
    mailbox: MailReceiver,
    temporal_client: Client,
) -> None:
    """A mail list gets one mail although the webhook beside it needed all three attempts."""
    hooks.replies["/desk"] = Reply(status=500)
    desk = Destination(id="desk", email=("list@example.org",), webhook=f"{hooks.url}/desk")
    roster = Roster(destinations={"desk": desk})
    tools = tools_for(settings, http, smtp_port=mailbox.port)

    async with announcing(temporal_client, NoticeActivities(tools, lambda: roster)):
        result = await announce(temporal_client, "destination:desk")

    keys = {one.headers["webhook-id"] for one in hooks.received("/desk")}
    assert len(mailbox.mails()) == 1
    assert (len(hooks.received("/desk")), len(keys)) == (3, 1)
    assert result.outcome is Outcome.FAILED
    assert "gave up after 3 attempts: 1 of 2 delivered" in result.detail


@pytest.mark.engine
async def test_announcement_reaches_destinations_users_and_teams_and_names_the_deleted(
    settings: Settings,
    http: httpx.AsyncClient,
    hooks: WebhookReceiver,
    mailbox: MailReceiver,
    temporal_client: Client,
) -> None:
    mails = ("a@example.org", "b@example.org")
    roster = Roster(
        users={
            "ann": a_user("ann", push=f"{hooks.ntfy}/ann"),
            "bo": a_user("bo", email="bo@example.org"),
        },
        teams={"payments": Team(id="payments", members=("bo",))},
        destinations={"desk": Destination(id="desk", email=mails, push=f"{hooks.ntfy}/desk")},
    )
    tools = tools_for(settings, http, smtp_port=mailbox.port)

    async with announcing(temporal_client, NoticeActivities(tools, lambda: roster)):
        result = await announce(
            temporal_client, "destination:desk", "user:ann", "team:payments", "destination:gone"
        )

    assert result.outcome is Outcome.DELIVERED
    assert "4 of 5 delivered; destination:gone: no longer in the roster" in result.detail
    assert {one.path for one in hooks.received()} == {"/desk", "/ann"}
    assert mailbox.mails("a@example.org")[0].recipients == mails
    assert mailbox.mails("bo@example.org")
    assert "click" not in hooks.received("/desk")[0].headers
