"""What machines do: once, or as often as their author says, and never for longer than wanted."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

import worker
from activities.registry import Surroundings, all_activities
from domain.incident.view import IncidentView, StepView
from domain.plan_steps import CommandStep, HttpStep, OutPlan, RetryPlan
from domain.severity import PerSeverity
from settings import Settings
from tests.incident.plans import a_plan
from tests.receivers import MailReceiver, WebhookReceiver
from tests.stage import Stage, Story, an_alert, open_stage
from tests.waiting import LOOK_EVERY_S, PATIENCE_S
from tests.web_server import WebServer, saying, web_server, with_json
from tests.workflows.conftest import a_roster
from tests.workflows.machines import Machine
from tests.workflows.test_long_life import runs_of

pytestmark = pytest.mark.engine

START = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
QUICKLY = RetryPlan(attempts=3, backoff=timedelta(milliseconds=10))


@pytest.fixture
def machine(stage: Stage, tmp_path: Path) -> Machine:
    """A command that notes when it is started, on the list of the stage."""
    machine = Machine(tmp_path)
    stage.ops = machine.ops
    return machine


@pytest.fixture
def server() -> Iterator[WebServer]:
    """A server that answers `{"total": 2}` until a test says otherwise."""
    with web_server(saying(with_json('{"total": 2}'))) as one:
        yield one


async def until_so(story: Story, is_so: Callable[[IncidentView], bool]) -> IncidentView:
    """The incident once it is so."""
    for _ in range(int(PATIENCE_S / LOOK_EVERY_S)):
        view = await story.view()
        if is_so(view):
            return view
        await asyncio.sleep(LOOK_EVERY_S)
    raise AssertionError(f"never so: {view.steps}")


def shown(view: IncidentView, step: str = "act") -> StepView:
    """The step as others see it."""
    return next(one for one in view.steps if one.id == step)


def is_in(state: str, step: str = "act") -> Callable[[IncidentView], bool]:
    """Whether the step is in this state."""
    return lambda view: shown(view, step).state == state


async def begun(stage: Stage, *steps: CommandStep | HttpStep, real: bool = True) -> Story:
    """An incident with these steps, triggered."""
    story = stage.story(a_plan(steps=steps), None if real else START)
    await story.fire(an_alert("a0", severity="warning"))
    return story


async def test_what_a_machine_has_found_is_the_steps_result(
    stage: Stage, server: WebServer, machine: Machine
) -> None:
    machine.let_go()
    out = {"count": OutPlan(path="body.total", type="int")}
    told = {"code": OutPlan(path="exit_code", type="int")}

    story = await begun(
        stage,
        HttpStep(id="ask", url=f"{server.url}/deploys?n={{{{ alerts.total }}}}", out=out),
        machine.step(when="steps.ask.count > 1", out=told),
        real=False,
    )

    view = await story.view()
    assert shown(view, "ask").results == {"count": 2}
    assert (shown(view).state, shown(view).results) == ("done", {"code": 0})
    assert server.received[0].path == "/deploys?n=1"
    assert machine.starts == 1


async def test_a_call_that_fails_is_tried_as_often_as_its_author_says_and_then_asks_a_person(
    stage: Stage, server: WebServer
) -> None:
    server.answering = saying(with_json('{"error": "no"}', status=503))

    story = await begun(stage, HttpStep(id="act", url=server.url, retry=QUICKLY), real=False)

    view = await story.view()
    assert len(server.received) == 3
    assert shown(view).state == "failed"
    assert "answered 503" in shown(view).detail
    assert shown(view).detail.endswith("after 3 tries.")
    assert "It may have happened" not in shown(view).detail
    assert "retry" in shown(view).needs

    await story.say("first", "acknowledge")
    server.answering = saying(with_json("{}"))
    await story.say("first", "step_retry", step="act")

    assert shown(await story.view()).state == "done"
    assert len(server.received) == 4


async def test_what_a_repeat_cannot_mend_is_tried_once(stage: Stage, server: WebServer) -> None:
    server.answering = saying(with_json("{}", status=404))

    story = await begun(stage, HttpStep(id="act", url=server.url, retry=QUICKLY), real=False)

    assert shown(await story.view()).state == "failed"
    assert len(server.received) == 1


async def test_a_failed_command_keeps_its_words_on_the_timeline(
    stage: Stage, machine: Machine
) -> None:
    broken = machine.ops.commands["it"].model_copy(update={"argv": ("sh", "-c", "echo no; exit 4")})
    stage.ops = machine.ops.model_copy(update={"commands": {"it": broken}})

    story = await begun(stage, machine.step(retry=QUICKLY), real=False)

    [entry] = [one for one in await story.timeline() if one.kind == "step.failed"]
    assert "exit code 4: no after 3 tries" in entry.text
    assert entry.data["output"] == "no\n"


async def test_resolving_ends_a_command_and_the_incident_waits_until_it_is_gone(
    stage: Stage, machine: Machine
) -> None:
    """The step is stopped, nothing of it is left, and it was started once."""
    story = await begun(stage, machine.step(retry=QUICKLY))
    await until_so(story, lambda _: machine.starts == 1)
    await story.say("first", "acknowledge")

    await story.say("first", "resolve")
    view = await until_so(story, lambda _: not machine.is_running)

    assert shown(view).state == "cancelled"
    assert machine.starts == 1


async def test_a_person_who_skips_a_running_command_ends_it(stage: Stage, machine: Machine) -> None:
    story = await begun(stage, machine.step(retry=QUICKLY), CommandStep(id="next", command="after"))
    await until_so(story, lambda _: machine.starts == 1)
    await story.say("first", "acknowledge")

    await story.say("first", "step_skip", step="act", because="it takes too long")
    await until_so(story, lambda _: not machine.is_running)
    view = await until_so(story, is_in("done", "next"))

    assert shown(view).state == "skipped"
    assert (machine.starts, machine.afters) == (1, 1)


async def test_a_long_history_waits_for_a_command_and_none_is_made_twice(
    stage: Stage, machine: Machine
) -> None:
    """The next step is not begun before the new run: it would be cut off, too."""
    story = stage.story(a_plan(steps=(machine.step(), CommandStep(id="next", command="after"))))
    story.continue_as_new_after = 40
    await story.fire(an_alert("a0", severity="warning"))
    await until_so(story, lambda _: machine.starts == 1)
    await story.say("first", "acknowledge")

    for number in range(20):
        await story.say_only("first", "note", text=f"note {number}")
    runs_meanwhile = await runs_of(story)
    machine.let_go()
    view = await until_so(story, is_in("done", "next"))

    assert runs_meanwhile == 1
    assert shown(view).state == "done"
    assert (machine.starts, machine.afters) == (1, 1)
    assert (await story.workflow.describe()).run_id != story.handle.first_execution_run_id  # type: ignore[union-attr]


async def test_a_history_at_its_limit_cuts_a_command_off_and_says_that_nobody_knows(
    stage: Stage, machine: Machine
) -> None:
    """Better than an incident that the engine ends; and it is not made again."""
    story = stage.story(a_plan(steps=(machine.step(retry=QUICKLY),)))
    story.continue_as_new_after = 20
    await story.fire(an_alert("a0", severity="warning"))
    await until_so(story, lambda _: machine.starts == 1)
    await story.say("first", "acknowledge")

    for number in range(50):
        await story.say_only("first", "note", text=f"note {number}")
    view = await until_so(story, is_in("failed"))

    assert "It may have happened" in shown(view).detail
    assert "retry" in shown(view).needs
    assert machine.starts == 1
    assert not machine.is_running


async def test_in_a_drill_nothing_is_done(stage: Stage, machine: Machine) -> None:
    story = stage.story(a_plan(steps=(machine.step(),)), START)
    story.simulate = True
    await story.fire(an_alert("a0", severity="warning"))

    view = await story.view()
    assert (shown(view).state, shown(view).detail) == ("done", "simulated")
    assert machine.starts == 0


def paged(story: Story) -> list[str]:
    """Whom a page has reached so far."""
    return [whom for whom, _, _ in story.stage.arrived()]


@pytest.fixture
async def paging_only(
    temporal_client: Client, hooks: WebhookReceiver, mailbox: MailReceiver, tmp_path: Path
) -> AsyncIterator[Stage]:
    """A stage whose worker serves every queue but the one of automation."""
    queues = {"queues": "incidents,paging,notices"}
    place = (hooks, mailbox)
    async with open_stage(temporal_client, a_roster(), place, tmp_path, **queues) as stage:
        yield stage


def automation_of(stage: Stage, machine: Machine) -> Surroundings:
    """What a pool of its own has around it."""
    return Surroundings(
        settings=Settings(data_dir=machine.folder, queues="automation"),
        roster=lambda: stage.roster,
        plan_named=stage.plans.get,
        writer=stage.writer,
        http=stage.http,
        ops_now=lambda: machine.ops,
    )


async def test_without_a_worker_for_machines_a_step_waits_and_its_deadline_speaks(
    paging_only: Stage, tmp_path: Path
) -> None:
    """Everything else goes on: the page is there."""
    machine = Machine(tmp_path)
    soon = PerSeverity[timedelta | None].same(timedelta(seconds=1))

    story = await begun(paging_only, machine.step(deadline=soon, on_timeout="fail"))
    view = await until_so(story, is_in("failed"))

    assert shown(view).timed_out
    assert machine.starts == 0
    await until_so(story, lambda _: "first" in paged(story))


@pytest.mark.parametrize(("attempts", "starts", "state"), [(1, 1, "failed"), (2, 2, "done")])
async def test_a_worker_that_is_stopped_ends_its_commands_and_repeats_what_may_be_repeated(
    paging_only: Stage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    attempts: int,
    starts: int,
    state: str,
) -> None:
    """What may not be is a person's to decide, who reads that nobody knows."""
    monkeypatch.setattr(worker, "CALLS_GRACE", timedelta(milliseconds=50))
    machine = Machine(tmp_path)
    around = automation_of(paging_only, machine)
    step = machine.step(retry=QUICKLY.model_copy(update={"attempts": attempts}))

    def pool() -> Worker:
        [one] = worker.build_workers(paging_only.client, around.settings, all_activities(around))
        return one

    async with pool():
        story = await begun(paging_only, step)
        await until_so(story, lambda _: machine.starts == 1)
    assert not machine.is_running
    machine.let_go()
    async with pool():
        view = await until_so(story, is_in(state))

    assert machine.starts == starts
    assert ("It may have happened" in shown(view).detail) is (attempts == 1)
