"""Alerts: episodes, duplicates, late messages, orphans, and a great many of them."""

from datetime import timedelta

from domain.alert import Alert, AlertStatus
from domain.incident.alerts import KNOWN, TRACKED
from domain.incident.view import Phase
from domain.incident.views import view_of
from domain.plan import AlertTrigger, Announce
from tests.incident.plans import a_plan
from tests.incident.world import World, a_person, an_alert

ON_CALL = {
    "schedule:first": [a_person("ann")],
    "schedule:second": [a_person("bo")],
    "user:manager": [a_person("mo")],
}
T0, T1, T2 = "2026-11-25T03:00:00Z", "2026-11-25T03:20:00Z", "2026-11-25T03:40:00Z"


def a_world(*alerts: Alert, **extra: object) -> World:
    """An incident opened by these alerts."""
    world = World(a_plan(**extra), dict(ON_CALL))
    world.fire(*(alerts or (an_alert(severity="warning", starts_at=T0),)))
    return world


def test_a_resolve_of_what_never_fired_opens_and_pages_nothing() -> None:
    world = a_world(an_alert(status="resolved"))

    assert world.pages == []
    assert world.phase is Phase.CLOSED
    assert world.state.finished


def test_a_thousand_repeats_are_one_alert_one_page_and_999_duplicates() -> None:
    alert = an_alert(severity="warning", starts_at=T0)
    world = a_world(alert)

    for _ in range(9):
        world.fire(*([alert] * 111))

    assert len(world.state.alerts) == 1
    assert world.state.duplicates == 999
    assert world.pages == [(0, "ann", "push")]


def test_the_same_batch_twice_counts_once() -> None:
    world = a_world()
    world.fire(an_alert(severity="warning", starts_at=T0), batch="again")

    world.fire(an_alert(severity="warning", starts_at=T0), batch="again")

    assert world.state.duplicates == 1


def test_three_of_five_resolved_stays_open_and_says_so() -> None:
    world = a_world(*(an_alert(f"a{n}", severity="warning") for n in range(5)))

    world.fire(*(an_alert(f"a{n}", status="resolved") for n in range(3)))

    assert world.phase is Phase.TRIGGERED
    assert "3 of 5 alerts resolved." in [entry.text for entry in world.entries]


def test_a_new_alert_on_an_acknowledged_incident_is_one_quiet_notice() -> None:
    world = a_world(an_alert("one", severity="warning", dc="dc1"))
    world.say("ann", "acknowledge")
    world.until(10)

    world.fire(an_alert("two", severity="warning", dc="dc2"))

    assert world.notices == [(10, "ann", "2 firing: dc1, dc2: one is down")]
    assert world.pages_of("ann") == [0]


def test_a_new_alert_before_the_ack_starts_no_new_ladder() -> None:
    world = a_world()
    world.until(3)

    world.fire(an_alert("two", severity="warning"))

    assert world.pages_of("ann") == [0]
    assert "alert.firing" in world.kinds()


def test_another_start_while_firing_updates_the_same_episode() -> None:
    world = a_world()

    world.fire(an_alert(severity="warning", starts_at=T1))

    (alert,) = world.state.alerts.values()
    assert (alert.starts_at, alert.episodes) == (T1, 1)


def test_an_older_message_while_firing_changes_nothing_of_the_episode() -> None:
    world = a_world(an_alert(severity="warning", starts_at=T0.replace("03:", "02:")))
    world.until(30)
    world.fire(an_alert(severity="warning", starts_at=T1, mood="new"))

    world.fire(an_alert(severity="sev1", starts_at=T0, mood="old"))

    (alert,) = world.state.alerts.values()
    assert (alert.starts_at, alert.labels["mood"]) == (T1, "new")
    assert world.state.severity == "SEV3"


def test_the_same_fingerprint_after_its_resolve_is_a_new_episode() -> None:
    world = a_world()
    world.say("ann", "acknowledge")
    world.fire(an_alert(status="resolved", starts_at=T0))
    world.until(21)

    world.fire(an_alert(severity="warning", starts_at=T1))

    (alert,) = world.state.alerts.values()
    assert (alert.episodes, alert.is_firing) == (2, True)


