"""What people have set by hand is in the document that the Temporal UI shows."""

from domain.incident.views import view_of
from tests.incident.plans import a_plan
from tests.incident.world import World, a_person, an_alert
from workflows.display import TASKS_SHOWN, details

PLAN = a_plan(timezone="Europe/Berlin")


def an_incident() -> World:
    """One that Ann works on."""
    on_call = {"schedule:first": [a_person("ann")], "schedule:second": [a_person("bo")]}
    world = World(PLAN, on_call)
    world.fire(an_alert(severity="sev1"))
    world.say("ann", "acknowledge")
    return world


def shown(world: World) -> str:
    """The document."""
    return details(PLAN, view_of(PLAN, world.state, world.now))


def test_impact_estimate_start_and_snooze_stand_below_the_headline() -> None:
    world = an_incident()
    world.say("ann", "set", impact="*all* cards", eta_at="2026-11-25T06:30:00Z")
    world.say("ann", "set", began_at="2026-11-25T02:50:00Z")
    world.say("ann", "snooze", lasting="PT2H", reason="the vendor works on it")

    text = shown(world)

    for line in (
        "**Impact**: \\*all\\* cards",
        "**Recovery estimate**: 07:30 CET",
        "**Harm began**: 2026-11-25 03:50 CET",
        "**Snoozed** by Ann until 06:00 CET: the vendor works on it",
    ):
        assert line in text
    assert text.index("**Impact**") < text.index("## Roles")


def test_tasks_have_a_list_of_their_own_open_ones_first() -> None:
    world = an_incident()
    world.say("ann", "task_add", text="write it down")
    world.say(
        "ann", "task_add", text="check replicas", owner="user:bo", owner_name="Bo", due_in="PT30M"
    )
    world.say("ann", "task_done", task="task-1")

    tasks = shown(world).split("## Tasks\n")[1].split("\n\n")[0].splitlines()

    assert tasks == [
        "- [ ] task-2: check replicas (Bo, due 04:30)",
        "- [x] task-1: write it down (Ann)",
    ]


def test_of_very_many_tasks_the_rest_is_counted() -> None:
    world = an_incident()
    for _ in range(TASKS_SHOWN + 3):
        world.say("ann", "task_add", text="one more")

    assert "- and 3 more" in shown(world)


def test_where_nobody_said_anything_nothing_is_shown() -> None:
    text = shown(an_incident())

    for part in ("Impact", "Snoozed", "## Tasks"):
        assert part not in text


def test_who_is_named_on_paper_only_is_shown_so() -> None:
    world = an_incident()
    world.say("ann", "unacknowledge")

    assert "- **incident commander**: Ann (acting, on paper)" in shown(world)
