"""When a measured fact is worth telling."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.incident.step_effects import Reading, Watched
from domain.measuring import Found, Gauge, differs, judge, next_read
from domain.plan_facts import FactPlan
from domain.values import Value

START = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
RATIO = FactPlan(
    type="double",
    query="q",
    every=timedelta(minutes=1),
    max_age=timedelta(minutes=3),
    marks=(0.05, 0.25),
)


def follow(
    fact: FactPlan, *answers: Value | None, known: Value | None = None, stale: bool = False
) -> list[Reading | None]:
    """What is told of the answers, one a minute, until the first that is."""
    gauge = Gauge("f", fact, known, stale)
    watched, told = Watched(good_at=START), []
    for minute, value in enumerate(answers, start=1):
        found = Found(at=START + timedelta(minutes=minute), value=value, why="refused")
        watched, reading = judge(gauge, watched, found)
        told.append(reading)
        if reading is not None:
            break
    return told


def values(told: list[Reading | None]) -> list[Value | None]:
    """Only what is told."""
    return [one.value for one in told if one is not None]


def test_the_first_value_is_told_rounded() -> None:
    assert values(follow(RATIO, 0.123456)) == [0.1235]


def test_a_number_is_told_when_it_crosses_a_mark_and_only_then() -> None:
    assert values(follow(RATIO, 0.06, 0.1, 0.2, 0.24999, known=0.07)) == [0.25]
    assert values(follow(RATIO, 0.06, 0.1, 0.2499, 0.0501, known=0.07)) == []
    assert values(follow(RATIO, 0.049, known=0.07)) == [0.049]


@pytest.mark.parametrize(("known", "value"), [(0.05, 0.06), (0.04, 0.05), (0.05, 0.04)])
def test_standing_on_a_mark_is_a_place_of_its_own(known: float, value: float) -> None:
    """Whether it is `>` or `>=` that the author wrote."""
    assert differs(RATIO, known, value)


def test_without_known_marks_every_change_is_told_but_no_noise() -> None:
    fact = RATIO.model_copy(update={"marks": None})

    assert values(follow(fact, 0.70001, 0.70002, known=0.7)) == []
    assert values(follow(fact, 0.7, 0.71, known=0.7)) == [0.71]


def test_a_number_that_nothing_reads_is_told_once() -> None:
    fact = RATIO.model_copy(update={"marks": ()})

    assert values(follow(fact, 0.1)) == [0.1]
    assert values(follow(fact, 5.0, 100.0, known=0.1)) == []


def test_a_change_must_stand_for_its_hold() -> None:
    fact = RATIO.model_copy(update={"hold": timedelta(minutes=2)})

    assert [one is not None for one in follow(fact, 0.3, 0.31, 0.4, known=0.1)] == [0, 0, 1]
    assert values(follow(fact, 0.3, 0.1, 0.3, 0.3, known=0.1)) == []


def test_a_failed_question_does_not_break_a_hold() -> None:
    fact = RATIO.model_copy(update={"hold": timedelta(minutes=2)})

    assert values(follow(fact, 0.3, None, 0.4, known=0.1)) == [0.4]


def test_no_good_answer_for_max_age_is_stale_once_with_the_reason() -> None:
    told = follow(RATIO, None, None, None, known=0.1)

    assert told[:2] == [None, None]
    assert told[2] == Reading(fact="f", at=START, stale=True, why="refused")
    assert values(follow(RATIO, None, None, None, None, known=0.1, stale=True)) == []


def test_fresh_again_is_told_although_the_value_is_the_same() -> None:
    assert values(follow(RATIO, None, 0.1, known=0.1, stale=True)) == [0.1]


def test_the_source_is_asked_each_every_and_when_the_age_is_decided() -> None:
    gauge = Gauge("f", RATIO, 0.1)
    good = START + timedelta(minutes=1)

    assert next_read(gauge, Watched(good_at=START)) == START
    asked = Watched(good_at=good, read_at=good)
    assert next_read(gauge, asked) == good + timedelta(minutes=1)
    failing = Watched(good_at=good, read_at=good + timedelta(seconds=150))
    assert next_read(gauge, failing) == good + timedelta(minutes=3)


def test_speed_shortens_every_interval() -> None:
    gauge = Gauge("f", RATIO, 0.1, speed=60)
    asked = Watched(good_at=START, read_at=START)

    assert next_read(gauge, asked) == START + timedelta(seconds=1)
    _, reading = judge(gauge, asked, Found(at=START + timedelta(seconds=3), why="refused"))
    assert reading is not None
    assert reading.stale


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=20))
def test_the_next_question_is_always_later_than_the_last(answers: list[float | None]) -> None:
    """Whatever is answered, no source is asked without a pause."""
    gauge = Gauge("f", RATIO.model_copy(update={"hold": timedelta(minutes=2)}), 0.1)
    watched, at = Watched(good_at=START), START
    for value in answers:
        watched, _ = judge(gauge, watched, Found(at=at, value=value))
        after = next_read(gauge, watched)
        assert after >= at + timedelta(seconds=1)
        at = after
