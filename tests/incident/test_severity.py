"""Severity: raised, lowered, by rules, by people, before and after somebody is on it."""

from datetime import timedelta

from domain.incident.view import Phase
from domain.plan import RolePlan, SeverityPlan, SeverityRule
from domain.plan_steps import ChecklistItem, ChecklistStep
from domain.severity import Severity
from tests.incident.plans import DEFAULT_ROLES, a_plan, minutes
from tests.incident.world import START, World, a_person, an_alert

ON_CALL = {
    "schedule:first": [a_person("ann")],
    "schedule:second": [a_person("bo")],
    "schedule:command": [a_person("cy", ("push", 0), ("sms", 2))],
    "user:manager": [a_person("mo")],
}
WITH_COMMANDER = DEFAULT_ROLES | {
    "incident_commander": RolePlan(page=("schedule:command",), at=(Severity.SEV1, Severity.SEV2)),
    "scribe": RolePlan(fill="role:incident_commander", at=(Severity.SEV1,)),
}


def a_world(severity: str = "warning", **extra: object) -> World:
    """An incident at SEV3 unless said."""
    given = {"roles": WITH_COMMANDER} | extra
    world = World(a_plan(**given), dict(ON_CALL))
    world.fire(an_alert(severity=severity))
    return world


def test_a_repeat_with_a_higher_severity_raises_once_and_replans() -> None:
    world = a_world()
    world.until(3)

    world.fire(an_alert(severity="sev1"))
    world.fire(an_alert(severity="sev1"))

    assert world.state.severity is Severity.SEV1
    raised = [e.text for e in world.entries if "→" in e.text]
    assert raised == ["SEV3 → SEV1: the alert's severity label"]
    assert world.state.deadlines["level/escalation"].at == START + timedelta(minutes=5)


def test_a_raise_whose_new_wait_is_past_acts_once_now() -> None:
    """12 of SEV3's 30 min are spent; SEV1 has 5: level 2 is paged now, and only it."""
    world = a_world()
    world.until(12)

    world.say("zoe", "severity", severity="SEV1", reason="users are hit")

    assert world.pages_of("bo") == [12]
    assert world.pages_of("ann") == [0]
    assert world.state.deadlines["level/escalation"].at == START + timedelta(minutes=17)


def test_sev3_acknowledged_then_sev1_keeps_the_ack_pages_command_and_asks_the_holder() -> None:
    world = a_world()
    world.say("ann", "acknowledge")
    world.until(10)

    world.fire(an_alert("a2", severity="sev1"))

    assert world.phase is Phase.ACKNOWLEDGED
    assert world.pages_of("cy") == [10]
    assert world.pages_of("ann") == [0]
    assert (10, "ann", "Raised to SEV1: are you on it? a1 is down") in world.notices


def test_a_holder_who_does_not_confirm_the_raise_has_the_level_paged_again() -> None:
    world = a_world()
    world.say("ann", "acknowledge")
    world.until(10)
    world.fire(an_alert("a2", severity="sev1"))

    world.until(15)

    assert world.pages_of("ann") == [0, 15]
    assert world.phase is Phase.TRIGGERED


def test_a_holder_who_confirms_the_raise_is_left_alone() -> None:
    world = a_world()
    world.say("ann", "acknowledge")
    world.until(10)
    world.fire(an_alert("a2", severity="sev1"))

    world.say("ann", "confirm")
    world.until(20)

    assert world.pages_of("ann") == [0]
    assert "confirmed.raise" in world.kinds()


def test_the_new_holder_of_operations_may_confirm_in_place_of_the_old() -> None:
    world = a_world()
    world.say("ann", "acknowledge")
    world.say("zoe", "severity", severity="SEV1", reason="users are hit")
    offer = world.say("ann", "assign", role="operations_lead", to="user:bo").offer
    world.say("bo", "accept_handoff", offer=offer)

    turned = world.say("bo", "confirm", question="raise")

    assert turned.sentence == "Confirmed: you are on it."
    assert "ask/raise" not in world.state.deadlines


def test_whoever_raises_is_not_asked_to_confirm_their_own_raise() -> None:
    world = a_world()
    world.say("ann", "acknowledge")

    world.say("ann", "severity", severity="SEV1", reason="users are hit")

    assert "raise" not in world.state.asks


def test_a_severity_set_by_hand_is_not_changed_back_by_repeats() -> None:
    world = a_world("sev1")
    world.say("ann", "acknowledge")
    world.say("ann", "severity", severity="SEV3", reason="one user only")

    world.fire(an_alert(severity="sev1"))
    world.fire(an_alert(severity="warning"))

    assert world.state.severity is Severity.SEV3


def test_the_severity_never_falls_by_itself() -> None:
    world = a_world("sev1")

    world.fire(an_alert(severity="info"))

    assert world.state.severity is Severity.SEV1


def test_lowering_releases_roles_that_no_longer_apply_with_notice() -> None:
    world = a_world("sev1")
    world.say("ann", "acknowledge")
    world.say("cy", "accept_role", role="incident_commander")
    assert world.holder("scribe") == "cy"

    world.say("cy", "severity", severity="SEV3", reason="contained")

    assert world.holder("scribe") == ""
    assert world.holder("incident_commander") == "cy"
    assert any(who == "cy" and "scribe" in text for _, who, text in world.notices)