def test_a_late_firing_message_of_a_resolved_episode_reopens_nothing() -> None:
    world = a_world()
    world.fire(an_alert(status="resolved", starts_at=T0))
    world.say("ann", "resolve")

    world.fire(an_alert(severity="warning", starts_at=T0))

    assert world.phase is Phase.RESOLVED
    assert not world.state.firing


def test_a_late_resolve_of_an_older_episode_ends_nothing() -> None:
    world = a_world()
    world.until(30)
    world.fire(an_alert(severity="warning", starts_at=T1))

    world.fire(an_alert(status="resolved", starts_at=T0))

    assert len(world.state.firing) == 1


def test_a_sender_without_starts_has_an_episode_from_first_firing_to_resolve() -> None:
    world = a_world(an_alert(severity="warning"))
    world.fire(an_alert(status="resolved"))

    world.fire(an_alert(severity="warning"))

    (alert,) = world.state.alerts.values()
    assert (alert.episodes, alert.is_firing) == (2, True)


def test_a_start_in_the_far_future_is_not_believed() -> None:
    """Else every honest later message would count as late."""
    world = a_world(an_alert(severity="warning", starts_at="2036-01-01T00:00:00Z"))

    world.fire(an_alert(status="resolved", starts_at=T0))

    assert not world.state.firing


def test_a_start_of_1970_is_kept_raw_and_does_no_harm() -> None:
    world = a_world(an_alert(severity="warning", starts_at="1970-01-01T00:00:00Z"))

    world.fire(an_alert(status="resolved", starts_at="1970-01-01T00:00:00Z"))

    assert not world.state.firing


def test_a_resolve_that_carries_only_the_sender_s_key_ends_its_alert() -> None:
    """As PagerDuty sends it: no labels, no text, no start."""
    world = a_world()

    world.fire(Alert(source="alertmanager", fingerprint="a1", status=AlertStatus.RESOLVED))

    assert not world.state.firing


def test_a_resolve_of_an_alert_unknown_here_is_said_and_does_nothing() -> None:
    world = a_world()

    world.fire(an_alert("other", status="resolved"))

    assert "alert.unknown_resolve" in world.kinds()
    assert len(world.state.firing) == 1


def test_labels_common_to_the_first_alerts_are_the_incident_s() -> None:
    world = a_world(
        an_alert("one", severity="warning", service="pay", dc="dc1"),
        an_alert("two", severity="warning", service="pay", dc="dc2"),
    )

    assert world.state.labels == {"alertname": "Down", "severity": "warning", "service": "pay"}
    assert world.state.service == "pay"


def test_notes_on_routing_stand_on_the_timeline() -> None:
    from domain.incident.events import AlertsArrived

    world = World(a_plan(), dict(ON_CALL))

    world.take(AlertsArrived(batch_id="b", alerts=(an_alert(),), notes=("2 left out",)))

    assert ("routing", "2 left out") in [(entry.kind, entry.text) for entry in world.entries]


def test_more_alerts_than_are_kept_whole_are_still_counted_and_end() -> None:
    many = [an_alert(f"a{n}", severity="warning", n=str(n)) for n in range(TRACKED + 50)]
    world = a_world(*many)
    unlabelled = [alert for alert in world.state.alerts.values() if not alert.labels]

    world.fire(*(alert.model_copy(update={"status": AlertStatus.RESOLVED}) for alert in many))

    assert len(unlabelled) == 50
    assert len(world.state.alerts) == TRACKED + 50
    assert not world.state.firing
    assert world.pages == [(0, "ann", "push")]


def test_beyond_what_is_kept_at_all_alerts_are_only_counted() -> None:
    world = a_world(*(an_alert(f"a{n}", severity="warning") for n in range(KNOWN + 7)))

    view = view_of(world.plan, world.state, world.now)

    assert view.alerts.total == KNOWN + 7
    assert len(view.alert_list) == 50


