"""What a call has written can be read where the step stands, within bounds."""

from domain.incident.step_effects import CallResult
from domain.incident.steps.moves import OUTPUT_SHOWN
from domain.incident.steps.words import says_more
from domain.incident.views import view_of
from domain.plan_steps import CommandStep
from tests.incident.plans import a_plan
from tests.incident.world import World, a_person, an_alert


def a_world(output: str, outcome: str = "ok") -> World:
    """An incident whose one command has written this."""
    plan = a_plan(steps=(CommandStep(id="look", command="look"),))
    world = World(plan, {"schedule:first": [a_person("ann")]})
    result = CallResult.model_validate({"outcome": outcome, "detail": "x", "output": output})
    world.answers = lambda _call: result
    world.fire(an_alert(severity="sev1"))
    return world


def test_what_a_command_wrote_stands_in_the_view() -> None:
    world = a_world("80% used\n")

    step = view_of(world.plan, world.state, world.now).steps[0]

    assert step.output == "80% used"
    assert says_more(step)


def test_a_long_output_shows_its_beginning_and_its_end() -> None:
    world = a_world("first" + "." * 5000 + "last", "failed")

    output = world.state.steps["look"].output

    assert output.startswith("first.")
    assert output.endswith(".last")
    assert len(output) < OUTPUT_SHOWN + 10
    whole = [entry.data["output"] for entry in world.entries if "output" in entry.data]
    assert len(whole[0]) > 5000  # the timeline has it all
