"""The end of a shift: warned, offered by itself, and quiet where nobody may be woken."""

from datetime import datetime, timedelta
from typing import Any

from domain.incident.people import Person
from domain.incident.view import Phase
from domain.incident.views import view_of
from domain.plan import HandoffPlan, RolePlan
from tests.incident.plans import DEFAULT_ROLES, a_plan, an_escalation, minutes
from tests.incident.world import START, World, a_person, an_alert

ANN = a_person("ann", ("push", 0), ("sms", 1))
BO = a_person("bo", ("push", 0), ("sms", 1))
CY = a_person("cy")
DEE = a_person("dee")
NEVER = minutes(None)
CALM = {"ack_expires": NEVER, "ack_within": minutes(5, 15, 30, 60, None)}


def at(minute: float) -> datetime:
    """So many minutes after the start."""
    return START + timedelta(minutes=minute)


def a_world(
    severity: str = "critical",
    max_shift: Any = NEVER,
    shifts: list[tuple[datetime, list[Person]]] | None = None,
    **handoff: Any,
) -> World:
    """Ann serves for two hours, then Bo, then Cy; Ann acknowledges at once."""
    plan = a_plan(
        escalation=an_escalation(**CALM), handoff=HandoffPlan(max_shift=max_shift, **handoff)
    )
    world = World(plan, {"schedule:second": [DEE], "user:manager": [a_person("mo")]})
    world.shifts["schedule:first"] = shifts or [
        (at(-60), [ANN]),
        (at(120), [BO]),
        (at(600), [CY]),
    ]
    world.fire(an_alert(severity=severity))
    world.say("ann", "acknowledge")
    return world


def told(world: World, person: str) -> list[tuple[float, str]]:
    """What the person was told quietly, by minute."""
    return [(minute, text) for minute, who, text in world.notices if who == person]


def open_offer(world: World) -> str:
    """The id of the one open offer."""
    (offer,) = [one.id for one in world.state.offers.values() if one.is_open]
    return offer


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


def test_max_shift_offers_to_who_comes_next_while_the_holder_still_serves() -> None:
    world = a_world(max_shift=minutes(60))

    world.until(60)

    assert world.pages_of("bo") == [60]
    assert told(world, "ann")[-1][0] == 30
    page = world.sent[-1][1].message
    assert page.headline.startswith("Ann has held it for 1 h: take operations lead?")


def test_max_shift_declined_is_not_offered_again_before_the_shift_ends() -> None:
    world = a_world(max_shift=minutes(60))
    world.until(61)
    world.say("bo", "decline_role", role="operations_lead")

    world.until(119)
    assert world.pages_of("bo") == [60, 61]
    world.until(120)

    assert world.pages_of("bo") == [60, 61, 120]


def test_who_took_over_early_is_not_asked_to_leave_when_their_shift_begins() -> None:
    world = a_world(max_shift=minutes(60, 60, None))
    world.until(60)
    world.say("bo", "accept_role", role="operations_lead")
    world.say("bo", "severity", severity="SEV3", reason="contained")

    world.until(130)

    assert world.holder("operations_lead") == "bo"
    assert told(world, "bo") == []
    assert "shift.goes_on" in world.kinds()
    assert [one for one in world.state.offers.values() if one.is_open] == []
    assert world.state.deadlines["shift_end/operations_lead"].at == at(600)


def test_max_shift_follows_the_severity() -> None:
    world = a_world(max_shift=minutes(30, 100, None))
    assert world.state.deadlines["shift_end/operations_lead"].at == at(100)

    world.until(40)
    world.say("ann", "severity", severity="SEV1", reason="users are hit")
    world.until(40)

    assert world.pages_of("bo") == [40]


def test_a_schedule_changed_meanwhile_counts() -> None:
    """An override lets Ann serve on: nothing is offered, and the new end is kept."""
    world = a_world()
    world.shifts["schedule:first"] = [(at(-60), [ANN]), (at(300), [BO])]

    world.until(200)

    assert world.pages_of("bo") == []
    assert told(world, "ann") == []
    assert world.state.deadlines["shift_end/operations_lead"].at == at(300)


def test_an_override_that_names_others_next_is_what_the_warning_says() -> None:
    world = a_world()
    world.shifts["schedule:first"] = [(at(-60), [ANN]), (at(120), [CY])]

    world.until(121)

    assert "Cy is next and will be asked" in told(world, "ann")[0][1]
    assert world.pages_of("cy") == [120]


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


def test_who_was_paged_by_no_schedule_is_offered_only_by_max_shift() -> None:
    """Dee joined and was given the work by name: nobody knows whose shift that is."""
    world = a_world(max_shift=minutes(240))
    world.say("ann", "assign", role="operations_lead", to="user:zoe")
    world.on_call["user:zoe"] = [a_person("zoe")]
    world.say("ann", "unacknowledge")
    world.say("zoe", "acknowledge")
    assert set(world.state.deadlines) >= {"shift_end/operations_lead"}

    world.until(239)
    assert world.pages_of("bo") == []
    world.until(240)

    assert world.pages_of("bo") == [240]


