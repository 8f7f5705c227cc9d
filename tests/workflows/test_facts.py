"""Measured facts on a real engine: no noise in the history, no delay, nothing lost."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import Client

from activities.registry import Surroundings, all_activities
from domain.incident.input import AlertBatch, ClockSettings, IncidentInput
from domain.incident.view import FactView, IncidentView, Phase
from domain.plan_facts import FactPlan, HttpSource
from domain.severity import Severity
from tests.incident.fact_world import RULES, with_facts
from tests.prometheus import PrometheusServer, prometheus_server, queries
from tests.receivers import MailReceiver, Reply, WebhookReceiver
from tests.stage import Stage, Story, an_alert, open_stage
from tests.workflows.conftest import a_roster
from worker import build_workers
from workflows.options import INCIDENTS_QUEUE

pytestmark = pytest.mark.engine

START = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
SPEED = 60.0
RATIO = FactPlan(
    type="double",
    query="ratio",
    every=timedelta(minutes=1),
    max_age=timedelta(minutes=3),
    marks=(0.05, 0.25),
)


@pytest.fixture
def server() -> Iterator[PrometheusServer]:
    """A server of Prometheus' shape."""
    with prometheus_server() as server:
        yield server


@pytest.fixture
async def stage(server: PrometheusServer, stage: Stage) -> Stage:
    """The stage, with a file of queries; the server ends after the workers that ask it."""
    stage.ops = queries(server.url, ratio="ratio")
    return stage


async def seen(story: Story, wanted: Callable[[IncidentView], object]) -> IncidentView:
    """The incident once it is as wanted."""
    async with asyncio.timeout(30):
        while True:
            view = await story.view()
            if wanted(view):
                return view
            await asyncio.sleep(0.05)


def ratio(view: IncidentView) -> FactView:
    """What the incident shows of the one fact."""
    (fact,) = view.facts
    return fact


async def events(story: Story) -> list[str]:
    """The kinds of all events of the history."""
    found = story.workflow.fetch_history_events()
    return [event.WhichOneof("attributes") or "" async for event in found]


async def seen_run(story: Story, wanted: Callable[[str | None], bool]) -> None:
    """Return once the incident is in such a run."""
    async with asyncio.timeout(30):
        while True:
            if wanted((await story.workflow.describe()).run_id):
                return
            await asyncio.sleep(0.05)


async def at_rest(story: Story) -> list[str]:
    """The kinds of all events, once nothing is under way but measuring."""
    async with asyncio.timeout(30):
        while True:
            raw = (await story.workflow.describe()).raw_description
            under_way = [one.activity_type.name for one in raw.pending_activities]
            if not raw.HasField("pending_workflow_task") and under_way == ["measure_facts"]:
                return await events(story)
            await asyncio.sleep(0.05)


def from_json(hooks: WebhookReceiver, **more: Any) -> FactPlan:
    """The ratio as a JSON answer says it."""
    source = HttpSource(url=f"{hooks.url}/ratio", path="body.ratio")
    return RATIO.model_copy(update={"query": None, "http": source, **more})


def answer(hooks: WebhookReceiver, value: float) -> None:
    """What the JSON source answers from now on."""
    hooks.replies["/ratio"] = Reply(200, json.dumps({"ratio": value}).encode())


async def test_a_measured_fact_raises_the_severity_of_a_running_incident(
    stage: Stage, server: PrometheusServer
) -> None:
    server.results["ratio"] = 0.01
    story = stage.story(with_facts(), speed=SPEED)
    await story.fire(an_alert("a1"))
    calm = await seen(story, lambda view: ratio(view).value == 0.01)
    server.results["ratio"] = 0.31
    worse = await seen(story, lambda view: view.severity is Severity.SEV1)

    assert calm.severity is Severity.SEV3
    assert (ratio(worse).value, ratio(worse).source) == (0.31, "measured")


