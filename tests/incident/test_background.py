"""What a page says beside the situation: deeds, silence, the runbook."""

from domain.incident.background import LINE_LIMIT
from domain.incident.effects import SendPage
from domain.plan_steps import ChecklistItem, ChecklistStep, RunbookStep
from domain.severity import Severity
from tests.incident.plans import a_plan, minutes
from tests.incident.world import World, a_person, an_alert

PEOPLE = {
    "schedule:first": [a_person("first", ("push", 0), ("sms", 7))],
    "schedule:second": [a_person("second", ("push", 0), ("sms", 1))],
    "user:manager": [a_person("manager")],
}
STEPS = (
    ChecklistStep(
        id="look",
        items=(ChecklistItem(id="df", text="Run df"),),
        source="runbooks/disk.md#first-look",
        deadline=minutes(None),
        at=(Severity.SEV1, Severity.SEV2),
    ),
    RunbookStep(id="read", source="runbooks/disk.md#background", text="…", sha256="0"),
)


def a_world(**extra: object) -> World:
    """A world of two levels whose playbook has runbooks."""
    return World(a_plan(**{"steps": STEPS, **extra}), dict(PEOPLE))


def pages_to(world: World, person: str) -> list[SendPage]:
    """Every page to the person, in order."""
    return [page for _, page in world.sent if page.person == person]


def test_the_first_page_names_the_playbook_and_the_runbook_of_its_severity() -> None:
    bad, mild = a_world(), a_world()
    bad.fire(an_alert(severity="sev1"))
    mild.fire(an_alert(severity="sev3"))

    assert pages_to(bad, "first")[0].message.playbook == "down"
    assert pages_to(bad, "first")[0].message.runbook == "runbooks/disk.md#first-look"
    assert pages_to(mild, "first")[0].message.runbook == "runbooks/disk.md#background"
    assert pages_to(bad, "first")[0].message.tried == ()


def test_the_second_level_is_told_who_was_paged_without_an_answer() -> None:
    """And nobody is told so of themselves, whichever of their methods says it."""
    world = a_world()
    world.fire(an_alert(severity="sev1"))

    world.until(8)

    second = pages_to(world, "second")
    assert [page.method for page in second] == ["push", "sms"]
    assert {page.message.tried for page in second} == {("Paged without an answer: First.",)}
    assert pages_to(world, "first")[-1].message.tried == ()


def test_who_comes_in_later_is_told_the_latest_deeds_oldest_first() -> None:
    world = a_world()
    world.fire(an_alert(severity="sev1"))
    world.say("first", "acknowledge")
    for number in range(1, 6):
        world.say("first", "note", type="action", text=f"Deed {number} @everyone")
    world.say("first", "escalate", reason="I need help")

    tried = pages_to(world, "second")[0].message.tried

    assert [line.partition("Deed ")[2][0] for line in tried] == ["3", "4", "5"]
    assert all("UTC" in line for line in tried)
    assert "@\u200beveryone" in tried[0]


def test_a_page_stays_small_whatever_people_write() -> None:
    """Every page is kept in the history."""
    world = a_world()
    world.fire(an_alert(severity="sev1"))
    world.say("first", "acknowledge")
    for _ in range(5):
        world.say("first", "note", type="finding", text="x" * 2000)
    world.say("first", "escalate", reason="help")

    tried = pages_to(world, "second")[0].message.tried

    assert len(tried) == 3
    assert max(map(len, tried)) <= LINE_LIMIT


def test_nobody_is_listed_as_silent_once_somebody_is_on_it() -> None:
    world = a_world()
    world.fire(an_alert(severity="sev1"))
    world.until(6)
    world.say("second", "acknowledge")
    world.say("second", "escalate", reason="help")

    assert pages_to(world, "manager")[0].message.tried == ()
