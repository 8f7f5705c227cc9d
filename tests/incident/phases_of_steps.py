"""What can happen to steps and facts in each phase: rows of the table in docs/states.md."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from domain.incident.events import (
    ChildFinished,
    ChildOpened,
    DeadlineReached,
    DrillScored,
    FactsMeasured,
    ParentSaid,
    StepFinished,
)
from domain.incident.input import ParentLink
from domain.incident.step_effects import CallResult, ChildResult, ParentNews, Reading
from domain.incident.turn import Turned
from domain.incident.view import OPEN_PHASES, Phase
from domain.plan import ReassessPlan, SeverityPlan, SeverityRule, sealed
from domain.plan_facts import FactPlan
from domain.plan_steps import (
    ApproveStep,
    AskStep,
    CommandStep,
    DecideOption,
    DecideStep,
    PlaybookStep,
    Step,
    WaitForStep,
    WaitStep,
)
from domain.severity import PerSeverity, Severity
from tests.incident.plans import a_plan
from tests.incident.world import World, an_alert

Act = Callable[[World], Turned | None]
BEFORE_THE_END = (*OPEN_PHASES, Phase.SUPPRESSED)
COMMANDER = "role:incident_commander"
CALL = CommandStep(id="fix", command="fix")
WAY = DecideStep(id="way", by=COMMANDER, question="?", options=(DecideOption(id="a", label="A"),))
ASK = AskStep(id="many", of=COMMANDER, question="?", type="int")
YES = ApproveStep(id="yes", by=("user:zoe",))
CHILD = PlaybookStep(id="child", name="down")
RATIO = FactPlan(type="double", query="errors")
ASKED = FactPlan(
    type="bool",
    ask="role:operations_lead",
    question="?",
    deadline=PerSeverity[timedelta | None].same(timedelta(minutes=5)),
)
LOWER = SeverityPlan(
    default=Severity.SEV3,
    rules=(SeverityRule(set=Severity.SEV1, when="alerts.firing >= 1"),),
    reassess=ReassessPlan(lower_by="auto", lower_after=timedelta(minutes=4)),
)


def planned(world: World, *steps: Step, **changes: Any) -> None:
    """The playbook has these steps, and whatever can start has started."""
    update = {"steps": steps, **changes}
    world.plan = sealed(world.plan.model_copy(update=update))
    world.gone("nobody")


def with_step(step: Step, what: str, who: str = "ann", **body: Any) -> Act:
    """A command about the only step."""

    def act(world: World) -> Turned:
        planned(world, step)
        return world.say(who, what, step=step.id, **body)

    return act


def failed(what: str, **body: Any) -> Act:
    """A command about a machine's step that has failed where it could run."""

    def act(world: World) -> Turned:
        planned(world, CALL)
        if world.running:
            world.finish("fix", CallResult(outcome="failed", detail="exit 3"))
        return world.say("ann", what, step="fix", **body)

    return act


def reached(topic: str, *steps: Step, **changes: Any) -> Act:
    """The deadline comes, where there is one."""

    def act(world: World) -> Turned | None:
        planned(world, *steps, **changes)
        name = next((one for one in world.state.deadlines if one.startswith(topic)), None)
        if name is None:
            return None
        world.now = world.state.deadlines[name].at
        return world.take(DeadlineReached(name=name))

    return act


def call_ends(world: World) -> Turned:
    """A machine's step ends, where it could begin."""
    planned(world, CALL)
    key = next(iter(world.running), "none")
    world.running.clear()
    return world.take(StepFinished(id=key, result=CallResult(outcome="ok", detail="exit 0")))


def measured(world: World) -> Turned:
    """A source says something new."""
    planned(world, facts={"ratio": RATIO})
    reading = Reading(fact="ratio", value=0.2, at=world.now)
    return world.take(FactsMeasured(id=world.state.measuring or "none", readings=(reading,)))


def _call_of_child(world: World) -> str:
    planned(world, CHILD, subplans={"down": a_plan()})
    own = world.state.steps.get("child")
    return (own.call if own else None) or "none"


def child_opens(world: World) -> Turned:
    """The playbook that a step calls has begun."""
    return world.take(ChildOpened(id=_call_of_child(world)))


def child_ends(world: World) -> Turned:
    """The playbook that a step called has ended."""
    result = ChildResult(outcome="ok", detail="done")
    return world.take(ChildFinished(id=_call_of_child(world), result=result))


def caller_ends(world: World) -> Turned:
    """It was called by another incident, which is over."""
    link = ParentLink(workflow_id="p", reference="INC-PPPPPP", step="db", call="c")
    world.state = world.state.model_copy(update={"parent": link})
    news = ParentNews(severity=world.state.severity, ended=True, because="it is over")
    return world.take(ParentSaid(news=news))


def drill_is_judged(world: World) -> Turned:
    """The drill that the incident belongs to has its score."""
    return world.take(DrillScored(entry="drill.score", sentence="Score: 1 of 1 promises kept."))


def better(world: World) -> Turned | None:
    """The rules give a better severity, and go on to."""
    world.plan = sealed(world.plan.model_copy(update={"severity": LOWER}))
    world.gone("nobody")
    world.fire(an_alert(status="resolved"))
    deadline = world.state.deadlines.get("lower")
    if deadline is None:
        return None
    world.now = deadline.at
    return world.take(DeadlineReached(name="lower"))


def with_fact(what: str, **body: Any) -> Act:
    """A command about a fact."""

    def act(world: World) -> Turned:
        planned(world, facts={"ratio": RATIO})
        if what == "fact_release" and world.phase in BEFORE_THE_END:
            world.say("ann", "fact_set", fact="ratio", value=0.5)
        return world.say("ann", what, fact="ratio", **body)

    return act


STEP_EVENTS: dict[str, Act] = {
    "`step_finished`": call_ends,
    "`facts_measured`": measured,
    "`child_opened`": child_opens,
    "`child_finished`": child_ends,
    "`parent_said`: the caller has ended": caller_ends,
    "`drill_scored`": drill_is_judged,
    "`wait/…`": reached("wait/", WaitStep(id="w", lasting=timedelta(minutes=5))),
    "`hold/…`": reached(
        "hold/", WaitForStep(id="w", until="alerts.firing >= 0", hold=timedelta(minutes=1))
    ),
    "`fact/…`": reached("fact/", facts={"lost": ASKED}),
    "`lower`": better,
    "step_choose": with_step(WAY, "step_choose", option="a"),
    "step_answer": with_step(ASK, "step_answer", answer=3),
    "step_approve": with_step(YES, "step_approve", who="zoe"),
    "step_approve, by who may not": with_step(YES, "step_approve"),
    "step_reject": with_step(YES, "step_reject", who="zoe", because="no"),
    "step_retry, failed": failed("step_retry"),
    "step_skip, failed": failed("step_skip", because="no need"),
    "step_take_over, failed": failed("step_take_over"),
    "fact_set": with_fact("fact_set", value=0.5),
    "fact_release": with_fact("fact_release"),
}
