"""What people say of facts: asked or not, answered, set and released."""

from datetime import timedelta
from typing import Any

import pytest

from domain.plan import RolePlan, SeverityRule
from domain.plan_facts import FactPlan
from domain.severity import Severity
from tests.incident.fact_world import CAUSE, COMMANDED, RATIO, an_open_world, seen, with_facts
from tests.incident.plans import minutes
from tests.incident.world import START


def test_a_set_value_stands_until_it_is_let_go_whatever_is_measured() -> None:
    world = an_open_world()
    world.read(ratio=0.01)
    answer = world.say("zoe", "fact_set", fact="ratio", value="0.4")
    world.read(ratio=0.1)

    assert answer.sentence.startswith("ratio is 0.4 now. It stands")
    assert (world.known("ratio").value, world.known("ratio").measured) == (0.4, 0.1)
    assert world.state.severity is Severity.SEV1
    assert world.flight.known == {"ratio": 0.1}

    released = world.say("zoe", "fact_release", fact="ratio")
    assert released.sentence == "ratio is 0.1 now."
    assert world.known("ratio").source == "measured"
    entry = next(entry for entry in world.entries if entry.kind == "fact.set")
    assert (entry.actor, entry.text) == ("user:zoe", "Fact ratio: 0.01 → 0.4 (set by Zoe).")


def test_a_set_value_stands_while_its_source_fails_and_is_unknown_when_let_go() -> None:
    world = an_open_world()
    world.say("zoe", "fact_set", fact="ratio", value=0.4)
    world.fail("ratio")

    assert seen(world) == {"ratio": 0.4}
    assert world.flight.stale == ("ratio",)
    assert world.texts("fact.stale") == []
    world.say("zoe", "fact_release", fact="ratio")
    assert seen(world) == {}


@pytest.mark.parametrize(
    ("what", "body", "why"),
    [
        ("fact_set", {"fact": "size", "value": 1}, "There is no fact 'size'; the playbook has"),
        ("fact_set", {"fact": "ratio", "value": "much"}, "'much' is no value of ratio: it is a "),
        ("fact_set", {"fact": "cause", "value": "rain"}, "it is one of unknown, deploy, database."),
        ("fact_release", {"fact": "ratio"}, "Nobody has set ratio: it is unknown."),
    ],
)
def test_what_cannot_be_said_of_a_fact_is_refused_naming_what_can(
    what: str, body: dict[str, Any], why: str
) -> None:
    world = an_open_world(with_facts(facts={"ratio": RATIO, "cause": CAUSE}))

    turned = world.say("ann", what, **body)

    assert turned.refused
    assert why in turned.sentence


def test_the_holder_is_asked_quietly_at_the_first_acknowledgement() -> None:
    world = an_open_world(with_facts(facts={"cause": CAUSE}))
    assert not any("What broke?" in text for _, _, text in world.notices)

    world.say("ann", "acknowledge")

    assert (0, "ann", "What broke? a1 is down") in world.notices
    assert "Answer: watchbill fact set INC-AAAAAA cause unknown|deploy|database" in world.lines
    assert world.state.deadlines["fact/cause"].at == START + timedelta(minutes=15)
    assert world.flying == {}


def test_an_answer_of_anybody_ends_the_question() -> None:
    world = an_open_world(with_facts(facts={"cause": CAUSE}))
    world.say("ann", "acknowledge")
    world.say("zoe", "fact_set", fact="cause", value="deploy")

    assert (world.known("cause").value, world.known("cause").source) == ("deploy", "answer")
    assert "fact/cause" not in world.state.deadlines


def test_silence_takes_the_default_and_says_so() -> None:
    world = an_open_world(with_facts(facts={"cause": CAUSE}))
    world.say("ann", "acknowledge")
    world.until(16)

    assert (world.known("cause").value, world.known("cause").source) == ("unknown", "default")
    assert "Fact cause: unknown (the default)." in world.texts("fact")
    assert "fact/cause" not in world.state.deadlines


def test_silence_without_a_default_is_asked_again() -> None:
    asked = CAUSE.model_copy(update={"default": None, "one_of": ()})
    world = an_open_world(with_facts(facts={"cause": asked}))
    world.say("ann", "acknowledge")
    world.until(31)

    assert len([text for _, who, text in world.notices if "What broke?" in text]) == 3
    assert world.known("cause").value is None
    assert "fact/cause" in world.state.deadlines


def test_a_role_nobody_holds_is_asked_once_somebody_does_and_the_next_holder_too() -> None:
    commanded = CAUSE.model_copy(update={"ask": "role:scribe"})
    roles = COMMANDED | {"scribe": RolePlan()}
    world = an_open_world(with_facts(facts={"cause": commanded}, roles=roles))
    world.say("ann", "acknowledge")
    assert not any("What broke?" in text for _, _, text in world.notices)

    world.say("bo", "assign", role="scribe", to="user:bo")
    world.say("bo", "accept_role", role="scribe")

    assert [who for _, who, text in world.notices if "What broke?" in text] == ["bo"]


def test_a_released_answer_is_asked_for_again() -> None:
    world = an_open_world(with_facts(facts={"cause": CAUSE}))
    world.say("ann", "acknowledge")
    world.say("ann", "fact_set", fact="cause", value="deploy")
    turned = world.say("ann", "fact_release", fact="cause")

    assert turned.sentence == "cause is unknown now and is asked for again."
    assert "fact/cause" in world.state.deadlines


def test_an_asked_fact_decides_the_severity_like_any_other() -> None:
    lost = FactPlan(type="bool", ask="role:operations_lead", default=False, deadline=minutes(10))
    rules = (SeverityRule(set=Severity.SEV1, when="facts.lost"),)
    world = an_open_world(with_facts(facts={"lost": lost}, rules=rules))
    world.say("ann", "acknowledge")
    world.say("ann", "fact_set", fact="lost", value="yes")

    assert world.state.severity is Severity.SEV1
