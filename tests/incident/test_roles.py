"""Roles: staffed by severity, held by accepting, never left empty unseen."""

from domain.incident.view import Phase
from domain.plan import RolePick, RolePlan
from domain.severity import Severity
from tests.incident.plans import DEFAULT_ROLES, a_plan
from tests.incident.world import World, a_person, an_alert

WORST = (Severity.SEV1, Severity.SEV2)
ON_CALL = {
    "schedule:first": [a_person("ann", ("push", 0), ("sms", 1))],
    "schedule:second": [a_person("bo")],
    "schedule:command": [a_person("cy", ("push", 0), ("sms", 2))],
    "schedule:command_second": [a_person("dee")],
    "schedule:dba": [a_person("eve")],
    "schedule:network": [a_person("fay", ("push", 0), ("sms", 3))],
    "user:manager": [a_person("mo")],
}
ROLES = DEFAULT_ROLES | {
    "incident_commander": RolePlan(page=("schedule:command", "schedule:command_second"), at=WORST),
    "communications_lead": RolePlan(at=WORST),
    "scribe": RolePlan(fill="role:communications_lead"),
    "sme": RolePlan(
        many=True,
        pick=(
            RolePick(when="size(alerts.labels.dc) >= 2", page=("schedule:dba",), at=WORST),
            RolePick(when="size(alerts.labels.dc) >= 2", page=("schedule:network",), at=WORST),
        ),
    ),
}


def a_world(severity: str = "sev1", **extra: object) -> World:
    """An incident whose commander is paged at SEV1 and SEV2."""
    given = {"roles": ROLES} | extra
    world = World(a_plan(**given), dict(ON_CALL))
    world.fire(an_alert("dc1", severity=severity, dc="dc1"))
    return world


def test_a_role_pages_by_itself_at_its_severities_only() -> None:
    assert a_world("sev1").pages_of("cy") == [0]
    assert a_world("warning").pages_of("cy") == []


def test_accepting_is_holding_and_ends_the_role_s_paging() -> None:
    world = a_world()
    world.until(1)

    turned = world.say("cy", "accept_role", role="incident_commander")
    world.until(10)

    assert turned.sentence == "You hold incident commander."
    assert world.holder("incident_commander") == "cy"
    assert world.pages_of("cy") == [0]
    assert world.pages_of("dee") == []


def test_acknowledging_as_the_one_paged_for_a_role_accepts_it() -> None:
    world = a_world()
    world.say("ann", "acknowledge")

    world.say("cy", "acknowledge")

    assert world.holder("incident_commander") == "cy"
    assert world.holder("operations_lead") == "ann"


def test_the_acting_commander_gives_way_to_whoever_accepts() -> None:
    world = a_world()
    world.say("ann", "acknowledge")
    assert world.holder("incident_commander") == "ann (acting)"

    world.say("cy", "accept_role", role="incident_commander")

    assert world.holder("incident_commander") == "cy"


def test_silence_of_the_first_falls_through_to_the_second() -> None:
    world = a_world()
    world.say("ann", "acknowledge")

    world.until(5)

    assert world.pages_of("cy") == [0, 2]
    assert world.pages_of("dee") == [5]


def test_declining_goes_to_the_next_at_once() -> None:
    world = a_world()
    world.until(1)

    world.say("cy", "decline_role", role="incident_commander", reason="on a train")
    world.until(3)

    assert world.pages_of("dee") == [1]
    assert world.pages_of("cy") == [0]


def test_who_declined_does_not_get_the_role_by_acknowledging_later() -> None:
    world = a_world()
    world.say("cy", "decline_role", role="incident_commander")
    world.say("ann", "acknowledge")

    world.say("cy", "acknowledge")

    assert world.holder("incident_commander") == "ann (acting)"


def test_a_role_nobody_takes_is_the_commanders_task_and_said_so() -> None:
    world = a_world()
    world.say("ann", "acknowledge")

    world.until(11)

    assert "role.unfilled" in world.kinds()
    assert any(who == "ann" and "Nobody took the role" in text for _, who, text in world.notices)
    assert world.holder("incident_commander") == "ann (acting)"


