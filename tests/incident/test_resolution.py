"""The end: recovered, confirmed, resolved, absorbed, reopened, succeeded, closed."""

from datetime import timedelta

from domain.incident.view import Phase
from domain.plan import Announce, Dedup, Mitigated, ResolvePlan, RolePlan
from domain.severity import Severity
from tests.incident.plans import DEFAULT_ROLES, a_plan, an_escalation, confirm, minutes
from tests.incident.world import World, a_person, an_alert

ON_CALL = {
    "schedule:first": [a_person("ann", ("push", 0), ("sms", 1))],
    "schedule:second": [a_person("bo")],
    "schedule:command": [a_person("cy", ("push", 0), ("sms", 2))],
    "user:manager": [a_person("mo")],
}
T0, LATER = "2026-11-25T03:00:00Z", "2026-11-25T04:00:00Z"
FIRES = an_alert(severity="warning", starts_at=T0)
OVER = an_alert(status="resolved", severity="warning", starts_at=T0)
AGAIN = an_alert(severity="warning", starts_at=LATER)


def a_world(**extra: object) -> World:
    """An incident at SEV3 that nobody has acknowledged."""
    world = World(a_plan(**extra), dict(ON_CALL))
    world.fire(FIRES)
    return world


def acknowledged(**extra: object) -> World:
    """The same, acknowledged by Ann."""
    world = a_world(**extra)
    world.say("ann", "acknowledge")
    return world


# -- by itself ----------------------------------------------------------------------------


def test_recovered_without_an_ack_pauses_paging_says_so_once_and_resolves_after_hold() -> None:
    world = a_world()
    world.until(0.5)

    world.fire(OVER)
    world.until(10)

    assert world.pages == [(0, "ann", "push")]
    said = [text for _, who, text in world.notices if who == "ann" and "Recovered" in text]
    assert said == ["Recovered by itself, nothing is asked of you: a1 is down"]
    resolved = next(entry for entry in world.entries if entry.kind == "resolved")
    assert resolved.at - world.state.opened_at == timedelta(minutes=5.5)
    assert "asked.resolve" not in world.kinds()


def test_firing_again_in_the_pause_pages_at_once_in_a_new_cycle() -> None:
    world = a_world()
    world.until(0.5)
    world.fire(OVER)
    world.until(3)

    world.fire(AGAIN)

    assert world.pages_of("ann") == [0, 3]
    assert len(set(world.keys)) == len(world.keys)
    assert "resolve_hold" not in world.state.deadlines


def test_the_pause_silences_role_pages_too_and_they_start_over_with_it() -> None:
    """The commander's SMS used to go out after "nothing is asked of you"."""
    roles = DEFAULT_ROLES | {"incident_commander": RolePlan(page=("schedule:command",))}
    world = a_world(roles=roles)
    world.until(1)
    world.fire(OVER)
    world.until(3)
    assert world.pages_of("cy") == [0]

    world.fire(AGAIN)

    assert world.pages_of("cy") == [0, 3]


def test_an_exhausted_incident_that_recovers_is_left_in_peace() -> None:
    world = World(a_plan(), dict(ON_CALL))
    world.fire(an_alert(severity="sev1"))
    world.until(31.5)
    assert world.state.exhausted

    world.fire(an_alert(status="resolved"))
    world.until(60)

    assert max(minute for minute, _, _ in world.pages) <= 31.5
    assert world.phase is Phase.RESOLVED


def test_whoever_wants_people_in_the_pause_gets_them() -> None:
    world = a_world()
    world.fire(OVER)

    world.say("ann", "escalate", reason="it is not over")

    assert world.pages_of("bo") == [0]


def test_an_acknowledged_incident_is_not_resolved_but_proposed_to_its_commander() -> None:
    world = acknowledged()
    world.fire(OVER)

    world.until(6)

    assert world.phase is Phase.ACKNOWLEDGED
    assert (5, "ann", "Is it over? a1 is down") in world.notices


