"""Stories of steps whose histories are kept: machines, people, facts, called playbooks."""

from datetime import UTC, datetime, timedelta

from domain.ops import CommandSpec, Ops
from domain.plan_facts import FactPlan, HttpSource, OutputPlan, ParamPlan
from domain.plan_steps import (
    ApproveStep,
    AskStep,
    ChecklistItem,
    ChecklistStep,
    CommandStep,
    DecideOption,
    DecideStep,
    ForEachStep,
    HttpStep,
    NotifyStep,
    OutPlan,
    ParallelStep,
    PlaybookStep,
    RetryPlan,
    WaitForStep,
    WaitStep,
)
from tests.incident.plans import a_plan, minutes
from tests.receivers import Reply
from tests.stage import Stage, Story, an_alert
from tests.waiting import seen

START = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
LOOK = ChecklistStep(
    id="look", items=(ChecklistItem(id="a", text="Look"),), deadline=minutes(10), assign=None
)


async def steps_walked(stage: Stage) -> Story:
    """Every kind of step once: some fail, are decided, approved, skipped; some are late."""
    stage.ops = Ops(commands={"roll": CommandSpec(argv=("/bin/true",))})
    stage.hooks.replies["/deploys"] = Reply(body=b'{"total": 2}')
    stage.hooks.replies["/broken"] = Reply(status=404)
    url = stage.hooks.url
    out = {"total": OutPlan(path="body.total", type="int")}
    deploys = HttpStep(id="deploys", url=f"{url}/deploys", out=out)
    broken = HttpStep(id="broken", url=f"{url}/broken", retry=RetryPlan(attempts=2))
    rollback = DecideOption(
        id="rollback",
        label="Roll back",
        suggest_when="steps.deploys.total > 0",
        do=(
            ApproveStep(id="may", by=("role:incident_commander", "user:second")),
            CommandStep(id="roll", command="roll"),
            ForEachStep(
                id="regions",
                values="alerts.labels.region",
                item="region",
                at_once=1,
                most=5,
                do=(HttpStep(id="shift", method="POST", url=f"{url}/regions/{{{{ region }}}}"),),
            ),
        ),
    )
    hold = DecideOption(id="hold", label="Keep looking")
    plan = a_plan(
        steps=(
            ParallelStep(id="triage", branches=((deploys,), (broken,), (LOOK,))),
            DecideStep(
                id="which",
                by="role:incident_commander",
                question="Which?",
                options=(rollback, hold),
                deadline=minutes(20),
                on_timeout="escalate",
            ),
            WaitStep(id="settle", lasting=timedelta(minutes=5)),
            WaitForStep(id="calm", until="alerts.firing == 1", hold=timedelta(minutes=2)),
            AskStep(id="count", of="role:operations_lead", question="How many?", type="int"),
            NotifyStep(
                id="tell", to=("role:operations_lead",), text="{{ steps.count.answer }} left"
            ),
        )
    )
    story = stage.story(plan, START)
    await story.fire(*(an_alert(one, severity="sev1", region=one) for one in ("eu", "us")))
    await story.say("first", "acknowledge")
    await story.say("first", "step_skip", step="broken", because="not needed")
    await story.until("03:10")
    await story.say("first", "step_done", step="look")
    await story.until("03:35")
    await story.say("first", "step_choose", step="which", option="rollback", because="a deploy")
    await story.say("second", "step_approve", step="may")
    await story.until("03:45")
    await story.fire(an_alert("us", status="resolved", severity="sev1", region="us"))
    await story.until("03:50")
    await story.say("first", "step_answer", step="count", answer=3)
    await story.say("first", "resolve")
    return story


async def facts_measured(stage: Stage) -> Story:
    """A fact is read, raises the severity, falls, and goes stale; a person sets it."""
    stage.hooks.replies["/ratio"] = Reply(body=b'{"ratio": 0.01}')
    source = HttpSource(url=f"{stage.hooks.url}/ratio", path="body.ratio")
    every = timedelta(minutes=1)
    ratio = FactPlan(type="double", http=source, every=every, max_age=3 * every, marks=(0.05,))
    calm = WaitForStep(id="calm", until="facts.ratio < 0.05", deadline=minutes(60))
    story = stage.story(a_plan(facts={"ratio": ratio}, steps=(calm,)), START)
    stage.hooks.replies["/ratio"] = Reply(body=b'{"ratio": 0.3}')
    await story.fire(an_alert("db1", severity="sev2"))
    await story.say("first", "acknowledge")
    await story.until("03:05")
    stage.hooks.replies["/ratio"] = Reply(status=500)
    await story.until("03:20")
    await story.say("first", "fact_set", fact="ratio", value=0.01)
    await story.until("03:30")
    await story.say("first", "resolve")
    return story


async def calls_another(stage: Stage) -> Story:
    """The caller: its child ends well once, and is ended with it the second time."""
    called = a_plan(
        name="db_down",
        params={"cluster": ParamPlan()},
        outputs={"cluster": OutputPlan(type="string", value="params.cluster")},
        steps=(LOOK,),
    )
    params = {"cluster": "{{ labels.db }}"}
    steps = tuple(PlaybookStep(id=one, name="db_down", params=params) for one in ("one", "two"))
    story = stage.story(a_plan(steps=steps, subplans={"db_down": called}), START)
    await story.fire(an_alert("a0", severity="sev1", db="main"))
    await story.say("first", "acknowledge")
    child = await the_child(story, 0)
    await child.settle()
    await child.say_only("first", "step_done", step="look")
    other = await the_child(story, 1)
    await story.say("first", "resolve")
    await other.result()
    await story.settle()
    return story


async def is_called(stage: Stage) -> Story:
    """The child of the story before, to the end of its first call."""
    story = await calls_another(stage)
    return await the_child(story, 0)


async def the_child(story: Story, step: int) -> Story:
    """The incident that this step has called, as a story of its own."""
    view = await seen(story.view, lambda view: view.steps[step].child is not None)
    query = f"IncidentReference = '{view.steps[step].child}'"

    async def found() -> list[str]:
        return [one.id async for one in story.stage.client.list_workflows(query)]

    ids = await seen(found, bool)
    child = story.stage.story(story.plan.subplans["db_down"], START)
    child.workflow_id, child.reference = ids[0], view.steps[step].child or ""
    described = await story.stage.client.get_workflow_handle(ids[0]).describe()
    child.handle = story.stage.client.get_workflow_handle(
        ids[0], first_execution_run_id=described.run_id
    )
    return child
