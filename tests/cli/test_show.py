"""What a terminal shows of one incident."""

from rich.console import Console

from cli.show.incident import incident
from cli.show.shown import parsed
from domain.incident.views import view_of
from tests.incident.plans import a_plan
from tests.incident.world import World, a_person, an_alert


def test_who_is_named_on_paper_only_is_shown_so() -> None:
    plan = a_plan()
    world = World(plan, {"schedule:first": [a_person("ann")]})
    world.fire(an_alert(severity="sev1"))
    world.say("ann", "acknowledge")
    world.say("ann", "unacknowledge")
    console = Console(width=120)

    with console.capture() as captured:
        shown = parsed(view_of(plan, world.state, world.now).model_dump(mode="json"))
        console.print(incident(shown, world.now))

    assert "Ann (acting, on paper)" in captured.get()
