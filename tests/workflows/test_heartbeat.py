"""Heartbeats on a real engine: silence opens, the return resolves."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from api.gateway_heartbeats import HeartbeatGateway
from domain.heartbeat import Beat, Heartbeat, declared, workflow_id_of
from domain.incident.view import IncidentView, Phase
from domain.maintenance import Window
from domain.plan import HeartbeatTrigger, Plan, ResolvePlan
from tests.incident.plans import a_plan, confirm
from tests.stage import Stage
from workflows.heartbeat import HeartbeatWorkflow
from workflows.options import BEATS_BEFORE_CONTINUE, INCIDENTS_QUEUE
from workflows.sandbox import workflow_runner

pytestmark = pytest.mark.engine

T = TypeVar("T")

PATIENCE_S = 20.0


class Canary:
    """One heartbeat with the playbook that declares it, on the stage."""

    def __init__(self, stage: Stage, missing_after: timedelta, **plan: Any) -> None:
        self.stage = stage
        self.name = f"canary_{uuid4().hex[:8]}"
        self.gateway = HeartbeatGateway(self)
        self.plan = self.serve(missing_after, **plan)

    async def client(self) -> Any:
        """The stage's connection."""
        return self.stage.client

    def serve(self, missing_after: timedelta, **plan: Any) -> Plan:
        """Put its playbook, with this `missing_after`, into service."""
        trigger = HeartbeatTrigger(name=self.name, missing_after=missing_after)
        ends = ResolvePlan(hold=timedelta(0), confirm=confirm("nobody"))
        name = f"silent_{self.name}"
        made = a_plan(name=name, heartbeats=(trigger,), resolve=ends, **plan)
        self.stage.plans[name] = made
        return made

    async def beat(self, at: datetime | None = None) -> None:
        """One beat, as the API sends it."""
        _, trigger = declared(self.stage.plans)[self.name]
        beat = Beat(at=at or datetime.now(UTC), missing_after=trigger.missing_after)
        await self.gateway.beat(self.name, beat)

    async def seen(self) -> Heartbeat:
        """The heartbeat as its workflow has it."""
        found = (await self.gateway.look([self.name]))[self.name]
        assert isinstance(found, Heartbeat), found
        return found

    async def told(self) -> str:
        """The workflow of the incident that was told of its silence, once there is one."""
        return await until(self._incident)

    async def _incident(self) -> str | None:
        return (await self.seen()).incident

    async def view(self, incident: str) -> IncidentView:
        """The incident as it is."""
        handle = self.stage.client.get_workflow_handle(incident)
        found: IncidentView = await handle.query("view", result_type=IncidentView)
        return found

    async def in_phase(self, incident: str, *phases: Phase) -> IncidentView:
        """The incident once it is in one of these phases."""

        async def there() -> IncidentView | None:
            view = await self.view(incident)
            return view if view.phase in phases else None

        return await until(there)

    async def events(self) -> list[EventType.ValueType]:
        """What its history is made of."""
        handle = self.stage.client.get_workflow_handle(workflow_id_of(self.name))
        return [event.event_type async for event in handle.fetch_history_events()]


