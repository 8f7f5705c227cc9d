"""A storm of new alerts is not a storm of messages to people."""

from domain.incident.view import Phase
from tests.incident.plans import a_plan, an_escalation
from tests.incident.world import World, a_person, an_alert

ON_CALL = {
    "schedule:first": [a_person("ann")],
    "schedule:second": [a_person("bo")],
    "user:manager": [a_person("mo")],
}


def a_storm(world: World, until: float) -> None:
    """A new alert every six seconds."""
    number = 0
    while world.minute < until:
        number += 1
        world.fire(an_alert(f"s{number}", severity="sev1"))
        world.until(world.minute + 0.1)


def test_last_resort_hears_of_a_storm_once_a_minute() -> None:
    """Every batch of new alerts paged everybody of the last resort again."""
    world = World(a_plan(escalation=an_escalation(repeat=0)), ON_CALL)
    world.fire(an_alert("a1", severity="sev1"))
    world.until(12)

    a_storm(world, 14.5)
    world.until(16)

    assert world.state.exhausted
    assert world.pages_of("mo") == [10, 12, 13, 14, 15]


def test_role_holders_hear_of_a_storm_once_a_minute_and_of_its_end() -> None:
    """Every batch of new alerts was a notice of its own."""
    world = World(a_plan(), ON_CALL)
    world.fire(an_alert("a1", severity="sev1"))
    world.say("ann", "acknowledge")
    world.until(1)

    a_storm(world, 3.5)
    world.until(10)

    assert world.phase is Phase.ACKNOWLEDGED
    told = [(minute, text) for minute, who, text in world.notices if who == "ann"]
    assert [minute for minute, _ in told] == [1, 2, 3, 4]
    assert "26 firing" in told[-1][1]


def test_a_storm_that_is_over_when_its_notice_is_due_tells_nobody() -> None:
    world = World(a_plan(), ON_CALL)
    world.fire(an_alert("a1", severity="sev1"))
    world.say("ann", "acknowledge")
    world.fire(an_alert("a2", severity="sev1"))
    world.fire(an_alert("a3", severity="sev1"))
    ends = [an_alert(name, status="resolved") for name in ("a1", "a2", "a3")]

    world.fire(*ends)
    before = len(world.notices)
    world.until(2)

    assert len(world.notices) == before