def test_a_late_acceptance_of_a_role_that_nobody_took_counts() -> None:
    """It used to be refused: "you were not asked"."""
    world = a_world()
    world.say("ann", "acknowledge")
    world.until(12)

    turned = world.say("cy", "accept_role", role="incident_commander")

    assert not turned.refused
    assert world.holder("incident_commander") == "cy"


def test_accepting_a_role_held_by_another_is_refused_naming_who_does() -> None:
    world = a_world()
    world.say("cy", "accept_role", role="incident_commander")

    turned = world.say("bo", "accept_role", role="incident_commander")

    assert turned.refused
    assert turned.sentence == "You were not asked to take incident commander: Cy holds it."


def test_declining_what_one_was_not_asked_is_refused() -> None:
    turned = a_world().say("bo", "decline_role", role="incident_commander")

    assert turned.sentence == "You were not asked to take incident commander."


def test_an_unknown_role_is_refused_naming_those_that_exist() -> None:
    for what in ("accept_role", "decline_role", "release_role"):
        turned = a_world().say("bo", what, role="boss")

        assert turned.refused
        assert "has no role 'boss'; it has communications_lead" in turned.sentence


def test_experts_are_paged_when_their_condition_holds_and_hold_by_acknowledging() -> None:
    world = a_world()
    world.say("ann", "acknowledge")

    world.fire(an_alert("dc2", severity="sev1", dc="dc2"))
    assert world.pages_of("eve") == [0]
    world.say("eve", "acknowledge")

    assert world.holder("sme") == "eve"


def test_one_expert_who_accepts_does_not_silence_the_page_of_another_kind() -> None:
    """Both picks shared one reason: the network expert's page used to end with the DBA's."""
    world = a_world()
    world.say("ann", "acknowledge")
    world.fire(an_alert("dc2", severity="sev1", dc="dc2"))

    world.say("eve", "accept_role", role="sme")
    world.until(4)

    assert world.pages_of("fay") == [0, 3]


def test_an_expert_whose_earlier_page_is_over_is_paged_anew() -> None:
    """Bo was paged as level 2 and freed by Ann's ack; the later need used to be swallowed."""
    on_call = ON_CALL | {"schedule:dba": [a_person("bo")]}
    world = World(a_plan(roles=ROLES), dict(on_call))
    world.fire(an_alert("dc1", severity="sev1", dc="dc1"))
    world.until(6)
    world.say("ann", "acknowledge")

    world.fire(an_alert("dc2", severity="sev1", dc="dc2"))

    assert world.pages_of("bo") == [5, 6]
    assert len(set(world.keys)) == len(world.keys)


def test_a_released_role_pages_its_vacancy_and_command_passes_on() -> None:
    world = a_world()
    world.say("ann", "acknowledge")
    world.say("cy", "accept_role", role="incident_commander")
    world.until(20)

    turned = world.say("cy", "release_role", role="incident_commander", reason="ill")

    assert turned.sentence == "You no longer hold incident commander."
    assert world.holder("incident_commander") == "ann (acting)"
    assert world.pages_of("cy") == [0, 20]
    assert any(who == "ann" and "You act as commander" in text for _, who, text in world.notices)


def test_releasing_what_one_does_not_hold_is_refused() -> None:
    turned = a_world().say("bo", "release_role", role="incident_commander")

    assert turned.sentence == "You do not hold incident commander: nobody holds it."


def test_a_holder_gone_from_the_roster_is_replaced_by_a_page() -> None:
    world = a_world("warning")
    world.say("ann", "acknowledge")
    world.until(10)

    world.gone("ann")

    assert world.pages_of("ann") == [0, 10]
    assert world.phase is Phase.TRIGGERED
    assert world.holder("incident_commander") == "ann (acting) (on paper)"


def test_the_last_one_gone_leaves_command_on_paper_until_the_page_is_answered() -> None:
    world = a_world("warning")
    world.say("ann", "acknowledge")
    world.gone("ann")

    world.say("bo", "acknowledge")

    assert world.holder("incident_commander") == "bo (acting)"
    assert world.holder("operations_lead") == "bo"


