"""Maintenance: recorded and not paged, still firing at its end pages then."""

from datetime import timedelta

from domain.alert import Alert
from domain.incident.carried import Carried
from domain.incident.events import WindowChanged
from domain.incident.view import Phase
from domain.plan import AlertTrigger
from domain.severity import Severity
from tests.incident.plans import a_plan
from tests.incident.world import START, World, a_person, a_window, an_alert


def a_world(**plan: object) -> World:
    """Ann is first, Bo second."""
    on_call = {"schedule:first": [a_person("ann")], "schedule:second": [a_person("bo")]}
    return World(a_plan(**plan), on_call)


def a_suppressed_world(until: float = 60, **plan: object) -> World:
    """An alert has fired under a window that lasts so many minutes."""
    world = a_world(**plan)
    world.fire(an_alert(severity="sev1"), maintenance=(a_window(until),))
    assert world.phase is Phase.SUPPRESSED
    return world


def over() -> Alert:
    """The alert's resolve."""
    return an_alert(status="resolved")


def test_an_alert_under_maintenance_is_recorded_and_pages_nobody() -> None:
    world = a_suppressed_world()

    world.until(59)

    assert world.pages == []
    assert world.state.deadlines["maintenance"].at == START + timedelta(minutes=60)
    assert world.state.deadlines["maintenance"].summary == (
        "Maintenance by Ann (db upgrade): pages if it still fires at 04:00 UTC"
    )
    assert "Suppressed until 04:00 UTC" in world.state.latest[-1].text


def test_what_still_fires_when_the_maintenance_ends_pages_then() -> None:
    world = a_suppressed_world()

    world.until(61)

    assert world.phase is Phase.TRIGGERED
    assert world.pages == [(60, "ann", "push")]
    assert world.state.triggered_at == START + timedelta(minutes=60)


def test_what_resolves_inside_the_maintenance_never_pages() -> None:
    world = a_suppressed_world()

    world.until(30)
    world.fire(over())
    world.until(120)

    assert world.pages == []
    assert world.announced == []
    assert world.phase is Phase.CLOSED
    assert world.entries[-1].text == (
        "Closed, nobody was paged: it was over before the maintenance was."
    )


def test_an_alert_that_no_window_covers_pages_at_once() -> None:
    world = a_suppressed_world()

    world.until(10)
    world.fire(an_alert("a2", alertname="Other"))

    assert world.phase is Phase.TRIGGERED
    assert world.pages_of("ann") == [10]


def test_of_alerts_that_open_together_one_uncovered_pages() -> None:
    world = a_world()

    world.fire(an_alert(), an_alert("a2", alertname="Other"), maintenance=(a_window(60),))

    assert world.pages_of("ann") == [0]


def test_a_worse_severity_does_not_end_the_suppression_and_counts_at_its_end() -> None:
    world = a_world()
    world.fire(an_alert(severity="sev4"), maintenance=(a_window(60),))

    world.until(10)
    world.fire(an_alert(severity="sev1"))
    suppressed = world.phase
    world.until(60)

    assert suppressed is Phase.SUPPRESSED
    assert world.state.severity is Severity.SEV1
    assert world.pages_of("ann") == [60]


def test_a_renewed_window_moves_the_end() -> None:
    world = a_suppressed_world()

    world.until(50)
    world.take(WindowChanged(window=a_window(90)))
    world.until(89)
    quiet = list(world.pages)
    world.until(90)

    assert quiet == []
    assert world.pages_of("ann") == [90]
    assert "The maintenance now lasts until 04:30 UTC." in [one.text for one in world.entries]


def test_a_window_ended_early_pages_at_once() -> None:
    world = a_suppressed_world()

    world.until(20)
    world.take(WindowChanged(window=a_window(20)))

    assert world.pages_of("ann") == [20]


def test_another_window_that_covers_it_too_holds_it_on() -> None:
    world = a_suppressed_world()

    world.until(30)
    world.take(WindowChanged(window=a_window(120, id="mw-2")))
    world.until(119)
    quiet = list(world.pages)
    world.until(120)

    assert quiet == []
    assert world.pages_of("ann") == [120]


def test_old_news_of_an_earlier_end_does_not_shorten_a_renewed_window() -> None:
    world = a_suppressed_world()

    world.take(WindowChanged(window=a_window(90)))
    world.fire(an_alert(severity="sev1"), maintenance=(a_window(60),))
    world.until(89)

    assert world.pages == []


def test_each_alert_has_its_own_window_and_the_first_to_be_uncovered_pages() -> None:
    world = a_world()
    short = a_window(20, id="mw-short", matchers={"disk": ("db-1",)})
    long = a_window(60, id="mw-long", matchers={"disk": ("db-2",)})
    both = (an_alert(disk="db-1"), an_alert("a2", disk="db-2"))

    world.fire(*both, maintenance=(short, long))
    world.fire(an_alert(status="resolved", disk="db-1"))
    world.until(59)
    quiet = list(world.pages)
    world.until(60)

    assert quiet == []
    assert world.pages_of("ann") == [60]


