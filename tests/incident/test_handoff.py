"""Handoff: an offer, and the holder keeps the role until it is accepted."""

from domain.incident.effects import Outcome
from domain.plan import RolePlan
from tests.incident.plans import DEFAULT_ROLES, a_plan
from tests.incident.world import World, a_person, an_alert

SAID = {"state_now": "dc1 is down, failover is running"}
ON_CALL = {
    "schedule:first": [a_person("ann")],
    "schedule:second": [a_person("bo", ("push", 0), ("sms", 2))],
    "schedule:command": [a_person("ann"), a_person("cy")],
    "user:manager": [a_person("mo")],
}


def acknowledged(**extra: object) -> World:
    """An incident that Ann works on and acts as commander of."""
    world = World(a_plan(**extra), dict(ON_CALL))
    world.fire(an_alert(severity="warning"))
    world.say("ann", "acknowledge")
    return world


def offered(world: World, to: str = "user:bo", role: str = "incident_commander") -> str:
    """The id of Ann's offer."""
    turned = world.say("ann", "offer_handoff", role=role, to=to, summary=SAID)
    assert turned.offer is not None, turned.sentence
    return turned.offer


def test_an_offer_pages_the_receiver_and_the_holder_keeps_the_role() -> None:
    world = acknowledged()

    offered(world)
    world.until(3)

    assert world.pages_of("bo") == [0, 2]
    assert world.holder("incident_commander") == "ann (acting)"


def test_accepting_hands_the_role_over_and_ends_the_page() -> None:
    world = acknowledged()
    offer = offered(world)

    turned = world.say("bo", "accept_handoff", offer=offer)
    world.until(9)

    assert turned.sentence == "You hold incident commander."
    assert world.holder("incident_commander") == "bo"
    assert world.holder("operations_lead") == "ann"
    assert world.pages_of("bo") == [0]


def test_accepting_the_role_by_its_name_answers_the_offer() -> None:
    world = acknowledged()
    offer = offered(world)

    world.say("bo", "accept_role", role="incident_commander")

    assert world.holder("incident_commander") == "bo"
    assert world.state.offers[offer].status == "accepted"


def test_declining_keeps_the_holder_and_tells_them() -> None:
    world = acknowledged()
    offer = offered(world)

    turned = world.say("bo", "decline_handoff", offer=offer, reason="at dinner")

    assert turned.sentence == "You declined incident commander."
    assert world.holder("incident_commander") == "ann (acting)"
    said = "Bo declines incident commander: at dinner. Ann keeps it."
    assert (0, "ann", said) in world.notices


def test_declining_the_role_by_its_name_answers_the_offer() -> None:
    world = acknowledged()
    offer = offered(world)

    world.say("bo", "decline_role", role="incident_commander")

    assert world.state.offers[offer].status == "declined"


def test_an_offer_unanswered_expires_keeps_the_holder_and_tells_both() -> None:
    world = acknowledged()
    offered(world)

    world.until(10)

    assert world.holder("incident_commander") == "ann (acting)"
    told = {who for minute, who, text in world.notices if minute == 10 and "expired" in text}
    assert told == {"ann", "bo"}


def test_accepting_an_expired_offer_is_refused_saying_when_it_ended() -> None:
    world = acknowledged()
    offer = offered(world)
    world.until(12)

    turned = world.say("bo", "accept_handoff", offer=offer)

    assert turned.refused
    assert turned.sentence == f"{offer} was expired at 03:10 UTC: it can no longer be answered."


def test_an_offer_to_somebody_off_the_roster_ends_at_once_and_the_holder_keeps_it() -> None:
    world = acknowledged()

    offer = offered(world, "user:stranger")

    assert world.state.offers[offer].status == "withdrawn"
    assert world.holder("incident_commander") == "ann (acting)"
    assert any(who == "ann" and "ended" in text for _, who, text in world.notices)


def test_whoever_is_on_call_next_is_not_the_one_who_offers() -> None:
    world = acknowledged()

    offered(world, "schedule:command")

    assert world.pages_of("cy") == [0]


def test_an_offer_to_a_schedule_that_names_only_oneself_ends_at_once() -> None:
    world = acknowledged()

    offer = offered(world, "schedule:first")

    assert world.state.offers[offer].status == "withdrawn"


def test_a_handoff_to_oneself_is_refused() -> None:
    world = acknowledged()
    world.say("bo", "accept_role", role="responders")

    turned = world.say(
        "ann", "offer_handoff", role="incident_commander", to="user:ann", summary=SAID
    )

    assert turned.refused
    assert turned.sentence == "Ann holds incident commander already."