async def until(look: Callable[[], Awaitable[T | None]]) -> T:
    """What `look` finds, as soon as it finds something."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found = await look()
            if found is not None:
                return found
            await asyncio.sleep(0.05)


async def test_silence_opens_an_incident_that_pages_and_the_return_resolves_it(
    stage: Stage,
) -> None:
    canary = Canary(stage, timedelta(seconds=1))
    await canary.beat()
    incident = await canary.told()
    opened = await canary.in_phase(incident, Phase.TRIGGERED)
    await until(lambda: _paged(canary, incident))

    await canary.beat()
    ended = await canary.in_phase(incident, Phase.RESOLVED, Phase.CLOSED)

    assert opened.title.startswith(f"Heartbeat {canary.name} is missing: silent since ")
    assert [one.labels["heartbeat"] for one in opened.alert_list] == [canary.name]
    assert ended.alerts.firing == 0
    assert (await canary.seen()).missing_since is None
    owner = await stage.writer.read(lambda ledger: ledger.owners([("heartbeat", canary.name)]))
    assert owner[("heartbeat", canary.name)].workflow_id == incident


async def _paged(canary: Canary, incident: str) -> bool | None:
    return any(one.person == "first" for one in (await canary.view(incident)).paged) or None


async def test_while_it_beats_one_timer_stands_and_nothing_else_is_in_the_history(
    stage: Stage,
) -> None:
    canary = Canary(stage, timedelta(seconds=30))

    for _ in range(8):
        await canary.beat()
    await until(lambda: _heard_lately(canary))
    events = await canary.events()

    assert events.count(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED) == 8
    assert events.count(EventType.EVENT_TYPE_TIMER_STARTED) == 1
    assert events.count(EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED) == 0


async def _heard_lately(canary: Canary) -> bool | None:
    return datetime.now(UTC) - (await canary.seen()).last_at < timedelta(seconds=5) or None


async def test_a_second_silence_after_the_return_opens_again(stage: Stage) -> None:
    canary = Canary(stage, timedelta(seconds=1))
    await canary.beat()
    first = await canary.told()
    await canary.beat()
    await canary.in_phase(first, Phase.RESOLVED, Phase.CLOSED)

    again = await canary.told()
    view = await canary.in_phase(again, Phase.TRIGGERED)

    assert again == first
    assert view.reopened == 1


async def test_a_playbook_that_allows_less_silence_counts_from_the_next_beat(
    stage: Stage,
) -> None:
    canary = Canary(stage, timedelta(hours=1))
    await canary.beat()

    canary.serve(timedelta(seconds=1))
    await canary.beat()

    assert await canary.told()


async def test_a_playbook_that_allows_more_silence_is_asked_before_anybody_is_paged(
    stage: Stage,
) -> None:
    canary = Canary(stage, timedelta(seconds=1))
    await canary.beat()

    canary.serve(timedelta(hours=1))

    async def knows() -> bool | None:
        return (await canary.seen()).missing_after == timedelta(hours=1) or None

    await until(knows)
    assert (await canary.seen()).incident is None


async def test_a_heartbeat_that_no_playbook_declares_ends_at_its_next_timer(stage: Stage) -> None:
    canary = Canary(stage, timedelta(seconds=1))
    await canary.beat()

    del stage.plans[canary.plan.name]
    handle = stage.client.get_workflow_handle(workflow_id_of(canary.name))
    async with asyncio.timeout(PATIENCE_S):
        result = await handle.result()

    assert result == f"{canary.name}: no playbook declares it any more."
    assert (await handle.describe()).status is WorkflowExecutionStatus.COMPLETED


async def test_a_silent_heartbeat_under_maintenance_is_suppressed_and_pages_at_its_end(
    stage: Stage,
) -> None:
    canary = Canary(stage, timedelta(seconds=1), service="payments_api")
    now = datetime.now(UTC)
    window = Window(
        id=f"mw-{canary.name}",
        service="payments-api",
        starts_at=now,
        ends_at=now + timedelta(seconds=4),
        reason="db upgrade",
        by="Ann",
    )
    await stage.writer.write(lambda ledger: ledger.maintenance.add(window, "user:ann"))
    await canary.beat()
    incident = await canary.told()
    held = await canary.in_phase(incident, Phase.SUPPRESSED)

    live = await canary.in_phase(incident, Phase.TRIGGERED)
    await until(lambda: _paged(canary, incident))

    assert held.paged == ()
    assert live.updated_at >= window.ends_at


async def test_its_alert_joins_the_incident_that_runs_under_its_key(stage: Stage) -> None:
    canary = Canary(stage, timedelta(seconds=1))
    await canary.beat()
    first = await canary.told()
    await canary.beat()
    await until(lambda: _nothing_fires(canary, first))

    again = await canary.told()

    assert again == first
    assert (await canary.view(first)).alerts.total == 1


async def _nothing_fires(canary: Canary, incident: str) -> bool | None:
    return (await canary.view(incident)).alerts.firing == 0 or None


async def test_after_a_thousand_beats_a_new_run_goes_on_with_the_same_silence(
    stage: Stage,
) -> None:
    canary = Canary(stage, timedelta(seconds=60))
    await canary.beat()
    handle = stage.client.get_workflow_handle(workflow_id_of(canary.name))
    first = (await handle.describe()).run_id
    turns = asyncio.Semaphore(20)

    async def one() -> None:
        async with turns:
            beat = Beat(at=datetime.now(UTC), missing_after=timedelta(seconds=60))
            await handle.signal("beat", beat)

    await asyncio.gather(*(one() for _ in range(BEATS_BEFORE_CONTINUE)))

    async def goes_on() -> bool | None:
        return (await handle.describe()).run_id != first or None

    await until(goes_on)
    seen = await canary.seen()
    assert datetime.now(UTC) - seen.last_at < timedelta(seconds=PATIENCE_S)
    assert seen.missing_after == timedelta(seconds=60)
    assert seen.incident is None


async def test_a_heartbeat_missing_over_the_change_of_runs_is_still_resolved_by_its_return(
    stage: Stage,
) -> None:
    canary = Canary(stage, timedelta(seconds=1))
    await canary.beat()
    incident = await canary.told()
    before = await canary.seen()
    handle = stage.client.get_workflow_handle(workflow_id_of(canary.name))
    await handle.terminate("the next run is given its state")
    await stage.client.start_workflow(
        "Heartbeat", before, id=workflow_id_of(canary.name), task_queue=INCIDENTS_QUEUE
    )

    await canary.beat()

    await canary.in_phase(incident, Phase.RESOLVED, Phase.CLOSED)
    assert (await canary.seen()).incident is None


async def test_its_history_replays(stage: Stage) -> None:
    canary = Canary(stage, timedelta(seconds=1))
    await canary.beat()
    incident = await canary.told()
    await canary.beat()
    await canary.in_phase(incident, Phase.RESOLVED, Phase.CLOSED)
    await canary.told()
    handle = stage.client.get_workflow_handle(workflow_id_of(canary.name))
    history = await handle.fetch_history()

    replayer = Replayer(
        workflows=[HeartbeatWorkflow],
        workflow_runner=workflow_runner(sandboxed=True),
        data_converter=pydantic_data_converter,
    )
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)

    assert result.replay_failure is None
