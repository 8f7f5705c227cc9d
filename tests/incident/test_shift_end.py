"""The end of a shift: warned, offered by itself, and quiet where nobody may be woken."""

from domain.incident.view import Phase
from tests.incident.shift_world import ANN, BO, a_world, at, open_offer, told
from tests.incident.world import an_alert


def test_the_holder_is_warned_before_the_end_naming_who_is_next() -> None:
    world = a_world()

    world.until(119)

    ((minute, text),) = told(world, "ann")
    assert minute == 90
    assert text.startswith("Your shift as operations lead ends at 05:00 (UTC): Bo is next and")
    assert world.pages_of("bo") == []


def test_at_the_end_of_a_shift_the_role_is_offered_to_who_is_on_call_now() -> None:
    world = a_world()

    world.until(125)

    assert world.pages_of("bo") == [120, 121]
    assert world.holder("operations_lead") == "ann"
    page = world.sent[-1][1].message
    assert page.headline == "Ann's shift has ended: take operations lead? a1 is down"
    assert page.lines[0].startswith("state now: SEV2, acknowledged since 03:00 UTC. 1 of 1 firing")


def test_accepting_frees_the_giver_who_is_told_and_acting_command_goes_along() -> None:
    world = a_world()
    world.until(123)

    turned = world.say("bo", "accept_handoff", offer=open_offer(world))
    world.until(130)

    assert turned.sentence == "You hold operations lead and act as commander."
    assert world.holder("operations_lead") == "bo"
    assert world.holder("incident_commander") == "bo (acting)"
    assert told(world, "ann")[-1] == (123, "Bo took over operations lead: you are free.")
    assert world.pages_of("bo") == [120, 121]


def test_the_next_shift_s_end_comes_for_whoever_took_over() -> None:
    world = a_world()
    world.until(120)
    world.say("bo", "accept_role", role="operations_lead")

    world.until(605)

    assert told(world, "bo")[-1][0] == 570
    assert world.pages_of("cy") == [600]


def test_declined_the_holder_keeps_it_and_it_is_offered_again_after_an_hour() -> None:
    world = a_world()
    world.until(122)

    world.say("bo", "decline_handoff", offer=open_offer(world), reason="ill")
    assert told(world, "ann")[-1] == (122, "Bo declines operations lead: ill. Ann keeps it.")
    world.until(190)

    assert world.pages_of("bo") == [120, 121, 182, 183]
    assert world.holder("operations_lead") == "ann"


def test_expired_both_are_told_and_it_is_offered_again_an_hour_later() -> None:
    world = a_world()

    world.until(131)
    assert {who for minute, who, text in world.notices if minute == 130} == {"ann", "bo"}
    world.until(191)

    assert world.pages_of("bo") == [120, 121, 190, 191]


def test_a_commander_hears_how_an_offer_nobody_made_ended() -> None:
    world = a_world()
    world.say("ann", "assign", role="incident_commander", to="user:dee")
    world.say("dee", "accept_role", role="incident_commander")

    world.until(131)

    assert any("has expired" in text for _, text in told(world, "dee"))


def test_below_sev2_nobody_is_woken_and_it_is_not_offered_again_that_night() -> None:
    world = a_world("warning")
    before = len(world.sent)

    world.until(500)

    assert [(minute, who, how, loud) for minute, who, how, loud in world.sounds()[before:]] == [
        (120, "bo", "email", "low")
    ]
    assert world.holder("operations_lead") == "ann"


def test_below_sev2_it_is_offered_again_at_the_next_shift_change() -> None:
    world = a_world("warning")
    before = len(world.sent)

    world.until(601)

    assert world.sounds()[before:] == [(120, "bo", "email", "low"), (600, "cy", "email", "low")]


def test_once_mitigated_nobody_is_woken_even_at_sev1() -> None:
    world = a_world("sev1")
    world.say("ann", "mitigate")
    before = len(world.sent)

    world.until(300)

    assert world.sounds()[before:] == [(120, "bo", "email", "low")]


