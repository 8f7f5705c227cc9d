"""Paging: level by level, round by round, and the last resort."""

from datetime import datetime, timedelta

from domain.incident.effects import Outcome, SendPage
from domain.incident.view import Phase
from tests.incident.plans import a_plan, an_escalation
from tests.incident.world import START, World, a_person, an_alert

LADDER = {
    "schedule:first": [a_person("first", ("push", 0), ("sms", 1), ("phone", 2))],
    "schedule:second": [a_person("second", ("push", 0), ("sms", 1), ("phone", 2))],
    "user:manager": [a_person("manager")],
}


def a_world(**extra: object) -> World:
    """A SEV1 incident with the ladder above, not opened yet."""
    return World(a_plan(**extra), dict(LADDER))


def test_nobody_answers_pages_every_level_and_round_then_the_last_resort() -> None:
    """SEV1, two levels of 5 min, repeat 2: exhausted at 30 min and every 15 min after."""
    world = a_world()
    world.fire(an_alert(severity="sev1"))

    world.until(60)

    assert world.pages_of("first") == [
        *(0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32, 45, 46, 47, 60),
    ]
    assert world.pages_of("second") == [5, 6, 7, 15, 16, 17, 25, 26, 27]
    assert world.pages_of("manager") == [30, 45, 60]
    assert world.state.exhausted
    assert len(set(world.keys)) == len(world.keys)


def test_an_acknowledgement_stops_every_page_and_tells_the_others() -> None:
    world = a_world()
    world.fire(an_alert(severity="sev1"))
    world.until(46.5)

    world.say("first", "acknowledge")
    world.until(70)

    assert max(minute for minute, _, _ in world.pages) == 46
    told = {person for minute, person, _ in world.notices if minute == 46.5}
    assert told == {"second", "manager"}
    assert world.phase is Phase.ACKNOWLEDGED
    assert not world.state.exhausted


def test_a_level_with_nobody_on_call_is_skipped_at_once() -> None:
    world = World(a_plan(), {"schedule:second": [a_person("second")]})

    world.fire(an_alert(severity="sev1"))

    assert world.pages == [(0, "second", "push")]
    assert "level.skipped" in world.kinds()


def test_all_levels_empty_pages_the_last_resort_at_once() -> None:
    world = World(a_plan(), {"user:manager": [a_person("manager")]})

    world.fire(an_alert(severity="sev1"))

    assert world.pages == [(0, "manager", "push")]
    assert world.state.exhausted


def test_nobody_anywhere_is_tried_again_and_said_aloud() -> None:
    world = World(a_plan(), {})
    world.fire(an_alert(severity="warning"))

    assert "exhausted.nobody" in world.kinds()
    assert "again/exhausted" in world.state.deadlines


def test_a_method_that_fails_for_good_starts_the_next_one_at_once() -> None:
    world = a_world()
    world.outcome = lambda page: Outcome.FAILED if page.method == "push" else Outcome.DELIVERED

    world.fire(an_alert(severity="sev1"))

    assert world.pages == [(0, "first", "push"), (0, "first", "sms")]


def test_a_person_whom_nothing_reaches_skips_the_level_at_once() -> None:
    world = a_world()
    world.outcome = lambda page: Outcome.FAILED if page.person == "first" else Outcome.DELIVERED

    world.fire(an_alert(severity="sev1"))

    assert [who for _, who, _ in world.pages] == ["first", "first", "first", "second"]


def test_an_outage_of_all_providers_burns_no_rounds() -> None:
    """Every provider answers 500 for 12 min: no round counts.

    The first delivery follows within 30 s of their return, under the key of the first try.
    """
    world = a_world()
    world.outcome = lambda _page: (
        Outcome.RETRY if world.now < minute_mark(12) else Outcome.DELIVERED
    )
    world.fire(an_alert(severity="sev1"))
    world.until(12.5)

    delivered = [entry for entry in world.entries if entry.kind == "page.delivered"]
    assert delivered
    assert delivered[0].at <= minute_mark(12.5)
    assert {key.split("/")[3] for key in world.keys} == {"0"}
    first_push = [key for key in world.keys if key.endswith("first/push")]
    assert len(first_push) > 10
    assert len(set(first_push)) == 1