def test_the_shown_alerts_are_named_by_the_label_in_which_they_differ() -> None:
    world = a_world(*(an_alert(f"a{n}", severity="warning", dc=f"dc{n}") for n in range(7)))

    opened = next(entry.text for entry in world.entries if entry.kind == "opened")

    assert opened == "Opened: a0 is down (7 firing: dc0, dc1, dc2, dc3, dc4, and 2 more)."


# -- the flap guard ---------------------------------------------------------------------


def guarded(*alerts: Alert) -> World:
    """Warnings must hold for 3 min, anything else pages at once."""
    guard = AlertTrigger(match={"severity": ("warning",)}, hold=timedelta(minutes=3))
    return a_world(*alerts, triggers=(guard,))


def test_a_guarded_alert_pages_once_it_has_held() -> None:
    world = guarded(an_alert(severity="warning"))
    assert world.phase is Phase.PENDING

    world.until(5)

    assert world.pages == [(3, "ann", "push")]


def test_a_guarded_alert_that_goes_away_pages_nobody_and_closes() -> None:
    world = guarded(an_alert(severity="warning"))
    world.until(2)

    world.fire(an_alert(status="resolved"))
    world.until(10)

    assert world.pages == []
    assert world.phase is Phase.CLOSED


def test_an_unguarded_alert_does_not_wait_for_the_guard_of_another() -> None:
    """The longest guard of the first batch used to hold back the worst alert."""
    world = guarded(an_alert("a1", severity="warning"), an_alert("a2", severity="sev1"))

    assert world.pages == [(0, "ann", "push")]


def test_an_unguarded_alert_ends_the_waiting_of_a_guarded_one() -> None:
    world = guarded(an_alert("a1", severity="warning"))
    world.until(1)

    world.fire(an_alert("a2", severity="sev1"))

    assert world.pages == [(1, "ann", "push")]


def test_a_second_guarded_alert_does_not_prolong_the_guard() -> None:
    world = guarded(an_alert("a1", severity="warning"))
    world.until(2)

    world.fire(an_alert("a2", severity="warning"))
    world.until(4)

    assert world.pages == [(3, "ann", "push")]


def test_a_deadline_of_the_guard_after_an_early_start_changes_nothing() -> None:
    world = guarded(an_alert("a1", severity="warning"))

    world.say("ann", "escalate")
    world.until(4)

    assert world.pages == [(0, "ann", "push")]


def test_nothing_is_announced_of_what_never_became_real() -> None:
    """A raise and an end under the guard used to be announced without an opening."""
    guard = AlertTrigger(match={"severity": ("warning",)}, hold=timedelta(minutes=3))
    announce = Announce(to=("destination:desk",), on=("opened", "severity", "resolved"))
    world = a_world(an_alert(severity="warning"), triggers=(guard,), announce=(announce,))

    world.say("ann", "severity", severity="SEV2", reason="looks bad")
    world.say("ann", "resolve", text="it was me")

    assert world.announced == []


def test_an_offer_made_under_the_guard_ends_with_an_incident_that_went_away() -> None:
    """The receiver used to be paged on for an incident that had closed."""
    world = guarded(an_alert(severity="warning"))
    world.on_call["user:bo"] = [a_person("bo", ("push", 0), ("sms", 1))]
    world.say("ann", "assign", role="incident_commander", to="user:ann")
    world.say("ann", "assign", role="operations_lead", to="user:bo")

    world.fire(an_alert(status="resolved"))
    world.until(5)

    assert world.pages == [(0, "bo", "push")]
    assert [offer.status for offer in world.state.offers.values()] == ["withdrawn"]


def test_a_silent_heartbeat_waits_for_no_flap_guard() -> None:
    guarded = AlertTrigger(when="true", hold=timedelta(minutes=3))
    world = World(a_plan(triggers=(guarded,)), {"schedule:first": [a_person("ann")]})

    world.fire(an_alert("canary").model_copy(update={"source": "heartbeat"}))

    assert world.pages_of("ann") == [0]
