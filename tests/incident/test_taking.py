"""Taking a role from nobody who acts; joining; leaving everything at once."""

from domain.incident.view import Phase
from domain.plan import RolePlan
from tests.incident.plans import DEFAULT_ROLES, a_plan
from tests.incident.world import World, a_person, an_alert

ON_CALL = {
    "schedule:first": [a_person("ann")],
    "schedule:second": [a_person("bo")],
    "user:manager": [a_person("mo")],
}
PLAN = a_plan(roles=DEFAULT_ROLES | {"scribe": RolePlan()})


def acknowledged() -> World:
    """An incident that Ann works on and acts as commander of."""
    world = World(PLAN, dict(ON_CALL))
    world.fire(an_alert(severity="warning"))
    world.say("ann", "acknowledge")
    return world


def told(world: World, person: str) -> list[str]:
    """What the person was told quietly."""
    return [text for _, who, text in world.notices if who == person]


def test_a_vacant_role_is_held_at_once() -> None:
    world = acknowledged()

    turned = world.say("bo", "take_role", role="scribe")

    assert turned.sentence == "You hold scribe."
    assert world.holder("scribe") == "bo"


def test_command_that_is_only_acted_is_taken_and_who_acted_is_told() -> None:
    world = acknowledged()

    turned = world.say("bo", "take_role", role="incident_commander")

    assert turned.sentence == "You hold incident commander. Ann is told."
    assert world.holder("incident_commander") == "bo"
    assert told(world, "ann") == [
        "Bo took incident commander from you: it was held for the time being."
    ]


def test_whoever_acts_as_commander_may_take_it_for_good() -> None:
    world = acknowledged()

    world.say("ann", "take_role", role="incident_commander")

    assert world.holder("incident_commander") == "ann"


def test_a_role_of_somebody_active_is_refused_naming_their_last_act_and_the_mend() -> None:
    world = acknowledged()
    world.until(7)
    world.say("ann", "note", text="looking at the disks")
    world.until(16)

    turned = world.say("bo", "take_role", role="operations_lead")

    assert turned.refused
    assert turned.sentence == (
        "Ann holds operations lead and acted at 03:07 UTC: "
        "ask them for a handoff, or the commander to assign it to you."
    )


def test_a_silent_holder_is_relieved_after_ten_minutes_and_both_are_told() -> None:
    world = acknowledged()
    world.until(12)

    turned = world.say("bo", "take_role", role="operations_lead")

    assert turned.sentence == "You hold operations lead. Ann is told."
    assert world.holder("operations_lead") == "bo"
    assert world.holder("incident_commander") == "bo (acting)", "command goes with the work"
    assert told(world, "ann") == ["Bo took operations lead from you: silent for 12 min."]
    assert "role.taken" in world.kinds()


def test_the_silence_of_one_is_not_hidden_by_the_acts_of_another() -> None:
    world = acknowledged()
    world.say("bo", "take_role", role="scribe")
    world.until(11)
    world.say("bo", "note", text="still writing")

    turned = world.say("bo", "take_role", role="operations_lead")

    assert not turned.refused


def test_an_open_offer_of_the_role_ends_and_the_asked_are_told() -> None:
    world = acknowledged()
    said = {"state_now": "as it is"}
    world.say("ann", "offer_handoff", role="incident_commander", to="user:bo", summary=said)

    world.say("mo", "take_role", role="incident_commander")

    assert [offer.status for offer in world.state.offers.values()] == ["withdrawn"]
    assert told(world, "bo") == ["The offer of incident commander ends: Mo takes it."]
    assert world.holder("incident_commander") == "mo"


def test_taking_operations_of_an_unanswered_incident_acknowledges_it() -> None:
    world = World(PLAN, dict(ON_CALL))
    world.fire(an_alert(severity="warning"))

    world.say("bo", "take_role", role="operations_lead")

    assert world.phase is Phase.ACKNOWLEDGED
    assert world.holder("operations_lead") == "bo"
    assert world.holder("incident_commander") == "bo (acting)"


def test_a_role_one_holds_is_refused() -> None:
    turned = acknowledged().say("ann", "take_role", role="operations_lead")

    assert turned.sentence == "You hold operations lead already."


def test_an_unknown_role_is_refused_naming_those_there_are() -> None:
    turned = acknowledged().say("bo", "take_role", role="boss")

    assert "has no role 'boss'; it has incident_commander" in turned.sentence


def test_joining_counts_among_the_responders_and_stops_nobodys_page() -> None:
    world = World(PLAN, dict(ON_CALL))
    world.fire(an_alert(severity="warning"))

    turned = world.say("bo", "join")

    assert turned.sentence == "You joined. It is still triggered: nobody has acknowledged it."
    assert world.holder("responders") == "bo"
    assert world.phase is Phase.TRIGGERED


def test_joining_twice_is_refused_naming_what_one_holds() -> None:
    turned = acknowledged().say("ann", "join")

    assert turned.sentence == (
        "You are on it already: you hold operations lead, incident commander."
    )


def test_one_of_two_leaves_quietly() -> None:
    world = acknowledged()
    world.say("bo", "acknowledge")

    turned = world.say("bo", "leave", reason="my shift is over")

    assert turned.sentence == "You are off it."
    assert world.phase is Phase.ACKNOWLEDGED
    assert world.holder("responders") == ""
    assert "left" in world.kinds()


def test_the_last_one_leaving_has_the_level_paged_again() -> None:
    world = acknowledged()
    world.say("ann", "task_add", text="check replicas")
    world.until(3)

    turned = world.say("ann", "leave")

    assert turned.sentence == (
        "You are off it. Nobody works on it now: the level is paged again. "
        "1 open task is still yours."
    )
    assert world.phase is Phase.TRIGGERED
    assert world.pages_of("ann") == [0, 3]


def test_command_passes_on_when_its_holder_leaves() -> None:
    world = acknowledged()
    world.say("bo", "take_role", role="incident_commander")

    world.say("bo", "leave")

    assert world.holder("incident_commander") == "ann (acting)"
    assert world.phase is Phase.ACKNOWLEDGED


def test_who_is_not_on_it_cannot_leave_it() -> None:
    turned = acknowledged().say("bo", "leave")

    assert turned.sentence == "You are not on it: the incident is acknowledged."
