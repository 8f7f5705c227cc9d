"""Acknowledging: one outcome, second taps, silence, and sources."""

from datetime import datetime, timedelta

from domain.incident.events import DeadlineReached
from domain.incident.view import Phase
from tests.incident.plans import a_plan, an_escalation
from tests.incident.world import START, World, a_person, an_alert

ON_CALL = {
    "schedule:first": [a_person("ann", ("push", 0), ("sms", 1))],
    "schedule:second": [a_person("bo")],
    "user:manager": [a_person("mo")],
}


def a_world(severity: str = "sev1", **extra: object) -> World:
    """An incident that pages Ann, then Bo."""
    world = World(a_plan(**extra), dict(ON_CALL))
    world.fire(an_alert(severity=severity))
    return world


def acknowledged(severity: str = "sev1", **extra: object) -> World:
    """The same, acknowledged by Ann in its first minute."""
    world = a_world(severity, **extra)
    world.say("ann", "acknowledge")
    return world


def test_an_ack_before_the_timer_of_the_same_instant_lets_no_page_leave() -> None:
    world = a_world()
    world.until(4.99)
    world.now = world.state.deadlines["level/escalation"].at

    world.say("ann", "acknowledge")
    world.take(DeadlineReached(name="level/escalation"))

    assert world.pages_of("bo") == []
    assert world.phase is Phase.ACKNOWLEDGED


def test_a_page_before_the_ack_of_the_same_instant_is_followed_by_acknowledged_by() -> None:
    world = a_world()
    world.until(5)

    world.say("ann", "acknowledge")

    assert world.pages_of("bo") == [5]
    assert (5, "bo", "Acknowledged by Ann. a1 is down") in world.notices


def test_the_second_tap_of_the_same_person_names_the_first() -> None:
    world = acknowledged()
    world.until(7)

    turned = world.say("ann", "acknowledge")

    assert turned.sentence == "You acknowledged at 03:00 UTC."
    assert world.kinds().count("acknowledged") == 1


def test_a_second_person_joins_and_both_are_recorded() -> None:
    world = acknowledged()

    turned = world.say("bo", "acknowledge")

    assert turned.sentence == "You joined: Ann acknowledged before you."
    assert world.holder("operations_lead") == "ann"
    assert world.holder("responders") == "bo"
    assert set(world.state.acked_by) == {"ann", "bo"}


def test_the_first_acknowledger_works_on_it_and_acts_as_commander() -> None:
    world = acknowledged()

    assert world.holder("operations_lead") == "ann"
    assert world.holder("incident_commander") == "ann (acting)"


def test_an_ack_on_a_resolved_incident_is_refused_naming_the_state() -> None:
    world = acknowledged()
    world.say("ann", "resolve")

    turned = world.say("bo", "acknowledge")

    assert turned.refused
    assert "resolved since 03:00" in turned.sentence
    assert "Reopen it first" in turned.sentence


def test_a_command_after_the_close_is_refused_naming_the_state() -> None:
    """It used to be swallowed without a word."""
    world = acknowledged()
    world.fire(an_alert(status="resolved", severity="sev1"))
    world.say("ann", "resolve")
    world.until(31)

    turned = world.say("bo", "acknowledge")

    assert turned.refused
    assert turned.sentence == "The incident is closed since 03:30 UTC."
    assert turned.entries == ()


def test_silence_asks_still_on_it_and_then_pages_the_same_level_anew() -> None:
    """Level 2 had been reached: level 2 is paged again, under a new cycle's key."""
    world = a_world()
    world.until(6)
    world.say("bo", "acknowledge")
    world.until(36)
    asked = [who for minute, who, text in world.notices if "Still on it?" in text]

    world.until(41)

    assert asked == ["bo"]
    assert world.pages_of("bo") == [5, 41]
    assert world.pages_of("ann") == [0, 1]
    assert len(set(world.keys)) == len(world.keys)
    assert world.phase is Phase.TRIGGERED
    assert world.holder("incident_commander") == "bo (acting) (on paper)"


def test_one_tap_answers_still_on_it() -> None:
    world = acknowledged()
    world.until(31)

    turned = world.say("ann", "confirm")
    world.until(60)

    assert turned.sentence == "Confirmed: you are on it."
    assert world.phase is Phase.ACKNOWLEDGED
    assert "asked.still_on_it" not in [e.kind for e in world.entries if e.at > minute(32)]


def minute(number: float) -> datetime:
    """The moment of that minute."""
    return START + timedelta(minutes=number)


def test_any_action_of_a_role_holder_restarts_the_clock_of_silence() -> None:
    world = acknowledged()
    world.until(29)

    world.say("ann", "note", text="looking at the logs")
    world.until(58)

    assert "asked.still_on_it" not in world.kinds()


def test_somebody_else_who_answers_the_second_call_takes_it_over() -> None:
    world = acknowledged()
    world.until(36)

    world.say("bo", "acknowledge")

    assert world.holder("operations_lead") == "bo"
    assert world.holder("incident_commander") == "bo (acting)"


