"""Changes of shift on the real engine: each is told once, quietly, to those it concerns."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from api.gateway import Gateway
from api.gateway_shifts import shifts_id
from domain.roster import Override, Schedule
from domain.shifts import ShiftsStart
from tests.api.conftest import a_plan, a_view
from tests.receivers import MailReceiver, WebhookReceiver
from tests.stage import Stage, open_stage
from tests.waiting import until
from tests.workflows.conftest import a_roster
from tests.workflows.replaying import replayed
from workflows.options import INCIDENTS_QUEUE

pytestmark = pytest.mark.engine


class Serving:
    """A stage with one schedule whose people a test changes."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.gateway = Gateway(stage.settings, stage.client)

    def serve(self, *spans: tuple[str, float, float]) -> None:
        """From now on these people serve, each from so many seconds to so many from now."""
        now = datetime.now(UTC)
        lines = tuple(
            Override(user=user, start=now + timedelta(seconds=a), end=now + timedelta(seconds=b))
            for user, a, b in spans
        )
        schedule = Schedule(id="watched", tz="Europe/Berlin", overrides=lines)
        self.put({**self.stage.roster.schedules, "watched": schedule})

    def put(self, schedules: dict[str, Schedule]) -> None:
        """The roster has these schedules from now on."""
        self.stage.roster = self.stage.roster.model_copy(update={"schedules": schedules})

    @property
    def workflow(self) -> WorkflowHandle[Any, Any]:
        """The one that follows the schedule."""
        return self.stage.client.get_workflow_handle(shifts_id("watched"))

    async def serving(self) -> list[str]:
        """Who serves, as the workflow last saw."""
        return list(await self.workflow.query("serving", result_type=list[str]))

    def told(self) -> list[tuple[str, str]]:
        """Who was told what, by title."""
        received = self.stage.hooks.received()
        return sorted((one.path.rpartition("/")[2], one.headers["title"]) for one in received)

    async def hears(self, *expected: tuple[str, str]) -> None:
        """Wait until exactly this was told."""
        await until(lambda: self.told() == sorted(expected), lambda: f"told {self.told()}")

    async def looked(self, count: int) -> None:
        """Wait until the schedule was looked at so often."""
        seen = 0
        while seen < count:
            history = await self.workflow.fetch_history()
            named = [
                event.activity_task_scheduled_event_attributes.activity_type.name
                for event in history.events
                if event.HasField("activity_task_scheduled_event_attributes")
            ]
            seen = named.count("look_at_shift")
            await asyncio.sleep(0.02)


@pytest.fixture
async def serving(
    temporal_client: Client, hooks: WebhookReceiver, mailbox: MailReceiver, tmp_path: Path
) -> AsyncIterator[Serving]:
    async with open_stage(temporal_client, a_roster(), (hooks, mailbox), tmp_path) as stage:
        yield Serving(stage)
        with suppress(RPCError):
            await stage.client.get_workflow_handle(shifts_id("watched")).terminate()


async def test_a_change_tells_who_comes_on_and_who_goes_off_once_and_quietly(serving: Serving):
    serving.serve(("ann", -60, 2), ("bo", 2, 3600))
    for _ in range(3):  # several processes of the API, each at its start
        await serving.gateway.follow_shifts("watched", look_now=True)

    await serving.hears(
        ("bo", "You are on call for watched"), ("ann", "You are off call for watched: Bo has it")
    )
    on = next(one for one in serving.stage.hooks.received() if one.path.endswith("bo"))
    assert on.headers["priority"] == "2"
    text = on.body.decode()
    assert "You follow Ann." in text
    assert " UTC." in text
    assert "Nothing that pages this schedule is open and acknowledged." in text
    assert await serving.serving() == ["bo"]


async def test_who_comes_on_gets_what_is_open_and_acknowledged_there(serving: Serving):
    stage = serving.stage
    mine = a_plan("payments_api", owner="team:x")
    mine = mine.model_copy(
        update={
            "escalation": mine.escalation.model_copy(update={"levels": (("schedule:watched",),)})
        }
    )
    stage.plans |= {"payments_api": mine, "other": a_plan("other")}
    holder = {"person": "ann", "name": "Ann", "since": datetime.now(UTC)}
    for number, fields in enumerate(
        (
            {"phase": "acknowledged", "roles": {"operations_lead": [holder]}},
            {"phase": "mitigated", "severity": "SEV1", "title": "Cards are declined"},
            {"phase": "acknowledged", "playbook": "other"},
            {"phase": "triggered"},
        )
    ):
        view = a_view(id=f"w{number}", reference=f"INC-AAAAA{number}", **fields)
        stage.writer.ledger.record(view.model_dump(mode="json"), ())
    serving.serve(("ann", -60, 1), ("bo", 1, 3600))
    await serving.gateway.follow_shifts("watched", look_now=True)

    await until(lambda: any(whom == "bo" for whom, _ in serving.told()))
    on = next(one for one in stage.hooks.received() if one.path.endswith("bo"))
    lines = on.body.decode().splitlines()
    assert lines[-3:] == [
        "Open and acknowledged: 2",
        "INC-AAAAA1 SEV1 Cards are declined (nobody on operations)",
        "INC-AAAAA0 SEV2 Payments are failing (Ann on operations)",
    ]