def minute_mark(minute: float) -> datetime:
    """The moment so many minutes after the start."""
    return START + timedelta(minutes=minute)


def test_a_retry_is_at_most_every_30_s_and_stops_with_the_acknowledgement() -> None:
    world = a_world()
    world.outcome = lambda _page: Outcome.RETRY
    world.fire(an_alert(severity="sev1"))
    world.until(2)
    pushes = [minute for minute, _, how in world.pages if how == "push"]

    world.say("second", "acknowledge")
    before = len(world.pages)
    world.until(20)

    assert pushes == [0, 0.5, 1, 1.5, 2]
    assert len(world.pages) == before


def test_one_person_listed_twice_gets_one_page_in_a_round() -> None:
    """The same person on two levels and in the exhausted list."""
    ann = a_person("ann")
    plan = a_plan(escalation=an_escalation(("user:ann",), ("user:ann", "user:bo"), repeat=0))
    world = World(plan, {"user:ann": [ann], "user:bo": [a_person("bo")]})

    world.fire(an_alert(severity="sev1"))
    world.until(9)

    assert world.pages_of("ann") == [0]
    assert world.pages_of("bo") == [5]


def test_a_page_in_flight_is_withdrawn_by_the_acknowledgement() -> None:
    world = a_world()
    world.outcome = lambda _page: None
    world.fire(an_alert(severity="sev1"))

    turned = world.say("first", "acknowledge")

    assert turned.withdraw == (world.keys[0],)


def test_a_late_answer_of_a_provider_after_the_acknowledgement_changes_nothing() -> None:
    world = a_world()
    sent: list[SendPage] = []
    world.outcome = sent.append
    world.fire(an_alert(severity="sev1"))
    world.say("first", "acknowledge")

    from domain.incident.effects import SendResult
    from domain.incident.events import PageFinished

    world.take(PageFinished(id=sent[0].id, result=SendResult(outcome=Outcome.RETRY)))
    world.until(5)

    assert len(world.pages) == 1


def test_sev5_pages_nobody_and_a_raise_starts_the_ladder() -> None:
    world = a_world()
    world.fire(an_alert(severity="info"))
    assert world.pages == []

    world.say("ann", "severity", severity="SEV1", reason="it spreads")

    assert world.pages_of("first") == [0]


def test_escalate_now_pages_the_next_level() -> None:
    world = a_world()
    world.fire(an_alert(severity="sev1"))
    world.until(1)

    world.say("first", "escalate", reason="I need help")

    assert world.pages_of("second") == [1]


def test_escalate_after_the_acknowledgement_keeps_it_and_pages_the_level_above() -> None:
    world = a_world()
    world.fire(an_alert(severity="sev1"))
    world.say("first", "acknowledge")

    world.say("first", "escalate", reason="the database is on fire")

    assert world.pages_of("second") == [0]
    assert world.phase is Phase.ACKNOWLEDGED


def test_a_provider_down_for_a_day_is_not_asked_once_more_for_every_round() -> None:
    """Each round's retry used to go on beside the others', and the state grew with them."""
    world = a_world()
    world.outcome = lambda page: Outcome.RETRY if page.method == "push" else Outcome.DELIVERED
    world.fire(an_alert(severity="sev1"))
    world.until(60 * 24)
    before = len(world.pages)

    world.until(60 * 24 + 10)

    pushes = [who for _, who, how in world.pages[before:] if how == "push" and who == "first"]
    assert len(pushes) <= 21
    assert len(world.state.calls) <= 12


def test_a_late_method_keeps_its_time_although_a_new_round_begins() -> None:
    """The phone rings 12 min after the first page, though level 1 is paged anew at 10."""
    on_call = dict(LADDER) | {"schedule:first": [a_person("first", ("push", 0), ("phone", 12))]}
    world = World(a_plan(), on_call)
    world.fire(an_alert(severity="sev1"))

    world.until(13)

    assert [page for page in world.pages if page[1] == "first"] == [
        (0, "first", "push"),
        (10, "first", "push"),
        (12, "first", "phone"),
    ]