def test_the_commander_cannot_offer_a_role_of_another_to_themselves() -> None:
    world = acknowledged(roles=DEFAULT_ROLES | {"scribe": RolePlan()})

    turned = world.say("ann", "offer_handoff", role="scribe", to="user:ann", summary=SAID)

    assert turned.sentence == "A handoff goes to somebody else, not to yourself."


def test_a_second_open_offer_of_one_role_is_refused_naming_the_first() -> None:
    world = acknowledged()
    offer = offered(world)

    turned = world.say(
        "ann", "offer_handoff", role="incident_commander", to="user:cy", summary=SAID
    )

    assert turned.refused
    assert f"is offered to user:bo already ({offer}, until 03:10 UTC)" in turned.sentence


def test_an_empty_required_field_is_refused_naming_it() -> None:
    world = acknowledged()

    turned = world.say(
        "ann",
        "offer_handoff",
        role="incident_commander",
        to="user:bo",
        summary={"state_now": "  "},
    )

    assert turned.refused
    assert "'state_now'" in turned.sentence
    assert world.pages_of("bo") == []


def test_who_holds_nothing_cannot_offer_it() -> None:
    turned = acknowledged().say(
        "bo", "offer_handoff", role="incident_commander", to="user:cy", summary=SAID
    )

    assert turned.sentence == "You do not hold incident commander: Ann holds it."


def test_an_offer_of_an_unknown_role_is_refused() -> None:
    turned = acknowledged().say("ann", "offer_handoff", role="boss", to="user:cy", summary=SAID)

    assert "has no role 'boss'" in turned.sentence


def test_only_the_receiver_can_answer() -> None:
    world = acknowledged()
    offer = offered(world)

    turned = world.say("cy", "accept_handoff", offer=offer)

    assert turned.sentence == f"{offer} is for Bo, not for you."


def test_an_offer_that_never_was_is_refused() -> None:
    turned = acknowledged().say("bo", "accept_handoff", offer="offer-99")

    assert turned.sentence == "There is no offer 'offer-99' in this incident."


def test_a_receiver_without_any_method_is_told_by_the_giver() -> None:
    world = acknowledged()
    world.on_call["user:cy"] = [a_person("cy").model_copy(update={"rules": ()})]

    offered(world, "user:cy")

    assert world.pages_of("cy") == []
    assert any("tell them yourself" in text for _, _, text in world.notices)


def test_the_commander_assigns_and_the_other_holds_once_they_accept() -> None:
    world = acknowledged(roles=DEFAULT_ROLES | {"scribe": RolePlan()})

    turned = world.say("ann", "assign", role="scribe", to="user:bo")
    assert world.holder("scribe") == ""
    world.say("bo", "accept_handoff", offer=turned.offer)

    assert world.holder("scribe") == "bo"


def test_assigning_oneself_takes_the_role_at_once() -> None:
    world = acknowledged(roles=DEFAULT_ROLES | {"scribe": RolePlan()})

    world.say("ann", "assign", role="scribe", to="user:ann")

    assert world.holder("scribe") == "ann"


def test_only_the_commander_assigns_to_others() -> None:
    turned = acknowledged().say("bo", "assign", role="operations_lead", to="user:cy")

    assert turned.sentence == "Only the commander assigns roles: Ann holds it."


def test_assigning_a_role_to_its_holder_is_refused() -> None:
    turned = acknowledged().say("ann", "assign", role="operations_lead", to="user:ann")

    assert turned.sentence == "Ann holds operations lead already."


def test_offers_end_with_the_incident() -> None:
    world = acknowledged()
    offer = offered(world)

    world.say("ann", "resolve")

    assert world.state.offers[offer].status == "withdrawn"
    assert world.state.deadlines.keys() == {"absorb"}


def test_the_page_of_an_offer_is_retried_like_any_other() -> None:
    world = acknowledged()
    world.outcome = lambda _page: Outcome.RETRY

    offered(world)
    world.until(1)

    assert world.pages_of("bo") == [0, 0, 0.5, 0.5, 1, 1]


def test_many_ended_offers_are_forgotten_and_open_ones_kept() -> None:
    world = acknowledged()
    for _ in range(30):
        world.say("bo", "decline_handoff", offer=offered(world))

    offer = offered(world)

    assert len(world.state.offers) <= 21
    assert world.state.offers[offer].is_open