async def test_a_value_that_does_not_change_adds_no_event_however_often_it_is_read(
    stage: Stage, hooks: WebhookReceiver
) -> None:
    """Thirty questions with the same answer between two looks at the history."""
    answer(hooks, 0.1)
    often = from_json(hooks, every=timedelta(seconds=3))
    story = stage.story(with_facts(facts={"ratio": often}), speed=SPEED)
    await story.fire(an_alert("a1"))
    await story.say("first", "acknowledge")
    await seen(story, lambda view: ratio(view).value == 0.1)
    before, asked = await at_rest(story), len(hooks.received("/ratio"))

    await hooks.expect(asked + 30, "/ratio")

    assert await events(story) == before


async def test_one_change_costs_three_events_and_its_workflow_tasks(
    stage: Stage, hooks: WebhookReceiver
) -> None:
    """What is written to the history, as docs/facts.md says."""
    answer(hooks, 0.1)
    often = from_json(hooks, every=timedelta(seconds=3))
    story = stage.story(with_facts(facts={"ratio": often}, rules=()), speed=SPEED)
    await story.fire(an_alert("a1"))
    await story.say("first", "acknowledge")
    await seen(story, lambda view: ratio(view).value == 0.1)
    before = await at_rest(story)
    answer(hooks, 0.3)
    await seen(story, lambda view: ratio(view).value == 0.3)
    grown = (await at_rest(story))[len(before) :]

    of_measuring = [kind for kind in grown if kind.startswith("activity_task")]
    assert len(of_measuring) == 3, grown
    assert len(grown) <= 12


async def test_a_hanging_source_delays_no_page_and_grows_stale_in_sight(
    stage: Stage, server: PrometheusServer
) -> None:
    server.results["ratio"] = Reply(hang=True)
    story = stage.story(with_facts(), speed=SPEED)
    await story.fire(an_alert("a1"))
    await stage.hooks.expect(1, "/first")
    view = await seen(story, lambda view: ratio(view).stale)

    assert view.severity is Severity.SEV3
    assert "no answer within" in ratio(view).why


async def test_measuring_ends_with_the_incident_and_begins_with_its_reopening(
    stage: Stage, server: PrometheusServer
) -> None:
    server.results["ratio"] = 0.1
    story = stage.story(with_facts())
    await story.fire(an_alert("a1"))
    await seen(story, lambda view: ratio(view).value == 0.1)
    await story.say("first", "acknowledge")
    await story.say("first", "resolve")
    described = await story.workflow.describe()
    pending = described.raw_description.pending_activities
    stopped = PendingActivityState.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED
    measured = [one for one in pending if one.state != stopped]
    await story.say("first", "reopen")
    await seen(story, lambda view: view.phase is Phase.TRIGGERED)

    assert measured == []
    cancelled = [kind for kind in await events(story) if "cancel_requested" in kind]
    assert len(cancelled) == 1
    await seen(story, lambda view: ratio(view).value == 0.1)


async def test_a_stepped_clock_measures_once_at_each_step(
    stage: Stage, server: PrometheusServer
) -> None:
    server.results["ratio"] = 0.01
    story = stage.story(with_facts(), START)
    await story.fire(an_alert("a1"))
    assert ratio(await story.view()).value == 0.01

    server.results["ratio"] = 0.3
    await story.until("03:01")
    view = await story.view()
    assert (ratio(view).value, view.severity) == (0.3, Severity.SEV1)

    server.results["ratio"] = []
    await story.until("03:02")
    assert not ratio(await story.view()).stale
    await story.until("03:04")
    assert ratio(await story.view()).why == "the query returns nothing"
    assert [entry.text for entry in await story.timeline() if entry.kind == "fact.stale"] == [
        "Fact ratio is stale since 03:01 UTC: the query returns nothing."
    ]