def test_silence_on_the_proposal_reminds_every_hour_and_never_closes() -> None:
    world = acknowledged()
    world.fire(OVER)

    world.until(130)

    asked = [minute for minute, _, text in world.notices if "Is it over?" in text]
    assert asked == [5, 65, 125]
    assert world.phase is Phase.ACKNOWLEDGED


def test_the_commander_s_yes_resolves() -> None:
    world = acknowledged()
    world.fire(OVER)
    world.until(7)

    turned = world.say("ann", "confirm")

    assert turned.sentence == "Resolved."
    assert world.phase is Phase.RESOLVED


def test_a_yes_from_somebody_not_asked_is_refused() -> None:
    world = acknowledged()
    world.fire(OVER)
    world.until(7)

    turned = world.say("bo", "confirm")

    assert turned.sentence == "Nothing is asked of you now."


def test_a_new_commander_may_say_yes_to_what_the_old_one_was_asked() -> None:
    world = acknowledged()
    world.fire(OVER)
    world.until(7)
    offer = world.say("ann", "assign", role="incident_commander", to="user:bo").offer
    world.say("bo", "accept_handoff", offer=offer)

    world.say("bo", "confirm", question="resolve")

    assert world.phase is Phase.RESOLVED


def test_firing_again_takes_the_proposal_back() -> None:
    world = acknowledged()
    world.fire(OVER)
    world.until(7)

    world.fire(AGAIN)

    assert "resolve" not in world.state.asks
    assert world.say("ann", "confirm").refused


def test_a_proposal_outlives_an_acknowledgement_that_ran_out() -> None:
    """The question used to be forgotten with it: nothing was left to end the incident."""
    world = acknowledged()
    world.fire(OVER)
    world.until(7)
    world.say("ann", "unacknowledge")

    world.say("bo", "acknowledge")
    world.until(13)

    assert (12, "bo", "Is it over? a1 is down") in world.notices


def test_who_is_asked_whether_it_is_over_is_not_woken_for_falling_silent() -> None:
    """The reminders are silent; "still on it?" used to page the level again at night."""
    world = acknowledged(escalation=an_escalation(ack_expires=minutes(30)))
    world.fire(OVER)

    world.until(300)
    assert [minute for minute, who, _ in world.pages if minute > 0] == []

    world.fire(an_alert(severity="warning", starts_at="2026-11-25T08:00:00Z"))
    world.until(300)

    assert any("Still on it?" in text for minute, _, text in world.notices if minute == 300)


def test_a_proposal_at_a_severity_that_needs_nobody_s_word_resolves_at_the_reminder() -> None:
    world = acknowledged()
    world.fire(OVER)
    world.until(7)

    world.say("ann", "severity", severity="SEV4", reason="it was small")
    world.until(70)

    assert "resolved" in world.kinds()


def test_a_severity_that_needs_nobody_resolves_after_the_hold() -> None:
    world = acknowledged(resolve=ResolvePlan(confirm=confirm("nobody")))
    world.fire(OVER)

    world.until(5)

    assert world.phase is Phase.RESOLVED


def test_a_role_that_nobody_holds_leaves_the_question_to_the_commander() -> None:
    world = acknowledged(
        roles=DEFAULT_ROLES | {"scribe": RolePlan()},
        resolve=ResolvePlan(confirm=confirm("role:scribe")),
    )
    world.fire(OVER)

    world.until(5)

    assert world.state.asks["resolve"].of == ("ann",)


def test_declared_by_hand_never_resolves_by_itself() -> None:
    world = World(a_plan(), dict(ON_CALL))
    world.declare("Customers complain", severity=Severity.SEV2, text="Two calls so far")
    world.say("ann", "acknowledge")

    world.until(3000)

    assert world.phase in (Phase.ACKNOWLEDGED, Phase.TRIGGERED)
    assert "recovering" not in world.kinds()
    assert world.state.title == "Customers complain"


def test_a_declaration_without_a_word_is_called_after_the_playbook() -> None:
    world = World(a_plan(), dict(ON_CALL))

    world.declare("   ")

    assert world.state.title == "down"


