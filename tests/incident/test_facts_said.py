"""What only people know: start of harm, impact, estimate."""

import pytest

from domain.incident.views import view_of
from tests.incident.plans import a_plan
from tests.incident.world import World, a_person, an_alert

ON_CALL = {"schedule:first": [a_person("ann")], "schedule:second": [a_person("bo")]}


def opened() -> World:
    """An incident that Ann works on, in Berlin."""
    world = World(a_plan(timezone="Europe/Berlin"), dict(ON_CALL))
    world.fire(an_alert(severity="sev1"))
    world.say("ann", "acknowledge")
    return world


def test_the_start_may_be_before_the_incident_was_opened() -> None:
    world = opened()

    turned = world.say("ann", "set", began_at="2026-11-25T02:50:00Z")

    assert turned.sentence == "Start: 2026-11-25 03:50 CET."
    assert world.entries[-1].text == "Start: not set → 2026-11-25 03:50 CET (Ann)."
    began = view_of(world.plan, world.state, world.now).began_at
    assert began is not None
    assert began.isoformat() == "2026-11-25T02:50:00+00:00"


def test_every_change_says_from_what_to_what() -> None:
    world = opened()

    world.say("ann", "set", impact="one shop cannot pay")
    world.say("bo", "set", impact="half of Europe cannot pay")

    assert world.entries[-1].text == (
        "Impact: one shop cannot pay → half of Europe cannot pay (Bo)."
    )
    assert world.entries[-1].data == {
        "from": "one shop cannot pay",
        "to": "half of Europe cannot pay",
    }


def test_an_estimate_is_a_moment_or_words_and_the_later_one_stands() -> None:
    world = opened()

    world.say("ann", "set", eta="when the vendor calls back")
    world.say("ann", "set", eta_at="2026-11-25T06:30:00Z")
    view = view_of(world.plan, world.state, world.now)

    assert world.entries[-1].text == (
        "Recovery estimate: when the vendor calls back → 2026-11-25 07:30 CET (Ann)."
    )
    assert (view.eta, view.eta_at is not None) == ("", True)


def test_an_empty_text_takes_the_fact_away() -> None:
    world = opened()
    world.say("ann", "set", impact="everybody", eta="soon")

    world.say("ann", "set", impact="", eta="")

    assert (world.state.facts.impact, world.state.facts.eta) == ("", "")


def test_after_the_end_start_and_impact_may_be_set_right_but_nothing_is_estimated() -> None:
    world = opened()
    world.say("ann", "resolve")

    impact = world.say("bo", "set", impact="40 orders failed")
    estimate = world.say("bo", "set", eta="tomorrow")

    assert not impact.refused
    assert estimate.sentence == "The incident is resolved: it needs no estimate."


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "Nothing is set"),
        ({"began_at": "2026-11-25T03:01:00Z"}, "harm cannot have begun then"),
        ({"eta_at": "2026-11-25T03:00:00Z"}, "2026-11-25 04:00 CET is past"),
        ({"eta_at": "2026-11-25T05:00:00Z", "eta": "soon"}, "a moment or words, not both"),
    ],
)
def test_what_cannot_be_is_refused(body: dict[str, str], said: str) -> None:
    turned = opened().say("ann", "set", **body)

    assert turned.refused
    assert said in turned.sentence


def test_the_impact_is_on_every_later_page() -> None:
    from domain.incident.messages import situation
    from domain.incident.turn import Turn

    world = opened()
    world.say("ann", "set", impact="half of Europe cannot pay")

    lines = situation(Turn(world.plan, world.state, world.now))

    assert "Impact: half of Europe cannot pay" in lines
