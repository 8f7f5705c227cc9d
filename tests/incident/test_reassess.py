"""When the rules give another severity: raised or lowered by itself, or by a role's word."""

from datetime import timedelta

import pytest

from domain.incident.view import Phase
from domain.incident.views import view_of
from domain.plan import ReassessPlan
from domain.severity import Severity
from tests.incident.fact_world import FactWorld, an_open_world, with_facts
from tests.incident.world import START, an_alert


def a_world(ratio: float | None = None, **how: object) -> FactWorld:
    """An acknowledged incident whose ratio was measured."""
    plan = with_facts(severity={"reassess": ReassessPlan.model_validate(how)})
    world = an_open_world(plan)
    if ratio is not None:
        world.read(ratio=ratio)
    world.say("ann", "acknowledge")
    return world


def asked(world: FactWorld, question: str) -> list[str]:
    """Who is asked it now."""
    asks = view_of(world.plan, world.state, world.now).asks
    return [who for one in asks if one.question == question for who in one.of]


# -- worse ------------------------------------------------------------------------------


def test_a_measured_fact_raises_the_severity_by_itself() -> None:
    world = a_world(0.01)
    world.read(ratio=0.31)

    assert world.state.severity is Severity.SEV1
    assert "SEV3 → SEV1: a quarter fails" in world.texts("severity")
    assert world.pages_of("cy") == [0]


def test_a_severity_that_never_rises_by_itself_stays() -> None:
    world = a_world(0.01, raise_by="never")
    world.read(ratio=0.31)

    assert world.state.severity is Severity.SEV3


def test_a_raise_by_word_waits_for_the_word() -> None:
    world = a_world(0.01, raise_by="role:incident_commander")
    world.read(ratio=0.31)

    assert world.state.severity is Severity.SEV3
    assert asked(world, "raise_to") == ["ann"]
    assert "The rules give SEV1: a quarter fails." in world.texts("severity.worse")
    assert "Yes: watchbill confirm INC-AAAAAA --question raise_to" in world.lines

    turned = world.say("ann", "confirm", question="raise_to")
    assert world.state.severity is Severity.SEV1
    assert turned.sentence == "The severity is SEV1 now."
    assert asked(world, "raise_to") == []


def test_an_unanswered_raise_is_asked_again_after_every() -> None:
    world = a_world(0.01, raise_by="role:incident_commander")
    world.read(ratio=0.31)
    world.until(11)

    assert len(world.texts("asked.raise_to")) == 3
    assert world.state.severity is Severity.SEV3
    assert world.phase is Phase.ACKNOWLEDGED


def test_a_raise_by_word_goes_through_where_nobody_is_there_to_say_it() -> None:
    """Not paging people is worse than paging them for too much."""
    plan = with_facts(severity={"reassess": ReassessPlan(raise_by="role:incident_commander")})
    world = an_open_world(plan)
    world.read(ratio=0.31)

    assert world.state.severity is Severity.SEV1
    assert "SEV3 → SEV1: nobody is there to be asked" in world.texts("severity")


def test_a_raise_that_no_longer_holds_is_not_asked_any_more() -> None:
    world = a_world(0.01, raise_by="role:incident_commander")
    world.read(ratio=0.31)
    world.read(ratio=0.01)

    assert asked(world, "raise_to") == []
    assert "ask/raise_to" not in world.state.deadlines
    world.until(20)
    assert world.state.severity is Severity.SEV3


def test_an_acknowledgement_that_ends_does_not_lose_the_raise() -> None:
    world = a_world(0.01, raise_by="role:incident_commander")
    world.read(ratio=0.31)
    world.say("ann", "unacknowledge")

    assert world.state.severity is Severity.SEV1


# -- better -----------------------------------------------------------------------------


def test_a_severity_does_not_fall_by_itself_unless_said() -> None:
    world = a_world(0.31)
    world.read(ratio=0.01)
    world.until(120)

    assert world.state.severity is Severity.SEV1
    assert "lower" not in world.state.deadlines


def test_an_automatic_fall_waits_until_the_better_one_has_stood() -> None:
    world = a_world(0.31, lower_by="auto")
    world.read(ratio=0.01)
    assert world.state.deadlines["lower"].at == START + timedelta(minutes=15)

    world.until(14)
    assert world.state.severity is Severity.SEV1
    world.until(15)
    assert world.state.severity is Severity.SEV3
    assert "SEV1 → SEV3: the rules give it for 15 min" in world.texts("severity")


def test_it_falls_only_as_far_as_the_rules_have_given_all_along() -> None:
    world = a_world(0.31, lower_by="auto")
    world.read(ratio=0.1)
    world.until(10)
    world.read(ratio=0.01)
    world.until(15)
    assert world.state.severity is Severity.SEV2

    world.until(29)
    assert world.state.severity is Severity.SEV2
    world.until(30)
    assert world.state.severity is Severity.SEV3