def test_a_resolve_condition_that_cannot_be_judged_is_said_and_keeps_it_open() -> None:
    plan = ResolvePlan(when="labels.gone == 'x'", confirm=confirm("nobody"))
    world = acknowledged(resolve=plan)

    world.fire(OVER)
    world.until(60)

    assert world.phase is not Phase.RESOLVED
    assert world.kinds().count("condition.unknown") == 1


# -- mitigated -----------------------------------------------------------------------------


def test_a_person_says_mitigated_and_nobody_is_asked_whether_they_are_on_it() -> None:
    world = acknowledged()

    turned = world.say("ann", "mitigate", text="failed over")
    world.until(500)

    assert turned.sentence == "Mitigated."
    assert "asked.still_on_it" not in world.kinds()
    assert world.phase is Phase.MITIGATED


def test_mitigating_what_is_mitigated_is_refused() -> None:
    world = acknowledged()
    world.say("ann", "mitigate")

    assert world.say("ann", "mitigate").sentence == "The incident is mitigated already."


def test_mitigating_what_nobody_acknowledged_acknowledges_it() -> None:
    world = a_world()

    world.say("ann", "mitigate")

    assert world.holder("incident_commander") == "ann (acting)"
    assert world.phase is Phase.MITIGATED


def test_mitigating_after_a_source_s_ack_makes_one_responsible() -> None:
    world = a_world()
    world.say("source:tool", "acknowledge")

    world.say("ann", "mitigate")

    assert world.phase is Phase.MITIGATED
    assert world.holder("operations_lead") == "ann"


def test_the_condition_of_mitigated_must_hold() -> None:
    mitigated = Mitigated(when="alerts.firing <= 1", hold=timedelta(minutes=5))
    world = World(a_plan(mitigated=mitigated), dict(ON_CALL))
    world.fire(FIRES, an_alert("a2", severity="warning"))
    world.say("ann", "acknowledge")
    world.fire(OVER)
    world.until(3)
    before = world.phase

    world.until(5)

    assert (before, world.phase) == (Phase.ACKNOWLEDGED, Phase.MITIGATED)


def test_a_condition_of_mitigated_that_fails_again_starts_over() -> None:
    mitigated = Mitigated(when="alerts.firing <= 1", hold=timedelta(minutes=5))
    world = acknowledged(mitigated=mitigated)
    world.until(3)

    world.fire(an_alert("a2", severity="warning"))

    assert "mitigated" not in world.state.deadlines


def test_mitigated_without_a_hold_is_at_once_and_unknown_is_said() -> None:
    at_once = acknowledged(mitigated=Mitigated(when="alerts.firing == 1"))
    unknown = acknowledged(mitigated=Mitigated(when="labels.gone == 'x'"))

    assert at_once.phase is Phase.MITIGATED
    assert unknown.phase is Phase.ACKNOWLEDGED
    assert "condition.unknown" in unknown.kinds()


def test_a_new_alert_ends_mitigated() -> None:
    world = acknowledged()
    world.say("ann", "mitigate")

    world.fire(an_alert("a2", severity="warning"))

    assert world.phase is Phase.ACKNOWLEDGED


# -- after the end -------------------------------------------------------------------------


def test_resolved_by_hand_while_firing_absorbs_repeats_for_a_day() -> None:
    world = acknowledged()
    world.say("ann", "resolve", text="known and harmless")

    for hour in range(1, 23):
        world.until(60 * hour)
        world.fire(FIRES)

    assert world.phase is Phase.RESOLVED
    assert world.pages_of("ann") == [0]
    world.until(60 * 24)
    assert world.state.finished


def test_absorbing_ends_when_the_alerts_do() -> None:
    world = acknowledged()
    world.say("ann", "resolve")
    world.until(100)

    world.fire(OVER)

    assert world.phase is Phase.CLOSED