async def test_nobody_is_told_where_the_same_people_go_on(serving: Serving):
    serving.serve(("ann", -60, 1), ("ann", 1, 3600))
    await serving.gateway.follow_shifts("watched", look_now=True)
    await serving.looked(1)
    serving.serve(("ann", -120, 7200))
    await serving.gateway.follow_shifts("watched", look_now=True)
    await serving.looked(2)

    assert serving.told() == []


async def test_a_changed_roster_is_looked_at_at_once(serving: Serving):
    serving.serve(("ann", -60, 3600))
    await serving.gateway.follow_shifts("watched", look_now=True)
    await serving.looked(1)
    await until_serving(serving, ["ann"])
    serving.serve(("ann", -60, 3600), ("bo", -1, 3600))
    await serving.gateway.follow_shifts("watched", look_now=True)

    await serving.hears(
        ("bo", "You are on call for watched"), ("ann", "You are off call for watched: Bo has it")
    )


async def test_a_gap_is_told_to_who_goes_off(serving: Serving):
    serving.serve(("ann", -60, 1))
    await serving.gateway.follow_shifts("watched", look_now=True)

    await serving.hears(("ann", "You are off call for watched: nobody serves now"))
    assert await serving.serving() == []


async def test_who_serves_survives_the_change_of_runs(serving: Serving):
    """A run that starts over tells nobody anew, and the next change is told as ever."""
    serving.serve(("ann", -60, 3), ("bo", 3, 3600))
    await serving.stage.client.start_workflow(
        "Shifts",
        ShiftsStart(schedule="watched", continue_after=1),
        id=shifts_id("watched"),
        task_queue=INCIDENTS_QUEUE,
    )
    first = (await serving.workflow.describe()).run_id
    await until_serving(serving, ["ann"])
    await serving.gateway.follow_shifts("watched", look_now=True)

    await serving.hears(
        ("bo", "You are on call for watched"), ("ann", "You are off call for watched: Bo has it")
    )
    assert (await serving.workflow.describe()).run_id != first


async def test_the_engine_shows_who_comes_on_and_when(serving: Serving):
    serving.serve(("ann", -60, 3600), ("bo", 3600, 7200))
    await serving.gateway.follow_shifts("watched", look_now=True)
    await serving.looked(1)
    await until_serving(serving, ["ann"])
    history = await serving.workflow.fetch_history()
    summaries = [
        event.user_metadata.summary.data.decode().strip('"')
        for event in history.events
        if event.HasField("timer_started_event_attributes")
    ]

    assert any(
        text.startswith("watched: Bo comes on ") and text.endswith(" (Europe/Berlin)")
        for text in summaries
    )


async def test_a_schedule_that_left_the_roster_ends_its_workflow_and_tells_nobody(
    serving: Serving,
):
    """Only a second look ends it: a worker may read a file later than the API."""
    serving.serve(("ann", -60, 3600))
    await serving.stage.client.start_workflow(
        "Shifts",
        ShiftsStart(schedule="watched", read_everywhere=timedelta(seconds=0.2)),
        id=shifts_id("watched"),
        task_queue=INCIDENTS_QUEUE,
    )
    await until_serving(serving, ["ann"])
    serving.put({})
    await serving.gateway.shifts_gone("watched")

    assert await serving.workflow.result() == "watched is no longer in the roster."
    assert serving.told() == []
    await serving.gateway.shifts_gone("watched")


async def test_a_followed_schedule_replays(serving: Serving):
    """What a worker does again after a restart is what it did before."""
    serving.serve(("ann", -60, 1), ("bo", 1, 3600))
    await serving.gateway.follow_shifts("watched", look_now=True)
    await until_serving(serving, ["bo"])
    await until(lambda: len(serving.told()) == 2)

    await replayed(await serving.workflow.fetch_history())


async def until_serving(serving: Serving, people: list[str]) -> None:
    """Wait until the workflow says so; each look takes its own time."""
    while await serving.serving() != people:
        pass