def test_without_any_schedule_the_holder_is_told_that_it_is_up_to_them() -> None:
    plan = a_plan(
        escalation=an_escalation(("user:ann",), **CALM),
        handoff=HandoffPlan(max_shift=minutes(60)),
    )
    world = World(plan, {"user:ann": [ANN], "user:manager": [CY]})
    world.fire(an_alert(severity="critical"))
    world.say("ann", "acknowledge")

    world.until(500)

    assert [minute for minute, _ in told(world, "ann")] == [30, 60]
    assert "hand it over yourself" in told(world, "ann")[-1][1]


def test_a_role_s_own_ladder_says_whose_shift_it_is_held_in() -> None:
    roles = DEFAULT_ROLES | {"incident_commander": RolePlan(page=("schedule:command",))}
    plan = a_plan(
        roles=roles, escalation=an_escalation(**CALM), handoff=HandoffPlan(max_shift=NEVER)
    )
    world = World(plan, {"schedule:first": [ANN]})
    world.shifts["schedule:command"] = [(at(-9), [CY]), (at(200), [DEE])]
    world.fire(an_alert(severity="critical"))
    world.say("ann", "acknowledge")
    world.say("cy", "accept_role", role="incident_commander")

    world.until(201)

    assert world.pages_of("dee") == [200]
    assert "shift_end/operations_lead" not in world.state.deadlines


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


def test_what_a_handoff_must_say_is_suggested_from_the_state() -> None:
    world = a_world(require=("state_now",), offer_also=("decisions_pending", "risks"))
    world.say("ann", "note", type="decision", text="We fail over at noon")

    view = view_of(world.plan, world.state, world.now)

    assert view.handoff_suggestion["state_now"] == (
        "SEV2, acknowledged since 03:00 UTC. 1 of 1 firing: a1 is down. "
        "Last: 03:00 UTC We fail over at noon. On it: Ann (operations lead)."
    )
    assert view.handoff_suggestion["decisions_pending"] == "Decided: We fail over at noon"
    assert "risks" not in view.handoff_suggestion


def test_a_required_field_that_only_a_person_knows_is_filled_in_honestly() -> None:
    world = a_world(require=("state_now", "risks"))

    world.until(120)

    (offer,) = world.state.offers.values()
    assert offer.summary["risks"] == "Nothing is noted: ask who hands over."
    assert offer.summary["state_now"].startswith("SEV2, acknowledged")


def test_an_offer_by_hand_without_its_summary_is_refused_with_a_suggestion() -> None:
    world = a_world()

    turned = world.say("ann", "offer_handoff", role="operations_lead", to="user:bo", summary={})

    assert turned.refused
    assert "say it in a sentence, such as: SEV2, acknowledged since 03:00 UTC." in turned.sentence


def test_who_holds_a_role_on_paper_is_shown_so() -> None:
    world = a_world()
    world.say("ann", "unacknowledge")

    view = view_of(world.plan, world.state, world.now)

    assert [one.on_paper for one in view.roles["incident_commander"]] == [True]


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


def test_max_shift_adds_no_offer_for_a_holder_who_is_off_shift_already() -> None:
    world = a_world(max_shift=minutes(150))
    world.until(122)
    world.say("bo", "decline_role", role="operations_lead")

    world.until(184)

    assert world.pages_of("bo") == [120, 121, 122 + 60, 122 + 61]


def test_who_is_given_the_work_after_their_shift_is_not_asked_to_hand_it_on_at_once() -> None:
    world = a_world(max_shift=minutes(90))
    world.until(89)
    world.say("ann", "release_role", role="operations_lead")
    world.say("dee", "acknowledge")
    world.until(130)
    known = len(world.pages_of("bo"))

    offer = world.say("dee", "assign", role="operations_lead", to="user:ann").offer
    world.say("ann", "accept_handoff", offer=offer)
    world.until(219)
    assert len(world.pages_of("bo")) == known
    world.until(220)

    assert len(world.pages_of("bo")) == known + 1


def test_a_severity_that_the_playbook_wakes_nobody_for_is_handed_on_quietly() -> None:
    world = a_world()
    quiet = world.plan.urgency.model_copy(update={"SEV2": "low"})
    world.plan = world.plan.model_copy(update={"urgency": quiet})
    before = len(world.sent)

    world.until(300)

    assert world.sounds()[before:] == [(120, "bo", "email", "low")]


def test_of_two_who_serve_together_the_one_who_stays_on_is_not_warned() -> None:
    world = a_world(shifts=[(at(-60), [ANN, BO]), (at(120), [ANN, CY]), (at(240), [DEE])])

    world.until(235)

    assert [(minute, text[:55]) for minute, text in told(world, "ann")] == [
        (210, "Your shift as operations lead ends at 07:00 (UTC): Dee ")
    ]
    assert not world.state.offers


def test_after_max_shift_the_end_of_the_shift_itself_is_told_as_it_comes() -> None:
    world = a_world(max_shift=minutes(60))
    world.until(61)
    world.say("bo", "decline_role", role="operations_lead")

    world.until(100)

    assert told(world, "ann")[-1][0] == 90
    assert "ends at 05:00 (UTC): Bo is next" in told(world, "ann")[-1][1]