def test_a_joiner_acts_when_whoever_led_and_worked_has_gone() -> None:
    world = a_world("warning")
    world.say("ann", "acknowledge")
    world.say("bo", "acknowledge")

    world.gone("ann")

    assert world.holder("incident_commander") == "bo (acting)"
    assert world.phase is Phase.TRIGGERED


def test_a_role_that_follows_another_is_filled_with_it() -> None:
    world = a_world()
    world.say("ann", "acknowledge")

    world.say("bo", "accept_role", role="communications_lead")

    assert world.holder("scribe") == "bo"


def test_operations_held_before_anybody_acknowledged_still_leaves_a_commander() -> None:
    """Taking operations first used to leave command empty after the acknowledgement."""
    world = a_world("warning")
    world.say("bo", "accept_role", role="operations_lead")

    world.say("ann", "acknowledge")

    assert world.holder("incident_commander") == "bo (acting)"


def test_a_condition_of_experts_that_cannot_be_judged_is_said_once() -> None:
    pick = RolePick(when="labels.nothing == 'x'", page=("schedule:dba",), at=WORST)
    world = a_world(roles=DEFAULT_ROLES | {"sme": RolePlan(many=True, pick=(pick,))})
    world.say("ann", "acknowledge")
    world.until(20)

    assert world.kinds().count("condition.unknown") == 1
    assert world.pages_of("eve") == []


def test_a_need_that_arises_in_a_later_round_is_paged_for_in_that_round() -> None:
    """An expert paged in round 0 as level 1 was not paged for the new need in round 1."""
    pick = RolePick(when="alerts.firing >= 2", page=("schedule:first",), at=tuple(Severity))
    world = a_world("sev1", roles=DEFAULT_ROLES | {"sme": RolePlan(many=True, pick=(pick,))})
    world.until(16)

    world.fire(an_alert("dc2", severity="sev1", dc="dc2"))

    sme = next(ladder for ladder in world.state.ladders.values() if ladder.role == "sme")
    assert world.pages_of("ann") == [0, 1, 10, 11]
    assert sme.round == 1
    call = world.state.calls[sme.here[0]]
    assert (call.round, "role:sme:0" in call.reasons) == (1, True)


def test_a_role_that_follows_another_goes_with_its_holder() -> None:
    world = a_world()
    world.say("ann", "assign", role="communications_lead", to="user:ann")
    assert world.holder("scribe") == "ann"

    offer = world.say("ann", "assign", role="communications_lead", to="user:bo").offer
    world.say("bo", "accept_handoff", offer=offer)

    assert world.holder("scribe") == "bo"


def test_a_following_role_let_go_stays_let_go_until_its_leader_changes() -> None:
    """It used to be granted again at once to whoever had just released it."""
    world = a_world()
    world.say("ann", "assign", role="communications_lead", to="user:ann")

    world.say("ann", "release_role", role="scribe", reason="hands full")
    world.say("ann", "note", text="still at it")
    assert world.holder("scribe") == ""

    offer = world.say("ann", "assign", role="communications_lead", to="user:bo").offer
    world.say("bo", "accept_handoff", offer=offer)
    assert world.holder("scribe") == "bo"


def test_a_following_role_taken_by_somebody_else_stays_with_them() -> None:
    world = a_world()
    world.say("ann", "assign", role="communications_lead", to="user:ann")
    world.say("ann", "release_role", role="scribe")
    world.say("eve", "accept_role", role="scribe")

    offer = world.say("ann", "assign", role="communications_lead", to="user:bo").offer
    world.say("bo", "accept_handoff", offer=offer)

    assert world.holder("scribe") == "eve"


def test_acting_command_goes_with_operations() -> None:
    world = a_world()
    world.say("ann", "acknowledge")

    said = {"state_now": "rolling back"}
    offer = world.say(
        "ann", "offer_handoff", role="operations_lead", to="user:bo", summary=said
    ).offer
    world.say("bo", "accept_handoff", offer=offer)

    assert world.holder("operations_lead") == "bo"
    assert world.holder("incident_commander") == "bo (acting)"