def test_lowering_ends_the_paging_for_a_role_that_no_longer_applies() -> None:
    world = a_world("sev1")
    world.until(1)

    world.say("ann", "severity", severity="SEV3", reason="contained")
    world.until(4)

    assert world.pages_of("cy") == [0]


def test_lowering_before_the_ack_gives_the_level_its_longer_time() -> None:
    world = a_world("sev1")
    world.until(4)

    world.say("zoe", "severity", severity="SEV3", reason="contained")

    assert world.state.deadlines["level/escalation"].at == START + timedelta(minutes=30)


def test_lowering_to_a_quiet_severity_stops_every_page() -> None:
    world = a_world("sev1")

    world.say("zoe", "severity", severity="SEV5", reason="cosmetic")
    world.until(60)

    assert world.pages == [(0, "ann", "push"), (0, "cy", "push")]


def test_a_raise_of_a_quiet_incident_that_everybody_left_pages_again() -> None:
    """SEV5 wakes nobody for a vacancy; the raise must find somebody all the same."""
    world = a_world("info")
    world.say("ann", "acknowledge")
    world.gone("ann")

    world.say("zoe", "severity", severity="SEV1", reason="it spreads")

    assert world.phase is Phase.TRIGGERED
    assert world.pages_of("ann") == [0]


def test_lowering_an_exhausted_incident_ends_its_repeats_where_the_plan_says_never() -> None:
    world = a_world("sev1")
    world.until(30)
    assert world.state.exhausted

    world.say("zoe", "severity", severity="SEV3", reason="contained")
    world.until(120)

    assert max(world.pages_of("mo")) == 30


def test_lowering_an_exhausted_incident_that_reached_nobody_keeps_trying() -> None:
    world = World(a_plan(), {})
    world.fire(an_alert(severity="sev1"))

    world.say("zoe", "severity", severity="SEV3", reason="contained")
    world.on_call["user:manager"] = [a_person("mo")]
    world.until(16)

    assert world.pages_of("mo") == [15]


def test_the_same_severity_again_is_refused() -> None:
    turned = a_world().say("ann", "severity", severity="SEV3", reason="because")

    assert turned.refused
    assert turned.sentence == "The severity is SEV3 already."


def test_the_first_rule_that_holds_sets_the_severity() -> None:
    rules = (
        SeverityRule(set=Severity.SEV1, when="size(alerts.labels.dc) >= 3", criteria="three"),
        SeverityRule(set=Severity.SEV2, when="alerts.firing >= 1"),
    )
    world = World(a_plan(severity=SeverityPlan(rules=rules)), dict(ON_CALL))
    world.fire(an_alert("a1", dc="dc1"))
    before = world.state.severity

    world.fire(an_alert("a2", dc="dc2"), an_alert("a3", dc="dc3"))

    assert (before, world.state.severity) == (Severity.SEV2, Severity.SEV1)


def test_a_rule_that_cannot_be_judged_takes_the_worse_of_table_and_default() -> None:
    rules = (SeverityRule(set=Severity.SEV4, when="labels.region == 'eu'"),)
    plan = a_plan(severity=SeverityPlan(rules=rules, default=Severity.SEV3))
    world = World(plan, dict(ON_CALL))

    world.fire(an_alert(severity="critical"))

    assert world.state.severity is Severity.SEV2
    assert world.kinds().count("condition.unknown") == 1


def test_the_default_of_the_playbook_holds_where_no_rule_does() -> None:
    plan = a_plan(severity=SeverityPlan(default=Severity.SEV4))
    world = World(plan, dict(ON_CALL))

    world.fire(an_alert(severity="critical"))

    assert world.state.severity is Severity.SEV4


def test_a_raise_by_an_alert_re_times_a_running_checklist() -> None:
    """Only a severity set by hand used to re-derive it."""
    step = ChecklistStep(
        id="look", items=(ChecklistItem(id="one", text="One"),), deadline=minutes(5, 10, 30)
    )
    world = a_world(steps=(step,))
    world.say("ann", "acknowledge")

    world.fire(an_alert("a2", severity="sev1"))

    assert world.state.deadlines["step/look"].at == START + timedelta(minutes=5)


def test_cancelled_after_a_lower_severity_stops_every_timer() -> None:
    world = a_world("sev1")
    world.say("ann", "severity", severity="SEV3", reason="contained")

    turned = world.say("ann", "cancel", reason="a test of the alarm")
    world.until(1000)

    assert turned.sentence == "Cancelled. 1 alert still fires and is absorbed."
    assert list(world.state.deadlines) == ["absorb"]
    assert max(minute for minute, _, _ in world.pages) == 0
    assert world.phase is Phase.CANCELLED


def test_a_raise_after_a_long_silence_asks_one_question_not_two() -> None:
    """The shorter `ack_expires` of the new severity used to ask "still on it?" as well."""
    world = a_world("warning")
    world.say("ann", "acknowledge")
    world.until(40)

    world.fire(an_alert("a2", severity="sev1"))

    assert [text for minute, who, text in world.notices if (minute, who) == (40, "ann")] == [
        "Raised to SEV1: are you on it? a1 is down"
    ]