def test_an_acknowledgement_taken_back_pages_the_same_level_in_a_new_cycle() -> None:
    world = acknowledged()
    world.until(3)

    turned = world.say("ann", "unacknowledge", reason="wrong button")

    assert world.pages_of("ann") == [0, 3]
    assert world.phase is Phase.TRIGGERED
    assert turned.sentence == "Your acknowledgement is taken back; the level is paged again."
    assert len(set(world.keys)) == len(world.keys)


def test_a_joiner_who_takes_it_back_leaves_the_first_acknowledgement_standing() -> None:
    """It used to page everybody although Ann was on it."""
    world = acknowledged()
    world.say("bo", "acknowledge")

    world.say("bo", "unacknowledge")

    assert world.phase is Phase.ACKNOWLEDGED
    assert set(world.state.acked_by) == {"ann"}
    assert world.pages_of("ann") == [0]


def test_taking_back_what_one_never_said_is_refused_naming_who_did() -> None:
    world = acknowledged()

    turned = world.say("bo", "unacknowledge")

    assert turned.refused
    assert turned.sentence == "You have not acknowledged it: Ann has."


def test_taking_back_before_anybody_acknowledged_is_refused() -> None:
    turned = a_world().say("ann", "unacknowledge")

    assert turned.sentence == "The incident is triggered: nobody has acknowledged it."


def test_an_acknowledgement_taken_back_after_recovery_pages_nobody_and_still_ends() -> None:
    """It used to wait for ever: paging paused, and no deadline was left."""
    world = acknowledged()
    world.fire(an_alert(status="resolved", severity="sev1"))
    world.until(7)

    turned = world.say("ann", "unacknowledge")
    world.until(13)

    assert turned.sentence == "Your acknowledgement is taken back; nobody is paged now."
    assert world.pages_of("ann") == [0]
    assert world.phase is Phase.RESOLVED


def test_a_source_stops_paging_fills_no_role_and_asks_level_1_to_lead() -> None:
    world = a_world()
    world.until(1)

    turned = world.say("source:pagerduty", "acknowledge")

    assert turned.sentence == "Acknowledged; level 1 is asked to take command."
    assert world.phase is Phase.ACKNOWLEDGED
    assert world.state.holder_ids() == ()
    assert [who for _, who, text in world.notices if "take command?" in text] == ["ann"]


def test_a_source_whom_nobody_follows_is_not_enough() -> None:
    world = a_world()
    world.say("source:pagerduty", "acknowledge")

    world.until(5)

    assert world.pages_of("ann") == [0, 5]
    assert world.phase is Phase.TRIGGERED


def test_the_person_who_follows_a_source_takes_command() -> None:
    world = a_world()
    world.say("source:pagerduty", "acknowledge")

    world.say("ann", "confirm")
    world.until(20)

    assert world.holder("incident_commander") == "ann (acting)"
    assert world.pages_of("ann") == [0]


def test_a_source_that_acknowledges_what_is_acknowledged_changes_nothing() -> None:
    world = acknowledged()

    turned = world.say("source:pagerduty", "acknowledge")

    assert turned.sentence == "Nobody is being paged: acknowledged."


def test_a_source_can_do_nothing_else() -> None:
    turned = a_world().say("source:pagerduty", "resolve")

    assert turned.refused
    assert "only people can resolve" in turned.sentence


def test_a_raise_after_a_source_acknowledged_shortens_the_wait_for_a_person() -> None:
    """At SEV4 a person has 60 min to follow; at SEV1 it is 5."""
    world = a_world("ticket")
    world.say("source:pagerduty", "acknowledge")

    world.say("bo", "severity", severity="SEV1", reason="it spreads")
    world.until(5)

    assert world.pages_of("ann") == [0, 5]
    assert world.phase is Phase.TRIGGERED


def test_a_source_at_a_quiet_severity_wakes_nobody_later_either() -> None:
    world = a_world("info")
    world.say("source:pagerduty", "acknowledge")

    world.until(60)

    assert world.pages == []


def test_ann_who_is_on_it_answers_a_later_page_with_the_same_tap() -> None:
    """The second tap used to leave a call for help ringing."""
    world = acknowledged(escalation=an_escalation(("schedule:first",), repeat=0))
    world.on_call["user:manager"] = [a_person("ann", ("push", 0), ("sms", 1))]
    world.until(2)
    world.say("ann", "escalate", reason="help")

    world.say("ann", "acknowledge")
    world.until(10)

    assert world.pages_of("ann") == [0, 2]


def test_an_acknowledgement_while_pending_triggers_and_takes_it() -> None:
    from domain.plan import AlertTrigger

    guard = AlertTrigger(hold=timedelta(minutes=3))
    world = a_world(triggers=(guard,))

    world.say("ann", "acknowledge")

    assert world.phase is Phase.ACKNOWLEDGED
    assert world.pages == []
    assert world.holder("operations_lead") == "ann"


def test_whoever_acts_after_a_raise_is_on_it() -> None:
    """Somebody who is visibly at work is not paged again for not having tapped."""
    world = a_world()
    world.fire(an_alert(severity="warning"))
    world.say("ann", "acknowledge")
    world.say("bo", "severity", severity="SEV1", reason="worse")
    before = len(world.pages_of("ann"))

    world.say("ann", "note", text="rolling back")
    world.until(20)

    assert "raise" not in world.state.asks
    assert len(world.pages_of("ann")) == before