def test_a_new_episode_inside_the_window_reopens_and_pages_level_1() -> None:
    world = acknowledged()
    world.fire(OVER)
    world.say("ann", "resolve")
    world.until(10)

    world.fire(AGAIN)

    assert world.phase is Phase.TRIGGERED
    assert world.state.reopened == 1
    assert world.pages_of("ann") == [0, 10]
    assert len(set(world.keys)) == len(world.keys)


def test_whoever_answers_the_reopened_incident_works_on_it() -> None:
    world = acknowledged()
    world.fire(OVER)
    world.say("ann", "resolve")
    world.fire(AGAIN)

    world.say("bo", "acknowledge")

    assert world.holder("operations_lead") == "bo"
    assert world.holder("incident_commander") == "bo (acting)"


def test_a_source_that_acknowledges_a_reopened_incident_still_asks_for_a_person() -> None:
    world = acknowledged()
    world.fire(OVER)
    world.say("ann", "resolve")
    world.fire(AGAIN)

    world.say("source:tool", "acknowledge")

    assert "ask/take_command" in world.state.deadlines


def test_another_alert_inside_the_window_reopens_a_cancelled_incident() -> None:
    world = acknowledged()
    world.say("ann", "cancel")

    world.fire(an_alert("a2", severity="warning"))

    assert world.phase is Phase.TRIGGERED


def test_a_new_episode_after_the_window_is_left_to_a_fresh_incident() -> None:
    world = acknowledged()
    world.fire(an_alert("a2", severity="warning"))
    world.fire(OVER)
    world.say("ann", "resolve")
    world.until(40)

    world.fire(AGAIN)

    assert world.successor == (AGAIN,)
    assert world.phase is Phase.CLOSED
    assert world.pages_of("ann") == [0]


def test_it_closes_when_its_window_is_past() -> None:
    world = acknowledged()
    world.fire(OVER)
    world.say("ann", "resolve")

    world.until(31)

    assert world.phase is Phase.CLOSED
    assert world.state.deadlines == {}


def test_without_a_window_it_closes_at_once() -> None:
    world = acknowledged(dedup=Dedup(reopen_within=timedelta(0)))
    world.fire(OVER)

    world.say("ann", "resolve")

    assert world.phase is Phase.CLOSED


def test_reopened_by_hand_pages_again_and_a_quiet_one_does_not() -> None:
    world = acknowledged()
    world.say("ann", "resolve")
    turned = world.say("ann", "reopen", reason="it is back")
    quiet = World(a_plan(), dict(ON_CALL))
    quiet.fire(an_alert(severity="info"))
    quiet.say("ann", "resolve")

    quiet.say("ann", "reopen")

    assert turned.sentence == "Reopened; level 1 is paged."
    assert world.pages_of("ann") == [0, 0]
    assert quiet.pages == []
    assert quiet.phase is Phase.TRIGGERED


def test_reopening_what_is_open_is_refused_naming_the_state() -> None:
    turned = acknowledged().say("ann", "reopen")

    assert turned.sentence == "The incident is acknowledged: there is nothing to reopen."


def test_resolved_before_the_ack_tells_those_who_were_paged() -> None:
    world = a_world()

    world.say("bo", "resolve", text="my mistake")

    assert (0, "ann", "Resolved: by Bo: my mistake. a1 is down") in world.notices


def test_every_change_is_announced_once_to_those_who_want_it() -> None:
    announce = Announce(
        to=("destination:desk",), on=("opened", "severity", "commander", "mitigated", "resolved")
    )
    world = a_world(announce=(announce,))
    world.say("ann", "acknowledge")
    world.say("ann", "severity", severity="SEV2", reason="worse")
    world.say("ann", "accept_role", role="incident_commander")
    world.say("ann", "mitigate")
    world.say("ann", "resolve")

    assert [text for _, text in world.announced] == [
        "[SEV3] a1 is down: opened at SEV3.",
        "[SEV2] a1 is down: SEV3 → SEV2: worse",
        "[SEV2] a1 is down: Ann commands the incident.",
        "[SEV2] a1 is down: mitigated by Ann.",
        "[SEV2] a1 is down: resolved: by Ann.",
    ]
