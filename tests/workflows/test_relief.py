"""Relief on the real engine: offered once a night, after the second incident that woke."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError
from temporalio.testing import ActivityEnvironment

from activities.relief import WORKFLOWS_QUEUE, NightWatch
from domain.incident.effects import Loudness, Message, Outcome, SendPage, SendResult
from domain.roster import Method, Roster, Rotation, Schedule, User
from domain.severity import Severity
from tests.receivers import MailReceiver, WebhookReceiver
from tests.stage import Stage, open_stage
from tests.waiting import until
from workflows.options import INCIDENTS_QUEUE

pytestmark = pytest.mark.engine


class Night:
    """A stage at 03:00 in somebody's own zone, whatever the real time is."""

    def __init__(self, stage: Stage, person: str) -> None:
        self.stage = stage
        self.person = person
        self.now = datetime.now(UTC).replace(hour=3, minute=0) + timedelta(days=1)
        self.watch = NightWatch(lambda: stage.roster, lambda: self.now)
        self.environment = ActivityEnvironment(client=stage.client)

    @property
    def workflow_id(self) -> str:
        """The night's workflow."""
        return f"relief-{self.person}-{self.now.date() - timedelta(days=1)}"

    async def wake(
        self,
        reference: str,
        *,
        outcome: Outcome = Outcome.DELIVERED,
        method: Method = Method.PUSH,
        urgency: Loudness = "high",
    ) -> None:
        """A page of this incident went out."""
        message = Message(
            reference=reference, severity=Severity.SEV2, title="x", headline="x", at=self.now
        )
        page = SendPage(
            id=f"{reference}/1",
            summary="",
            person=self.person,
            person_name="Ann",
            method=method,
            level="1",
            urgency=urgency,
            message=message,
        )
        await self.environment.run(self.watch.after_page, page, SendResult(outcome=outcome))

    def told(self) -> list[str]:
        """What the person was told, by title."""
        return [one.headers["title"] for one in self.stage.hooks.received()]

    async def is_running(self) -> bool:
        """Whether the night is counted at all."""
        try:
            await self.stage.client.get_workflow_handle(self.workflow_id).describe()
        except RPCError:
            return False
        return True


def a_roster(person: str) -> Roster:
    """The person and Bo take weekly turns, so that the person serves now."""
    users = {
        name: User(
            id=name,
            name=shown,
            contact={Method.PUSH: f"ntfys://ntfy.example/{name}"},
            high=(),
        )
        for name, shown in ((person, "Ann"), ("bo", "Bo"))
    }
    today = datetime.now(UTC).date()
    turns = Rotation(users=(person, "bo"), unit="week", first=today - timedelta(days=2))
    return Roster(users=users, schedules={"pay": Schedule(id="pay", tz="UTC", rotate=turns)})


@pytest.fixture
async def night(
    temporal_client: Client, hooks: WebhookReceiver, mailbox: MailReceiver, tmp_path: Path
) -> AsyncIterator[Night]:
    person = f"ann_{uuid4().hex[:8]}"
    roster = a_roster(person)
    async with open_stage(temporal_client, roster, (hooks, mailbox), tmp_path) as stage:
        night = Night(stage, person)
        yield night
        with suppress(RPCError):
            await stage.client.get_workflow_handle(night.workflow_id).terminate()


async def test_the_second_incident_that_wakes_in_one_night_offers_relief_once(night: Night):
    await night.wake("INC-AAAAAA")
    await night.wake("INC-AAAAAA")
    await night.wake("INC-BBBBBB")
    handle = night.stage.client.get_workflow_handle(night.workflow_id)

    assert await handle.result() == (
        "Ann was woken by INC-AAAAAA and INC-BBBBBB: offered Bo for pay (delivered)."
    )
    await night.wake("INC-CCCCCC")
    night.watch = NightWatch(lambda: night.stage.roster, lambda: night.now)  # another process
    await night.wake("INC-DDDDDD")
    (title,) = night.told()
    assert title.startswith("You were woken twice tonight. Ask Bo (next in pay) to cover until ")
    (received,) = night.stage.hooks.received()
    assert received.headers["priority"] == "2"
    assert "/c/" in received.headers["click"]


async def test_one_incident_alone_however_often_it_pages_offers_nothing(night: Night):
    await night.wake("INC-AAAAAA")
    await night.wake("INC-AAAAAA", method=Method.PHONE)

    description = await night.stage.client.get_workflow_handle(night.workflow_id).describe()
    assert description.close_time is None
    assert night.told() == []


async def test_what_does_not_wake_does_not_count(night: Night):
    await night.wake("INC-AAAAAA", outcome=Outcome.RETRY)
    await night.wake("INC-BBBBBB", urgency="low")
    await night.wake("INC-CCCCCC", method=Method.EMAIL)
    night.now = night.now.replace(hour=12)
    await night.wake("INC-DDDDDD")
    night.now = night.now.replace(hour=3)

    assert not await night.is_running()


async def test_a_page_is_worth_more_than_relief(night: Night):
    """A client that cannot reach the engine does not fail the page."""
    lost = await Client.connect("127.0.0.1:9", lazy=True, data_converter=pydantic_data_converter)
    night.environment = ActivityEnvironment(client=lost)
    await night.wake("INC-AAAAAA")

    assert not await night.is_running()
    night.environment = ActivityEnvironment(client=night.stage.client)
    await night.wake("INC-AAAAAA")
    assert await night.is_running()


async def test_wake_ups_of_two_processes_count_together(night: Night):
    await night.wake("INC-AAAAAA")
    night.watch = NightWatch(lambda: night.stage.roster, lambda: night.now)
    await night.wake("INC-BBBBBB")

    await until(lambda: len(night.told()) == 1)


def test_wake_ups_are_counted_where_workflows_run():
    assert WORKFLOWS_QUEUE == INCIDENTS_QUEUE
