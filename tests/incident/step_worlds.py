"""Incidents whose steps people and machines work on, for tests of single kinds."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from domain.incident.step_effects import CallResult
from domain.incident.view import StepView
from domain.incident.views import view_of
from domain.plan import RolePlan
from domain.plan_facts import FactPlan
from domain.plan_steps import (
    ApproveStep,
    CommandStep,
    DecideOption,
    DecideStep,
    ForEachStep,
    NotifyStep,
    ParallelStep,
    Step,
    Tradeoff,
)
from domain.severity import PerSeverity
from tests.incident.plans import DEFAULT_ROLES, a_plan
from tests.incident.world import World, a_person, an_alert

ROLES = DEFAULT_ROLES | {"scribe": RolePlan(), "security_lead": RolePlan(many=True)}
OK = CallResult(outcome="ok", detail="exit 0")
BAD = CallResult(outcome="failed", detail="exit 3", tries=3)


def on_call() -> dict[str, Any]:
    """Ann serves; the others are known."""
    return {
        "schedule:first": [a_person("ann")],
        "schedule:second": [a_person("bo")],
        "user:manager": [a_person("mo"), a_person("cy"), a_person("dee")],
    }


def within(minutes: float) -> PerSeverity[timedelta | None]:
    """The same deadline at every severity."""
    return PerSeverity[timedelta | None].same(timedelta(minutes=minutes))


def a_call(name: str = "fix", **extra: Any) -> CommandStep:
    """A command that a machine runs."""
    return CommandStep(id=name, command="fix", **extra)


def a_notice(name: str = "after", **extra: Any) -> NotifyStep:
    """A step that is done at once."""
    return NotifyStep(id=name, to=("destination:desk",), text=name, **extra)


def an_option(name: str, *do: Step, **extra: Any) -> DecideOption:
    """One way to go."""
    return DecideOption(id=name, label=f"{name.capitalize()} it", do=do, **extra)


def a_decision(*options: DecideOption, **extra: Any) -> DecideStep:
    """Roll back or hold, by the commander."""
    given: dict[str, Any] = {
        "id": "way",
        "by": "role:incident_commander",
        "question": "How do we stop {{ incident.title }}?",
        "options": options
        or (
            an_option(
                "rollback",
                a_call("undo"),
                suggest_when="alerts.firing == 1",
                tradeoff=Tradeoff(time="4 min", risk="loses a fix", reversible=True),
            ),
            an_option("hold"),
        ),
    }
    return DecideStep(**(given | extra))


def an_approval(**extra: Any) -> ApproveStep:
    """The commander or Dee says yes."""
    given = {"id": "yes", "by": ("role:incident_commander", "user:dee")}
    return ApproveStep(**(given | extra))


def a_parallel(*branches: tuple[Step, ...], **extra: Any) -> ParallelStep:
    """Branches side by side."""
    return ParallelStep(**({"id": "both", "branches": branches} | extra))


def a_loop(*do: Step, **extra: Any) -> ForEachStep:
    """The steps for each region."""
    given: dict[str, Any] = {
        "id": "each",
        "values": "facts.regions",
        "item": "region",
        "most": 200,
        "do": do or (a_call("shift"),),
    }
    return ForEachStep(**(given | extra))


def a_world(*steps: Step, ack: bool = True, **extra: Any) -> World:
    """A SEV3 incident; Ann is on it, and acts as commander."""
    given = {"roles": ROLES, "facts": {"regions": FactPlan(type="list")}, **extra}
    world = World(a_plan(steps=steps, **given), on_call())
    world.fire(an_alert(severity="warning"))
    if ack:
        world.say("ann", "acknowledge")
    return world


def led(world: World, by: str = "cy") -> World:
    """Somebody else takes command."""
    world.say(by, "take_role", role="incident_commander")
    return world


def set_regions(world: World, *regions: str) -> None:
    """Somebody says which regions are concerned."""
    world.say("ann", "fact_set", fact="regions", value=regions)


def shown(world: World, step: str) -> StepView:
    """The step as others see it, however deep."""
    view = view_of(world.plan, world.state, world.now)
    return next(one for one in _flat(view.steps) if one.id == step)


def states(world: World) -> dict[str, str]:
    """Every step's state by its address."""
    view = view_of(world.plan, world.state, world.now)
    return {one.id: one.state for one in _flat(view.steps)}


def _flat(steps: tuple[StepView, ...]) -> Iterator[StepView]:
    for step in steps:
        yield step
        yield from _flat(step.steps)


def heard(world: World, person: str) -> list[str]:
    """What the person was told, without the incident's title."""
    return [text.rpartition(": ")[0] for _, who, text in world.notices if who == person]
