"""More people: criteria, the last resort, "escalate now", and what is written down."""

from datetime import timedelta
from typing import Any

import pytest

from domain.incident.effects import Outcome, SendResult
from domain.incident.events import DeadlineReached, MessageFinished
from domain.incident.view import Phase
from domain.plan import EscalationCriterion, Exhausted, RolePick, RolePlan
from domain.severity import Severity
from tests.incident.plans import DEFAULT_ROLES, a_plan, an_escalation, minutes
from tests.incident.world import START, World, a_person, an_alert

ON_CALL = {
    "schedule:first": [a_person("ann", ("push", 0), ("sms", 1))],
    "schedule:second": [a_person("bo")],
    "schedule:network": [a_person("nell")],
    "user:manager": [a_person("mo")],
    "user:director": [a_person("di", ("push", 0), ("sms", 2))],
}


def a_world(*criteria: EscalationCriterion, severity: str = "sev1", **extra: Any) -> World:
    """An incident with these criteria."""
    plan = a_plan(escalation=an_escalation(criteria=criteria, **extra))
    world = World(plan, dict(ON_CALL))
    world.fire(an_alert(severity=severity, region="eu"))
    return world


AFTER_AN_HOUR = EscalationCriterion(
    after=minutes(60, 240, None), page=("user:director",), because="an hour of work"
)


# -- criteria ------------------------------------------------------------------------------


def test_an_hour_after_the_trigger_the_director_is_paged_although_somebody_is_on_it() -> None:
    world = a_world(AFTER_AN_HOUR, ack_expires=minutes(None))
    world.until(3)
    world.say("ann", "acknowledge")

    world.until(61)

    assert world.pages_of("di") == [60]
    assert world.phase is Phase.ACKNOWLEDGED
    assert world.kinds().count("criterion") == 1


def test_a_time_criterion_follows_the_severity() -> None:
    world = a_world(AFTER_AN_HOUR, ack_expires=minutes(None))
    world.say("ann", "acknowledge")

    world.say("ann", "severity", severity="SEV2", reason="contained")
    assert world.state.deadlines["criterion/0"].at == START + timedelta(hours=4)
    world.say("ann", "severity", severity="SEV3", reason="contained")

    assert "criterion/0" not in world.state.deadlines


def test_mitigated_stops_time_criteria() -> None:
    world = a_world(AFTER_AN_HOUR)
    world.say("ann", "acknowledge")

    world.say("ann", "mitigate")
    world.until(100)

    assert world.pages_of("di") == []


def test_who_answers_a_call_for_help_is_left_alone_and_joins() -> None:
    world = a_world(AFTER_AN_HOUR, ack_expires=minutes(None))
    world.say("ann", "acknowledge")
    world.until(61)

    world.say("di", "acknowledge")
    world.until(80)

    assert world.pages_of("di") == [60]
    assert world.holder("responders") == "di"


def test_a_condition_met_raises_pages_and_happens_once() -> None:
    second_region = EscalationCriterion(
        when="size(alerts.labels.region) >= 2",
        raise_to=Severity.SEV1,
        page=("schedule:network",),
        because="a second region is down",
    )
    world = a_world(second_region, severity="warning")
    world.say("ann", "acknowledge")
    world.until(2)

    world.fire(an_alert("a2", severity="warning", region="us"))
    world.fire(an_alert("a3", severity="warning", region="ap"))

    assert world.state.severity is Severity.SEV1
    assert world.pages_of("nell") == [2]
    assert world.kinds().count("criterion") == 1


def test_a_condition_that_cannot_be_judged_is_said_once() -> None:
    world = a_world(EscalationCriterion(when="labels.gone == 'x'", page=("user:director",)))

    world.until(20)

    assert world.kinds().count("condition.unknown") == 1


def test_a_criterion_that_finds_nobody_says_so() -> None:
    world = a_world(EscalationCriterion(when="alerts.firing > 0", page=("user:nobody",)))

    assert "help.nobody" in world.kinds()


# -- the last resort -----------------------------------------------------------------------


def exhausted(**extra: Any) -> World:
    """Nobody answered two levels of 5 min and no repeat: exhausted at 10 min."""
    given = {"repeat": 0} | extra
    world = a_world(**given)
    world.until(10)
    assert world.state.exhausted
    return world


def test_the_last_resort_is_paged_again_every_15_min() -> None:
    world = exhausted()

    world.until(41)

    assert world.pages_of("mo") == [10, 25, 40]


def test_a_new_alert_pages_the_last_resort_again_at_once() -> None:
    world = exhausted()
    world.until(12)

    world.fire(an_alert("a2", severity="sev1"))

    assert world.pages_of("mo") == [10, 12]


def test_a_raise_pages_the_last_resort_again_at_once() -> None:
    world = World(a_plan(escalation=an_escalation(repeat=0)), dict(ON_CALL))
    world.fire(an_alert(severity="critical"))
    world.until(31)
    assert world.state.exhausted

    world.say("zoe", "severity", severity="SEV1", reason="users are hit")

    assert world.pages_of("mo") == [30, 31]


def test_escalate_now_pages_the_last_resort_again() -> None:
    world = exhausted()
    world.until(13)

    world.say("zoe", "escalate")

    assert world.pages_of("mo") == [10, 13]