def test_whoever_has_no_quiet_way_to_be_paged_is_told_quietly() -> None:
    silent = BO.model_copy(update={"low": ()})
    world = a_world("warning", shifts=[(at(-60), [ANN]), (at(120), [silent])])
    before = len(world.sent)

    world.until(125)

    assert world.sounds()[before:] == []
    assert "take operations lead?" in told(world, "bo")[-1][1]
    world.say("bo", "accept_role", role="operations_lead")
    assert world.holder("operations_lead") == "bo"


def test_an_offer_made_by_hand_is_waited_for_and_then_the_shift_is_looked_at_again() -> None:
    world = a_world()
    world.until(115)
    said = {"state_now": "as it is"}
    world.say("ann", "offer_handoff", role="operations_lead", to="user:dee", summary=said)

    world.until(124)
    assert world.pages_of("bo") == []
    world.until(126)

    assert world.pages_of("dee") == [115]
    assert world.pages_of("bo") == [125, 126]


def test_nobody_on_call_next_is_said_and_the_holder_keeps_it() -> None:
    world = a_world(shifts=[(at(-60), [ANN]), (at(120), []), (at(180), [BO])])

    world.until(120)
    assert told(world, "ann")[-1] == (
        120,
        "Nobody else is on call in first: Ann keeps operations lead.",
    )
    world.until(180)

    assert world.pages_of("bo") == [180]


def test_the_deadlines_go_with_the_role_and_with_the_incident() -> None:
    world = a_world()
    assert "shift_end/operations_lead" in world.state.deadlines
    world.say("bo", "acknowledge")
    world.say("ann", "release_role", role="operations_lead")
    assert not [name for name in world.state.deadlines if name.startswith("shift_")]

    world = a_world()
    world.until(121)
    world.say("ann", "resolve")
    world.until(200)

    assert world.phase is Phase.CLOSED or not world.state.deadlines.keys() - {"absorb"}
    assert world.pages_of("bo") == [120, 121]


def test_a_role_taken_by_another_ends_the_offer_made_for_its_holder() -> None:
    world = a_world()
    world.until(121)

    world.gone("ann")
    world.until(122)
    world.say("dee", "acknowledge")
    world.until(123)

    assert world.holder("operations_lead") == "dee"
    assert not any(offer.is_open for offer in world.state.offers.values())


def test_a_holder_gone_from_the_roster_pages_the_vacancy_by_itself() -> None:
    """At the end of the shift nobody is left to hand over: the level is paged again."""
    world = a_world()
    world.until(121)
    world.gone("ann")

    world.until(122)

    assert world.phase is Phase.TRIGGERED
    assert 121 in world.pages_of("bo")


def test_a_role_that_many_may_hold_is_never_offered_by_itself() -> None:
    world = a_world()
    world.say("cy", "acknowledge")

    world.until(700)

    assert not any(name.endswith("/responders") for name in world.state.deadlines)


def test_once_only_a_word_is_missing_nobody_is_warned_or_woken() -> None:
    world = a_world()
    world.until(80)
    world.fire(an_alert(status="resolved"))
    before = len(world.sent)

    world.until(200)

    assert {text for _, text in told(world, "ann")} == {
        "Is it over? a1 is down",
        "The offer of operations lead to Bo has expired. Ann keeps it.",
    }
    assert world.sounds()[before:] == [(120, "bo", "email", "low")]


def test_a_severity_that_the_playbook_wakes_nobody_for_is_handed_on_quietly() -> None:
    world = a_world()
    quiet = world.plan.urgency.model_copy(update={"SEV2": "low"})
    world.plan = world.plan.model_copy(update={"urgency": quiet})
    before = len(world.sent)

    world.until(300)

    assert world.sounds()[before:] == [(120, "bo", "email", "low")]
