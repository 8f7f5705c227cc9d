"""Snooze: an acknowledgement with an end."""

import pytest

from domain.incident.view import Phase
from tests.incident.plans import a_plan
from tests.incident.world import World, a_person, an_alert

ON_CALL = {
    "schedule:first": [a_person("ann")],
    "schedule:second": [a_person("bo")],
    "user:manager": [a_person("mo")],
}


def fired(severity: str = "sev1") -> World:
    """An incident whose level 1 has just been paged."""
    world = World(a_plan(), dict(ON_CALL))
    world.fire(an_alert(severity=severity))
    return world


def snoozed(hours: int = 2) -> World:
    """The same, snoozed by Ann."""
    world = fired()
    world.say("ann", "snooze", lasting=f"PT{hours}H", reason="the vendor works on it")
    return world


def test_a_snooze_acknowledges_and_says_when_it_ends() -> None:
    world = fired()

    turned = world.say("ann", "snooze", lasting="PT2H")

    assert turned.sentence == (
        "Snoozed until 05:00 UTC: nobody is paged before, then level 1 is paged again."
    )
    assert world.phase is Phase.ACKNOWLEDGED
    assert world.holder("operations_lead") == "ann"
    assert world.state.deadlines["snooze"].summary == (
        "Snoozed by Ann until 05:00 UTC: page level 1 again"
    )


def test_the_answer_names_the_persons_own_zone() -> None:
    turned = fired().say("ann", "snooze", lasting="PT2H", zone="Europe/Berlin")

    assert "06:00" not in turned.sentence.replace("06:00 CET", "")
    assert "Snoozed until 06:00 CET" in turned.sentence


def test_while_it_is_snoozed_nobody_is_asked_still_on_it() -> None:
    world = snoozed()

    world.until(119)

    assert world.phase is Phase.ACKNOWLEDGED
    assert "asked.still_on_it" not in world.kinds()
    assert world.pages_of("ann") == [0]


def test_at_its_end_the_same_level_is_paged_in_a_new_cycle_and_who_snoozed_is_told() -> None:
    world = snoozed()
    cycle = world.state.cycle

    world.until(120)

    assert world.phase is Phase.TRIGGERED
    assert world.state.cycle > cycle
    assert world.pages_of("ann") == [0, 120]
    assert world.holder("operations_lead") == "ann (on paper)"
    assert any(
        who == "ann" and "Your snooze is over: level 1" in text for _, who, text in world.notices
    )


def test_other_acts_of_a_holder_leave_the_snooze_alone() -> None:
    world = snoozed()
    world.until(30)
    world.say("ann", "note", text="the vendor has an answer at five")

    world.until(120)

    assert world.pages_of("ann") == [0, 120]


@pytest.mark.parametrize(("what", "body"), [("acknowledge", {}), ("confirm", None)])
def test_saying_to_be_on_it_ends_the_snooze_and_starts_the_clock_of_silence(
    what: str, body: dict[str, str] | None
) -> None:
    world = snoozed(5)
    world.until(60)

    world.say("ann", what, **({"question": "still_on_it"} if body is None else body))
    world.until(89)
    before = world.kinds()
    world.until(91)

    assert world.state.snooze is None
    assert "snooze" not in world.state.deadlines
    assert "asked.still_on_it" not in before
    assert "asked.still_on_it" in world.kinds()


def test_a_raise_ends_the_snooze_and_asks_to_confirm() -> None:
    world = fired("ticket")
    world.say("ann", "snooze", lasting="PT12H")
    world.until(300)

    world.fire(an_alert(severity="sev1"))

    assert world.state.snooze is None
    assert "raise" in world.state.asks
    assert "ask/raise" in world.state.deadlines
    assert "ask/still_on_it" not in world.state.deadlines, "the clock of silence starts now"


def test_a_second_snooze_replaces_the_first() -> None:
    world = snoozed(1)

    world.say("bo", "snooze", lasting="PT3H")
    world.until(61)

    assert world.phase is Phase.ACKNOWLEDGED
    assert world.state.snooze is not None
    assert world.state.snooze.by == "bo"


def test_taking_the_acknowledgement_back_ends_the_snooze() -> None:
    world = snoozed()

    world.say("ann", "unacknowledge")

    assert world.state.snooze is None
    assert "snooze" not in world.state.deadlines
    assert world.phase is Phase.TRIGGERED


def test_a_snooze_of_somebody_who_left_the_roster_holds_for_nobody_else() -> None:
    world = fired()
    world.say("ann", "acknowledge")
    world.say("bo", "snooze", lasting="PT5H")

    world.gone("bo")
    world.until(31)

    assert world.state.snooze is None
    assert world.phase is Phase.ACKNOWLEDGED
    assert "asked.still_on_it" in world.kinds()


def test_a_resolved_incident_stays_quiet_when_the_snooze_would_end() -> None:
    world = snoozed()
    world.say("ann", "resolve")

    world.until(180)

    assert world.pages_of("ann") == [0]
    assert world.phase is Phase.RESOLVED


def test_nobody_is_paged_at_its_end_where_nothing_fires_any_more() -> None:
    world = snoozed()
    world.until(60)
    world.fire(an_alert(status="resolved"))

    world.until(121)

    assert world.pages_of("ann") == [0]
    assert world.phase is Phase.ACKNOWLEDGED
    assert "resolve" in world.state.asks


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"until": "2026-11-25T02:59:00Z"}, "2026-11-25 02:59 UTC is past"),
        ({"until": "2026-11-26T03:01:00Z"}, "is more than 24 h away"),
        ({"lasting": "PT25H"}, "at most 24 h"),
        ({"lasting": "PT0S"}, "is past"),
        ({}, "A snooze needs its end"),
        ({"until": "2026-11-25T04:00:00Z", "lasting": "PT1H"}, "A snooze needs its end"),
    ],
)
def test_a_snooze_without_an_end_that_can_be_is_refused(body: dict[str, str], said: str) -> None:
    world = fired()

    turned = world.say("ann", "snooze", **body)

    assert turned.refused
    assert said in turned.sentence
    assert world.phase is Phase.TRIGGERED


def test_still_on_it_unasked_restarts_the_clock_of_silence() -> None:
    world = fired()
    world.say("ann", "acknowledge")
    world.until(20)

    turned = world.say("ann", "confirm", question="still_on_it")
    world.until(49)

    assert turned.sentence == "Noted: you are still on it."
    assert "asked.still_on_it" not in world.kinds()


def test_still_on_it_of_somebody_who_is_not_on_it_is_refused_with_the_mend() -> None:
    world = fired()

    triggered = world.say("ann", "confirm", question="still_on_it")
    world.say("ann", "acknowledge")
    stranger = world.say("bo", "confirm", question="still_on_it")

    assert triggered.sentence == "The incident is triggered: acknowledge it if you are on it."
    assert stranger.sentence == "You hold no role in it: acknowledge or join it first."