def test_where_the_plan_says_never_again_one_delivered_page_is_the_last() -> None:
    last = Exhausted(page=("user:manager",), again_every=minutes(None))
    world = exhausted(exhausted=last)

    world.until(120)

    assert world.pages_of("mo") == [10]


def test_where_the_plan_says_never_again_but_nobody_was_reached_it_goes_on() -> None:
    last = Exhausted(page=("user:manager",), again_every=minutes(None))
    world = a_world(exhausted=last, repeat=0)
    world.outcome = lambda page: Outcome.FAILED if page.level == "exhausted" else None
    world.until(10)

    world.until(26)

    assert world.pages_of("mo") == [10, 25]


def test_the_last_resort_s_acknowledgement_ends_it() -> None:
    world = exhausted()

    world.say("mo", "acknowledge")
    world.until(30)

    assert not world.state.exhausted
    assert world.pages_of("mo") == [10]
    assert world.holder("incident_commander") == "mo (acting)"


# -- escalate now --------------------------------------------------------------------------


def test_beyond_the_last_level_help_comes_from_the_last_resort() -> None:
    world = a_world()
    world.say("ann", "acknowledge")

    world.say("ann", "escalate")
    world.say("ann", "escalate")

    assert world.pages_of("bo") == [0]
    assert world.pages_of("mo") == [0]


def test_escalating_while_level_1_is_looked_up_pages_level_2_not_level_1_twice() -> None:
    """The answer for level 1 used to be taken for level 2's."""
    from domain.incident.effects import LookUpOnCall
    from domain.incident.events import AlertsArrived, OnCallLookedUp
    from domain.incident.people import LookedUp, LookUpAnswer
    from domain.incident.reduce import reduce
    from tests.incident.world import a_command

    world = World(a_plan(), dict(ON_CALL))
    opened = reduce(
        world.plan,
        world.state,
        AlertsArrived(batch_id="b", alerts=(an_alert(severity="sev1"),)),
        START,
    )
    (first,) = [one for one in opened.effects if isinstance(one, LookUpOnCall)]
    raised = reduce(
        world.plan,
        opened.state,
        a_command("escalate", actor="user:ann", request_id="r"),
        START,
    )
    answer = LookUpAnswer(found=(LookedUp(ref="schedule:first", people=(a_person("ann"),)),))

    late = reduce(world.plan, raised.state, OnCallLookedUp(id=first.id, answer=answer), START)

    assert late.effects == ()
    assert late.state.ladders["escalation"].stage == "looking_up"


def test_escalating_a_quiet_incident_pages_level_1_all_the_same() -> None:
    world = a_world(severity="info")

    world.say("zoe", "escalate")

    assert world.pages_of("ann") == [0]


def test_escalating_a_quiet_incident_that_somebody_is_on_brings_help_and_keeps_the_ack() -> None:
    """It used to climb a ladder that the holder's own tap could not stop."""
    world = a_world(severity="info")
    world.say("bo", "acknowledge")

    world.say("bo", "escalate")
    world.until(300)

    assert world.pages_of("ann") == [0, 1]
    assert world.pages_of("bo") == []
    assert world.phase is Phase.ACKNOWLEDGED


# -- what is written down -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "entry"),
    [("plain", "note"), ("decision", "note.decision"), ("action", "note.action")],
)
def test_a_note_stands_on_the_timeline_with_its_kind_and_author(kind: str, entry: str) -> None:
    world = a_world()

    turned = world.say("ann", "note", type=kind, text="a third one down means users are hit")

    assert turned.sentence == "Noted."
    noted = world.entries[-1]
    assert (noted.kind, noted.actor) == (entry, "user:ann")


def test_a_notice_that_failed_is_said() -> None:
    world = a_world()
    failed = SendResult(outcome=Outcome.FAILED, detail="mailbox full")

    world.take(MessageFinished(id="x", summary="Tell Ann: hello", result=failed))

    assert world.entries[-1].text == "Tell Ann: hello: mailbox full"


def test_a_deadline_acted_on_late_says_how_late() -> None:
    world = a_world()
    world.until(4)
    world.now = START + timedelta(minutes=7)

    world.take(DeadlineReached(name="level/escalation", late_s=120.0))

    late = next(entry for entry in world.entries if entry.kind == "late")
    assert late.text == "Level 1: 5 min to acknowledge: acted 2 min late."


def test_a_deadline_that_is_no_more_does_nothing() -> None:
    world = a_world()
    before = world.state

    turned = world.take(DeadlineReached(name="level/role:ghost"))

    assert turned.entries == ()
    assert world.state == before


def test_a_pick_that_nobody_takes_is_said_to_the_commander() -> None:
    pick = RolePick(when="alerts.firing > 0", page=("schedule:network",), at=tuple(Severity))
    roles = DEFAULT_ROLES | {"sme": RolePlan(many=True, pick=(pick,))}
    world = World(a_plan(roles=roles), dict(ON_CALL))
    world.fire(an_alert(severity="sev1"))
    world.say("ann", "acknowledge")

    world.until(6)

    assert any(who == "ann" and "took the role sme" in text for _, who, text in world.notices)
