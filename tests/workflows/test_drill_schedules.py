"""Drills that run by themselves: one schedule of the engine for each, and nothing lost."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio.client import ScheduleHandle, ScheduleOverlapPolicy

from api.gateway import Gateway
from domain.drill import DrillPlan, Every
from domain.drill_run import DrillSchedule, DrillStart, schedule_id
from domain.roster import Team
from tests.incident.plans import a_plan
from tests.stage import Stage
from tests.waiting import seen
from workflows.drill import DrillWorkflow

pytestmark = pytest.mark.engine

YEARLY = Every(cron="0 10 1 1 *", tz="Europe/Berlin")


class Kept:
    """A playbook of this test's own, and its schedule."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.playbook = f"drilled_{uuid4().hex[:6]}"
        self.gateway = Gateway(stage.settings, stage.client)

    @property
    def handle(self) -> ScheduleHandle:
        """The engine's schedule."""
        return self.stage.client.get_schedule_handle(schedule_id(self.playbook))

    async def keep(self, every: Every = YEARLY, gateway: Gateway | None = None) -> None:
        """As the API does when a file says so."""
        wanted = DrillSchedule(playbook=self.playbook, every=every, source="drilled.yaml")
        await (gateway or self.gateway).keep_drill(wanted)


@pytest.fixture
async def kept(stage: Stage) -> AsyncIterator[Kept]:
    """A schedule that is gone after the test."""
    kept = Kept(stage)
    yield kept
    await kept.gateway.drop_drill(kept.playbook)


async def test_a_schedule_says_its_file_skips_overlaps_and_repeats_nothing_missed(kept: Kept):
    await kept.keep()

    found = (await kept.handle.describe()).schedule

    assert "says drilled.yaml" in (found.state.note or "")
    assert found.policy.overlap is ScheduleOverlapPolicy.SKIP
    assert found.policy.catchup_window <= timedelta(minutes=10)
    assert found.spec.time_zone_name == "Europe/Berlin"


async def test_two_processes_keep_one_schedule_and_neither_rewrites_the_others(kept: Kept):
    other = Gateway(kept.stage.settings, kept.stage.client)

    await kept.keep()
    before = await kept.handle.describe()
    await kept.keep(gateway=other)
    await kept.keep()

    after = await kept.handle.describe()
    assert after.info.last_updated_at == before.info.last_updated_at


async def test_an_edit_moves_the_schedule_and_a_pause_stands(kept: Kept):
    await kept.keep()
    await kept.handle.pause(note="not now")

    await kept.keep(Every(interval=timedelta(days=30)))

    found = (await kept.handle.describe()).schedule
    assert [one.every for one in found.spec.intervals] == [timedelta(days=30)]
    assert found.state.paused


async def test_the_engine_takes_every_line_that_check_takes(kept: Kept):
    for line in ("30 9 1-7 jan,apr mon", "0,30 8-18/2 * * 1-5", "0 0 31 12 7"):
        await kept.keep(Every(cron=line, tz="Asia/Tokyo"))

        assert (await kept.handle.describe()).info.next_action_times


async def test_what_no_file_wants_is_dropped_and_dropping_twice_is_harmless(kept: Kept):
    await kept.keep()
    await kept.gateway.drop_drill(kept.playbook)
    await kept.gateway.drop_drill(kept.playbook)

    assert kept.playbook not in [one.playbook for one in await kept.gateway.drill_schedules()]


async def test_a_triggered_schedule_runs_the_newest_plan_and_its_owners_hear_the_score(kept: Kept):
    stage = kept.stage
    stage.plans[kept.playbook] = a_plan(name=kept.playbook)
    stage.drills[kept.playbook] = DrillPlan(speed=1800.0)
    platform = Team(id="platform", members=("first",))
    stage.roster = stage.roster.model_copy(update={"teams": {"platform": platform}})
    await kept.keep()

    await kept.handle.trigger()
    started = await seen(lambda: _started(kept), bool)
    text = await stage.client.get_workflow_handle_for(DrillWorkflow.run, started).result()

    assert started.startswith(schedule_id(kept.playbook))
    assert f"drill of {kept.playbook}" in text
    assert "resolved" in text
    [word] = await stage.hooks.expect(1, path="/first")
    assert f"[DRILL] {kept.playbook}: Score:" in word.body.decode() + word.headers["title"]


async def _started(kept: Kept) -> str:
    actions = (await kept.handle.describe()).info.recent_actions
    return actions[-1].action.workflow_id if actions else ""  # type: ignore[union-attr]


def test_what_a_schedule_starts_names_the_playbook_and_no_plan():
    """The plan is looked up when it runs, so an edit needs no new schedule."""
    start = DrillStart(playbook="disk_full", scheduled="every 90 d, says disk_full.yaml")

    assert set(start.model_dump(exclude_defaults=True)) == {"playbook", "scheduled"}