def test_a_relapse_starts_the_wait_anew() -> None:
    world = a_world(0.31, lower_by="auto")
    world.read(ratio=0.01)
    world.until(10)
    world.read(ratio=0.31)
    assert "lower" not in world.state.deadlines
    world.read(ratio=0.01)
    world.until(20)

    assert world.state.severity is Severity.SEV1


def test_a_stale_fact_never_lowers_a_severity() -> None:
    """Unknown gives the worse of table and default, SEV3: no reason to fall."""
    world = a_world(0.31, lower_by="auto")
    world.fail("ratio")
    world.until(60)

    assert world.state.severity is Severity.SEV1
    world.read(ratio=0.31)
    assert len(world.texts("severity")) == 2


def test_a_fact_that_grows_stale_stops_a_fall_under_way() -> None:
    world = a_world(0.31, lower_by="auto")
    world.read(ratio=0.01)
    world.until(10)
    world.fail("ratio")
    world.until(60)

    assert world.state.severity is Severity.SEV1


def test_a_blip_of_its_source_does_not_undo_what_a_person_said() -> None:
    """SEV1 by the fact, lowered by hand: stale and fresh again is no new reason."""
    world = a_world(0.31)
    world.say("ann", "severity", severity="SEV2", reason="contained")
    world.fail("ratio")
    world.read(ratio=0.31)

    assert world.state.severity is Severity.SEV2


def test_a_fall_by_word_is_proposed_to_the_role_once_it_has_stood() -> None:
    world = a_world(0.31, lower_by="role:incident_commander")
    world.read(ratio=0.01)
    world.say("cy", "accept_role", role="incident_commander")
    world.until(15)

    assert world.state.severity is Severity.SEV1
    assert asked(world, "lower") == ["cy"]
    told = [text for _, who, text in world.notices if who == "cy"]
    assert told[-1] == "The rules give SEV3 for 15 min: may SEV1 fall? a1 is down"
    (shown,) = view_of(world.plan, world.state, world.now).asks
    assert shown.about == "SEV1 may fall to SEV3"

    turned = world.say("cy", "confirm", question="lower")
    assert world.state.severity is Severity.SEV3
    assert turned.sentence == "The severity is SEV3 now."
    assert "SEV1 → SEV3: confirmed by Cy" in world.texts("severity")


def test_an_ignored_proposal_expires_and_is_made_again_not_before_every() -> None:
    world = a_world(0.31, lower_by="role:incident_commander", every=timedelta(minutes=20))
    world.read(ratio=0.01)
    world.until(34)
    assert len(world.texts("asked.lower")) == 1
    world.until(35)

    assert len(world.texts("asked.lower")) == 2
    assert world.state.severity is Severity.SEV1


def test_a_proposal_waits_while_nobody_is_there_to_hear_it() -> None:
    plan = with_facts(severity={"reassess": ReassessPlan(lower_by="role:incident_commander")})
    world = an_open_world(plan)
    world.read(ratio=0.31)
    world.read(ratio=0.01)
    world.until(16)
    assert world.texts("asked.lower") == []

    world.say("ann", "acknowledge")
    world.until(21)
    assert asked(world, "lower") == ["ann"]


def test_a_confirm_of_something_else_does_not_lower() -> None:
    """The raise was asked first, the fall later: a plain yes means the raise."""
    world = a_world(0.01, lower_by="role:incident_commander", lower_after=timedelta(minutes=1))
    world.read(ratio=0.31)
    world.read(ratio=0.01)
    world.until(2)
    assert {"raise", "lower"} <= world.state.asks.keys()

    world.say("ann", "confirm")

    assert world.state.severity is Severity.SEV1
    assert "confirmed.raise" in world.kinds()


@pytest.mark.parametrize("lower_by", ["auto", "role:incident_commander"])
def test_what_a_person_has_set_is_not_lowered_until_the_rules_change_their_mind(
    lower_by: str,
) -> None:
    world = a_world(0.01, lower_by=lower_by)
    world.say("ann", "severity", severity="SEV1", reason="customers call")
    world.say("cy", "accept_role", role="incident_commander")
    world.fire(an_alert())
    world.until(20)
    assert (world.state.severity, asked(world, "lower")) == (Severity.SEV1, [])

    world.read(ratio=0.1)
    world.until(50)
    assert (world.state.severity is Severity.SEV2) == (lower_by == "auto")
    assert bool(world.texts("asked.lower")) == (lower_by != "auto")


def test_setting_the_severity_by_hand_ends_the_questions_about_it() -> None:
    world = a_world(0.31, lower_by="role:incident_commander", lower_after=timedelta(0))
    world.read(ratio=0.01)
    assert asked(world, "lower")
    world.say("ann", "severity", severity="SEV2", reason="I have looked")

    assert asked(world, "lower") == []
    assert "ask/lower" not in world.state.deadlines


def test_a_fall_that_waited_does_not_outlive_the_end() -> None:
    world = a_world(0.31, lower_by="auto")
    world.read(ratio=0.01)
    world.until(10)
    world.say("ann", "resolve")
    world.say("ann", "reopen")
    world.until(20)

    assert world.state.severity is Severity.SEV1
