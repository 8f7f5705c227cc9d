"""Paging somebody by hand: the right people once, and those on it quietly."""

import pytest

from domain.incident.view import Phase
from tests.incident.plans import a_plan
from tests.incident.world import START, World, a_person, an_alert

ON_CALL = {
    "schedule:first": [a_person("ann", ("push", 0), ("sms", 1))],
    "schedule:second": [a_person("bo")],
    "schedule:dba": [a_person("dee", ("push", 0), ("sms", 1)), a_person("ann")],
    "user:manager": [a_person("mo")],
}
BECAUSE = "replication is broken."


def fired() -> World:
    """An incident whose level 1 has just been paged."""
    world = World(a_plan(), dict(ON_CALL))
    world.fire(an_alert(severity="sev1"))
    return world


def acknowledged() -> World:
    """The same, with Ann on it."""
    world = fired()
    world.say("ann", "acknowledge")
    return world


def test_the_people_behind_a_schedule_are_paged_as_help_until_they_answer() -> None:
    world = acknowledged()

    turned = world.say("ann", "page", to=("schedule:dba",), because=BECAUSE)
    world.until(1)
    world.say("dee", "acknowledge")
    world.until(9)

    assert turned.sentence == "Paging dba."
    assert world.pages_of("dee") == [0, 1]
    assert world.holder("responders") == "dee"
    entry = next(one for one in world.entries if one.kind == "paged.by_hand")
    assert entry.text == "Ann pages dba: replication is broken."
    assert entry.actor == "user:ann"


def test_whoever_is_on_it_already_is_told_and_not_paged() -> None:
    world = acknowledged()

    world.say("bo", "page", to=("schedule:dba",), because=BECAUSE)

    assert world.pages_of("ann") == [0]
    said = [text for _, who, text in world.notices if who == "ann"]
    assert said == ["You are asked for: replication is broken (asked by Bo). a1 is down"]


def test_whoever_is_being_paged_is_not_paged_twice() -> None:
    world = fired()

    world.say("bo", "page", to=("user:ann",), because=BECAUSE)
    world.until(2)

    assert world.pages_of("ann") == [0, 1]


def test_somebody_whose_earlier_page_is_over_is_paged_anew() -> None:
    world = acknowledged()
    world.say("ann", "page", to=("user:dee",), because=BECAUSE)
    world.say("dee", "acknowledge")
    world.say("dee", "leave")
    world.until(5)

    world.say("ann", "page", to=("user:dee",), because="it is back")

    assert world.pages_of("dee") == [0, 5]


def test_a_page_by_hand_makes_a_pending_incident_real() -> None:
    from tests.incident.phases import a_world_in

    world = a_world_in(Phase.PENDING)

    world.say("zoe", "page", to=("user:mo",), because="I see it too")

    assert world.phase is Phase.TRIGGERED
    assert world.now == START
    assert world.pages_of("mo") == [0]


def test_a_reference_behind_which_nobody_stands_is_said_on_the_timeline() -> None:
    world = acknowledged()

    world.say("ann", "page", to=("schedule:nobody",), because=BECAUSE)

    assert "help.nobody" in world.kinds()


def test_no_page_leaves_after_the_end_even_if_the_look_up_answers_late() -> None:
    world = acknowledged()
    world.say("ann", "resolve")

    turned = world.say("ann", "page", to=("user:dee",), because=BECAUSE)

    assert turned.refused
    assert "The incident is resolved since" in turned.sentence
    assert world.pages_of("dee") == []


def test_a_reference_that_names_nobody_is_refused() -> None:
    turned = acknowledged().say("ann", "page", to=("role:scribe",), because=BECAUSE)

    assert turned.sentence == "'role:scribe' names nobody: give user:, schedule: or team:."


@pytest.mark.parametrize("because", ["", "   "])
def test_a_page_without_a_reason_is_no_command(because: str) -> None:
    with pytest.raises(ValueError, match="because"):
        acknowledged().say("ann", "page", to=("user:dee",), because=because)


def test_whoever_takes_a_role_has_answered_and_is_paged_no_further() -> None:
    world = acknowledged()
    world.say("ann", "page", to=("user:dee",), because=BECAUSE)

    world.say("dee", "take_role", role="incident_commander")
    world.until(5)

    assert world.pages_of("dee") == [0]