def test_a_window_on_the_playbooks_service_covers_alerts_without_a_label() -> None:
    world = a_world(service="payments_api")

    world.fire(an_alert(), maintenance=(a_window(60, service="payments-api"),))

    assert world.phase is Phase.SUPPRESSED


def test_whoever_acknowledges_makes_it_live_and_holds_it() -> None:
    world = a_suppressed_world()

    world.until(5)
    turned = world.say("bo", "acknowledge")
    world.until(30)

    assert not turned.refused
    assert world.phase is Phase.ACKNOWLEDGED
    assert world.holder("operations_lead") == "bo"
    assert world.pages_of("ann") == []
    assert "maintenance" not in world.state.deadlines


def test_whoever_escalates_does_not_wait_for_the_end() -> None:
    world = a_suppressed_world()

    world.until(5)
    world.say("bo", "escalate")

    assert world.pages_of("ann") == [5]


def test_what_is_open_when_the_maintenance_begins_is_not_touched() -> None:
    world = a_world()
    world.fire(an_alert(severity="sev1"))

    world.until(2)
    world.fire(an_alert("a2", severity="sev1"), maintenance=(a_window(60),))
    world.until(5)

    assert world.phase is Phase.TRIGGERED
    assert world.pages_of("bo") == [5]


def test_an_incident_that_was_over_is_not_reopened_by_what_maintenance_covers() -> None:
    world = a_world()
    world.fire(an_alert(severity="sev1"))
    world.say("ann", "acknowledge")
    world.say("ann", "resolve")
    world.fire(over())
    paged = len(world.pages)

    world.until(10)
    world.fire(an_alert(severity="sev1"), maintenance=(a_window(40),))
    held = world.phase
    world.until(20)
    world.fire(over())

    assert held is Phase.SUPPRESSED
    assert world.phase is Phase.RESOLVED
    world.until(60)
    assert world.phase is Phase.CLOSED
    assert len(world.pages) == paged


def test_what_was_over_and_still_fires_after_the_maintenance_is_reopened_then() -> None:
    world = a_world()
    world.fire(an_alert(severity="sev1"))
    world.say("ann", "acknowledge")
    world.say("ann", "resolve")
    world.fire(over())

    world.until(10)
    world.fire(an_alert(severity="sev1"), maintenance=(a_window(40),))
    world.until(40)

    assert world.phase is Phase.TRIGGERED
    assert world.state.reopened == 1
    assert world.pages_of("ann")[-1] == 40


def test_what_is_absorbed_stays_so_when_a_covered_episode_begins() -> None:
    world = a_world()
    world.fire(an_alert(severity="sev1", alertname="Other"))
    world.say("ann", "acknowledge")
    world.say("ann", "resolve")
    paged = len(world.pages)

    world.until(10)
    world.fire(an_alert("a2", severity="sev1"), maintenance=(a_window(60),))
    world.fire(an_alert("a2", status="resolved"))
    world.until(59)

    assert len(world.pages) == paged
    assert world.phase is Phase.RESOLVED


def test_the_rest_of_a_flap_guard_runs_after_the_maintenance() -> None:
    guarded = AlertTrigger(match={"alertname": ("Down",)}, hold=timedelta(minutes=3))
    world = a_world(triggers=(guarded,))
    world.fire(an_alert(severity="sev1"), maintenance=(a_window(2),))

    world.until(2)
    phase = world.phase
    world.until(3)

    assert phase is Phase.PENDING
    assert world.pages_of("ann") == [3]


def test_of_more_alerts_than_are_kept_whole_none_ends_the_suppression() -> None:
    world = a_world()
    many = [an_alert(f"a{number}") for number in range(1_200)]

    world.fire(*many, maintenance=(a_window(60),))
    world.until(59)

    assert world.phase is Phase.SUPPRESSED


def test_the_window_its_end_and_its_owner_survive_the_change_of_runs() -> None:
    world = a_suppressed_world()

    carried = Carried(state=world.state, clock_origin=START, clock_now=world.now)
    again = Carried.model_validate(carried.model_dump(mode="json")).state
    world.state = again
    world.until(60)

    assert again.windows["mw-1"].by == "Ann"
    assert world.pages_of("ann") == [60]


def test_reopening_or_ticking_what_is_suppressed_is_refused_naming_the_state() -> None:
    world = a_suppressed_world()

    turned = world.say("ann", "reopen")

    assert turned.refused
    assert "suppressed" in turned.sentence


def test_cancelled_while_suppressed_never_pages() -> None:
    world = a_suppressed_world()

    world.say("ann", "cancel", reason="planned")
    world.until(60 * 25)

    assert world.pages == []
    assert world.phase is Phase.CANCELLED
