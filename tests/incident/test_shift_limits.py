"""Whose shift it is, how long it may last, and what a handoff says by itself."""

from domain.incident.views import view_of
from domain.plan import HandoffPlan, RolePlan
from tests.incident.plans import DEFAULT_ROLES, a_plan, an_escalation, minutes
from tests.incident.shift_world import ANN, BO, CALM, CY, DEE, NEVER, a_world, at, told
from tests.incident.world import World, a_person, an_alert


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