async def test_what_is_only_simulated_measures_nothing(
    stage: Stage, server: PrometheusServer
) -> None:
    story = stage.story(with_facts(), START)
    start = IncidentInput(
        plan=story.plan,
        reference=story.reference,
        dedup_key="story",
        clock=ClockSettings(stepped=True, start=START),
        simulate=True,
    )
    batch = AlertBatch(batch_id="b1", alerts=(an_alert("a1"),))
    story.handle = await stage.client.start_workflow(
        story.plan.name,
        start,
        id=story.workflow_id,
        task_queue=INCIDENTS_QUEUE,
        start_signal="alerts",
        start_signal_args=[batch],
    )
    await story.until("03:30")

    assert server.received() == []
    assert ratio(await story.view()).value is None


async def test_measuring_goes_on_in_the_next_run(stage: Stage, server: PrometheusServer) -> None:
    server.results["ratio"] = 0.1
    story = stage.story(with_facts(), speed=SPEED)
    story.continue_as_new_after = 40
    await story.fire(an_alert("a1"))
    first = (await story.workflow.describe()).run_id
    await seen(story, lambda view: ratio(view).value == 0.1)
    for number in range(12):
        await story.say("first", "note", text=f"note {number}")
    await seen_run(story, lambda run: run != first)

    server.results["ratio"] = 0.3
    view = await seen(story, lambda view: ratio(view).value == 0.3)

    assert view.severity is Severity.SEV1
    kinds = [entry.kind for entry in view.latest]
    assert "fact.stale" not in kinds


@pytest.fixture
async def unmeasured(
    temporal_client: Client,
    hooks: WebhookReceiver,
    mailbox: MailReceiver,
    server: PrometheusServer,
    tmp_path: Path,
) -> AsyncIterator[Stage]:
    """A stage whose workers do not measure, with a file of queries."""
    served = "incidents,paging,notices,automation"
    receivers = (hooks, mailbox)
    async with open_stage(temporal_client, a_roster(), receivers, tmp_path, queues=served) as stage:
        stage.ops = queries(server.url, ratio="ratio")
        yield stage


@asynccontextmanager
async def measuring(stage: Stage) -> AsyncIterator[None]:
    """A worker that only measures, for as long as this lasts."""
    settings = stage.settings.model_copy(update={"queues": "facts"})
    around = Surroundings(
        settings=settings,
        roster=lambda: stage.roster,
        plan_named=stage.plans.get,
        writer=stage.writer,
        http=stage.http,
        ops_now=lambda: stage.ops,
    )
    (worker,) = build_workers(stage.client, settings, all_activities(around))
    async with worker:
        yield


async def test_facts_that_nobody_measures_are_stale_and_measured_once_somebody_does(
    unmeasured: Stage, server: PrometheusServer
) -> None:
    """No polling meanwhile: the second try waits without an end."""
    story = unmeasured.story(with_facts(), speed=SPEED)
    await story.fire(an_alert("a1"))
    await unmeasured.hooks.expect(1, "/first")
    view = await seen(story, lambda view: ratio(view).stale)
    tries = [kind for kind in await events(story) if "timed_out" in kind]

    assert "no worker serves watchbill-facts" in ratio(view).why
    assert len(tries) == 1

    server.results["ratio"] = 0.3
    async with measuring(unmeasured):
        view = await seen(story, lambda view: ratio(view).value == 0.3)
    assert not ratio(view).stale


async def test_another_worker_goes_on_where_one_has_stopped_without_an_event(
    unmeasured: Stage, hooks: WebhookReceiver
) -> None:
    answer(hooks, 0.1)
    often = from_json(hooks, every=timedelta(seconds=3), max_age=timedelta(hours=2))
    story = unmeasured.story(with_facts(facts={"ratio": often}, rules=RULES), speed=SPEED)
    async with measuring(unmeasured):
        await story.fire(an_alert("a1"))
        await story.say("first", "acknowledge")
        await seen(story, lambda view: ratio(view).value == 0.1)
        before = await at_rest(story)
    asked = len(hooks.received("/ratio"))
    async with measuring(unmeasured):
        await hooks.expect(asked + 2, "/ratio")
        assert await events(story) == before
        answer(hooks, 0.3)
        await seen(story, lambda view: view.severity is Severity.SEV1)
