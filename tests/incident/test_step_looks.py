"""Which steps have a line, how they read, and for whom they wait."""

import pytest

from domain.incident.steps.outline import ROUNDS_SPELT_OUT, ROUNDS_THAT_NEED, outline
from domain.incident.steps.own import own_steps, say_to, what_waits
from domain.incident.steps.words import outcome_of, results_text, state_of, tradeoff_of, value_text
from domain.incident.view import RoleView, StepView
from tests.incident.step_trees import (
    AT,
    a_checklist,
    a_decision,
    a_loop,
    a_step,
    an_approval,
    an_incident,
)


def lines_of(*steps: StepView, fold: bool = False) -> list[str]:
    """Each line's step or sentence."""
    lines = outline(steps, fold_above=3 if fold else None)
    return [line.step.id if line.step else line.said for line in lines]


def test_a_loop_of_200_rounds_is_counted_and_only_rounds_that_need_somebody_are_spelt_out():
    lines = lines_of(a_loop(200, failed=(7, 180)))

    assert lines == [
        "each_region",
        "200 rounds: 2 failed, 99 pending, 99 done",
        "shift@7",
        "check@7",
        "shift@180",
        "check@180",
    ]


def test_of_very_many_rounds_that_need_somebody_the_rest_is_counted():
    lines = lines_of(a_loop(200, failed=tuple(range(1, 31))))

    assert len(lines) == 2 + 2 * ROUNDS_THAT_NEED + 1
    assert lines[-1] == f"and {30 - ROUNDS_THAT_NEED} more that need somebody"


def test_a_short_loop_is_shown_whole():
    assert len(lines_of(a_loop(ROUNDS_SPELT_OUT))) == 1 + 2 * ROUNDS_SPELT_OUT


def test_in_a_large_tree_a_part_that_is_over_is_one_line_and_one_that_runs_is_not():
    over = a_step("over", "parallel", steps=(a_step("one"), a_step("two", state="skipped")))
    runs = a_step("runs", "parallel", steps=(a_step("three"), a_step("four", state="failed")))

    assert lines_of(over, runs, fold=True) == ["over", "runs", "three", "four"]
    assert outline((over,), fold_above=2)[0].folded == 2
    assert lines_of(over) == ["over", "one", "two"]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (a_step("x", state="running"), "running"),
        (a_step("x", state="cancelled"), "stopped"),
        (a_step("x", state="failed", timed_out=True), "failed: too late"),
        (a_step("x", taken_over=True), "done by hand"),
        (a_step("x", state="running", taken_over=True, needs=("done",)), "being done by hand"),
        (a_decision(), "to be decided"),
        (an_approval(), "approved by 1 of 2"),
        (a_checklist(), "1 of 2 ticked"),
        (a_step("x", "ask", "running", needs=("answer",)), "to be answered"),
    ],
)
def test_where_a_step_stands_says_what_it_waits_for(step: StepView, said: str):
    assert state_of(step) == said


def test_what_came_of_a_step_names_choice_person_and_reason():
    chosen = a_decision(choice="rollback", by="cleo", by_name="Cleo", because="deployed at 02:40")
    assert outcome_of(chosen) == "Roll back the last deploy, by Cleo, because deployed at 02:40"
    assert outcome_of(a_step("x", results={"count": 3, "ok": True})) == "count=3, ok=true"
    assert outcome_of(a_step("x", state="failed", detail="HTTP 500.")) == "HTTP 500"


def test_results_and_values_stay_short():
    assert results_text({f"n{number}": number for number in range(9)}).endswith("and 3 more")
    assert len(value_text("x" * 500)) == 61
    assert (value_text(None), value_text(("a", "b")), value_text(0.1 + 0.2)) == (
        "unknown",
        "a, b",
        "0.3",
    )


def test_a_tradeoff_says_time_risk_and_whether_it_can_be_undone():
    rollback, hold = a_decision().options

    assert tradeoff_of(rollback) == "about 4 min; risk: loses the tax fix; can be undone"
    assert tradeoff_of(hold) == "risk: customers keep failing"


def waiting(person: str, *steps: StepView, **fields: object) -> dict[str, tuple[str, ...]]:
    """What is the person's move, by step."""
    found = own_steps(an_incident(*steps, **fields), person)
    return {own.step.id: own.may for own in found if own.is_asked}


def taken(person: str, *steps: StepView, **fields: object) -> dict[str, tuple[str, ...]]:
    """What would be taken from the person too, though it is another's move."""
    found = own_steps(an_incident(*steps, **fields), person)
    return {own.step.id: own.may for own in found if not own.is_asked}


def test_a_decision_waits_for_who_is_named_and_takes_the_commanders_word_too():
    named = a_decision(owner="user:nora")

    assert waiting("cleo", a_decision()) == {"way": ("choose",)}
    assert (waiting("nora", named), waiting("cleo", named)) == ({"way": ("choose",)}, {})
    assert (taken("cleo", named), taken("bo", named)) == ({"way": ("choose",)}, {})


def test_a_decision_that_is_carried_out_waits_for_nobody():
    assert waiting("cleo", a_decision(choice="rollback", by="cleo")) == {}


def test_an_approval_waits_for_those_named_never_for_who_asks_or_has_voted():
    asker = an_approval(asked_by="cleo", votes=())

    assert waiting("nora", an_approval()) == {"four_eyes": ("approve", "reject")}
    assert waiting("cleo", an_approval()) == {}
    assert waiting("cleo", asker) == {}
    assert taken("cleo", asker) == {"four_eyes": ("reject", "break_glass")}
    assert taken("bo", an_approval(asked_by="nora")) == {"four_eyes": ("break_glass",)}
    assert taken("zoe", an_approval()) == {}, "who is not on it cannot break the glass"


def test_a_failed_step_waits_for_its_own_people_else_operations_else_the_commander():
    failed = a_step("call", state="failed", needs=("retry", "skip", "take_over"))
    nobody = {"incident_commander": (RoleView(person="cleo", name="Cleo", since=AT),)}

    assert waiting("bo", failed) == {"call": ("retry", "skip", "take_over")}
    assert waiting("cleo", failed) == {}
    assert waiting("cleo", failed, roles=nobody) == {"call": ("retry", "skip", "take_over")}


def test_a_step_taken_over_waits_for_who_took_it():
    by_ann = a_step("call", state="running", taken_over=True, needs=("done",), by="ann")

    assert waiting("ann", by_ann) == {"call": ("done",)}
    assert waiting("bo", by_ann) == {}


def test_each_thing_that_waits_says_the_command_that_answers_it():
    said = {
        own.step.id: (what_waits(own.step), say_to("INC-A", own))
        for person in ("cleo", "bo", "nora")
        for own in own_steps(
            an_incident(
                a_decision(),
                an_approval(),
                a_checklist(),
                a_step("call@2", state="failed", needs=("retry", "skip", "take_over")),
            ),
            person,
        )
        if own.is_asked
    }

    assert said == {
        "way": ("decision", "watchbill step choose INC-A way OPTION --because …"),
        "four_eyes": ("approval", "watchbill step approve INC-A four_eyes"),
        "look": ("checklist", "watchbill step done INC-A look ITEM"),
        "call@2": ("failed step", "watchbill step retry INC-A call@2"),
    }
