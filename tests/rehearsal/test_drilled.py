"""Drills without a server: people answer, the alert ends, and every shipped playbook resolves."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.compile import Compiled
from domain.drill import DECLINES, NEVER, Behaviour, DrillPlan, Responders
from domain.incident.view import Phase
from domain.plan import Plan
from domain.plan_facts import FactPlan, HttpSource
from domain.plan_steps import (
    ApproveStep,
    AskStep,
    ChecklistItem,
    ChecklistStep,
    DecideOption,
    DecideStep,
    WaitForStep,
)
from domain.rehearsal.cast import Cast
from domain.rehearsal.drilled import rehearse_drill
from domain.rehearsal.rehearsal import Rehearsal
from domain.rehearsal.score import score
from domain.rehearsal.score_card import Measure, ScoreCard
from domain.roster import Method, NotifyRule, Roster, User
from tests.incident.plans import a_plan, an_escalation, minutes
from tests.stage import shipped

START = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
LEVELS = (("user:first",), ("user:second",))
RULES = (NotifyRule(via=Method.PUSH),)
PEOPLE = Roster(
    users={
        name: User(id=name, name=name.capitalize(), contact={Method.PUSH: "x"}, high=RULES)
        for name in ("first", "second", "manager")
    }
)
SHIPPED = shipped()


def played(plan: Plan, **drill: object) -> Rehearsal:
    """The drill of this plan with these people."""
    return rehearse_drill(plan, Cast(PEOPLE), DrillPlan.model_validate(drill), START)


def card_of(played: Rehearsal) -> ScoreCard:
    return score(played.plan, played.view(), played.record.entries)


def line(played: Rehearsal, name: str) -> Measure:
    return next(one for one in card_of(played).measures if one.name == name)


def ladder(**extra: object) -> Plan:
    return a_plan(escalation=an_escalation(*LEVELS, ack_within=minutes(5), **extra))


def people(**by_ref: Behaviour) -> Responders:
    return Responders(by_ref={f"user:{name}": each for name, each in by_ref.items()})


@pytest.mark.parametrize("name", sorted(SHIPPED.plans))
def test_a_drill_of_every_shipped_playbook_ends_resolved_where_people_answer(name: str) -> None:
    shipped: Compiled = SHIPPED
    drill = shipped.drills.get(name, DrillPlan())

    rehearsal = rehearse_drill(shipped.plans[name], Cast(shipped.roster), drill, START)

    assert rehearsal.state.phase in (Phase.RESOLVED, Phase.CLOSED), rehearsal.state.latest[-1]
    assert card_of(rehearsal).is_resolved


@given(
    name=st.sampled_from(sorted(SHIPPED.plans)),
    after=st.integers(min_value=0, max_value=8),
    hour=st.integers(min_value=0, max_value=24 * 7),
)
@settings(max_examples=25)
def test_it_ends_resolved_whenever_it_begins_if_people_answer_within_minutes(
    name: str, after: int, hour: int
) -> None:
    slow = Responders(default=Behaviour(after=timedelta(minutes=after)))
    drill = SHIPPED.drills.get(name, DrillPlan()).model_copy(update={"responders": slow})

    begins = START + timedelta(hours=hour)
    rehearsal = rehearse_drill(SHIPPED.plans[name], Cast(SHIPPED.roster), drill, begins)

    assert rehearsal.state.phase in (Phase.RESOLVED, Phase.CLOSED), rehearsal.state.latest[-1]


def test_who_is_paged_answers_after_their_own_time() -> None:
    rehearsal = played(ladder(), responders=people(first=Behaviour(after=timedelta(minutes=4))))

    assert line(rehearsal, "to acknowledge").happened == "4 min"
    assert line(rehearsal, "to acknowledge").verdict == "kept"


def test_who_never_answers_lets_the_level_pass_and_the_promise_is_missed() -> None:
    rehearsal = played(ladder(), responders=people(first=NEVER))

    assert rehearsal.state.acked_by.keys() == {"second"}
    assert line(rehearsal, "to acknowledge") == Measure(
        name="to acknowledge", promised="within 5 min", happened="8 min", verdict="missed"
    )


def test_who_declines_passes_the_page_on_at_once() -> None:
    rehearsal = played(ladder(), responders=people(first=DECLINES))

    assert rehearsal.state.acked_by.keys() == {"second"}
    assert line(rehearsal, "to acknowledge").happened == "4 min"


def test_a_schedules_behaviour_counts_for_whom_it_found() -> None:
    plan, cast = SHIPPED.plans["disk_full"], Cast(SHIPPED.roster)
    nobody = Responders(by_ref={"schedule:payments_primary": NEVER})

    rehearsal = rehearse_drill(plan, cast, DrillPlan(responders=nobody), START)

    assert any(one.kind == "level.timeout" for one in rehearsal.record.entries)
    assert card_of(rehearsal).is_resolved


def test_where_nobody_answers_the_ladder_is_exhausted_and_the_score_says_so() -> None:
    rehearsal = played(ladder(repeat=0), responders=Responders(default=NEVER))

    assert line(rehearsal, "somebody answers").verdict == "missed"
    assert line(rehearsal, "to acknowledge").happened == "never"
    assert not card_of(rehearsal).is_kept


def test_people_do_what_steps_ask_by_the_suggested_option_and_the_default() -> None:
    items = (ChecklistItem(id="one", text="look"),)
    options = (
        DecideOption(id="wait", label="Wait"),
        DecideOption(id="roll", label="Roll back", suggest_when="true"),
    )
    steps = (
        ChecklistStep(id="look", items=items),
        DecideStep(id="what", by="role:operations_lead", question="What now?", options=options),
        ApproveStep(id="yes", by=("user:second",)),
        AskStep(id="many", of="role:operations_lead", question="?", type="int", default=7),
    )

    rehearsal = played(a_plan(escalation=an_escalation(*LEVELS), steps=steps))

    assert rehearsal.state.steps["what"].choice == "roll"
    assert rehearsal.state.steps["many"].results == {"answer": 7}
    assert {one.state for one in rehearsal.state.steps.values()} == {"done"}


def test_somebody_breaks_the_glass_where_nobody_who_may_approve_answers() -> None:
    plan = a_plan(
        escalation=an_escalation(*LEVELS), steps=(ApproveStep(id="yes", by=("user:manager",)),)
    )

    rehearsal = played(plan, responders=people(manager=NEVER))

    assert rehearsal.state.steps["yes"].state == "done"
    assert line(rehearsal, "broken glass").happened == "1 approval"


def test_sources_say_the_given_facts_and_others_once_the_alert_has_ended() -> None:
    source = HttpSource(url="https://x.example/", path="body.used")
    facts = {"used": FactPlan(type="double", http=source)}
    steps = (WaitForStep(id="fine", until="facts.used < 0.5"),)
    plan = a_plan(escalation=an_escalation(*LEVELS), facts=facts, steps=steps)

    rehearsal = played(plan, facts={"used": 0.9}, facts_after={"used": 0.1})

    told = [one.text for one in rehearsal.record.entries if one.kind == "fact"]
    assert told == ["Fact used: 0.9 (measured).", "Fact used: 0.9 → 0.1 (measured)."]
    assert rehearsal.state.steps["fine"].state == "done"


def test_the_alert_ends_five_minutes_after_the_harm_is_stopped() -> None:
    rehearsal = played(ladder())

    entries = {one.kind: one.at for one in rehearsal.record.entries}
    assert entries["alert.resolved"] - entries["mitigated"] == timedelta(minutes=5)


def test_a_drill_that_cannot_end_is_called_off_and_is_not_resolved() -> None:
    facts = {"used": FactPlan(type="double", http=HttpSource(url="https://x/", path="body"))}
    resolve = a_plan().resolve.model_copy(update={"when": "facts.used < 0.5"})
    plan = a_plan(escalation=an_escalation(*LEVELS, repeat=0), facts=facts, resolve=resolve)

    rehearsal = played(plan, responders=Responders(default=NEVER), facts={"used": 0.9})

    assert rehearsal.state.phase is Phase.CANCELLED
    assert line(rehearsal, "to resolve").verdict == "missed"
    assert rehearsal.now - START == timedelta(hours=6)


def test_the_card_reads_as_a_table_and_ends_in_a_sentence() -> None:
    text = card_of(played(ladder(), responders=people(first=NEVER))).text()

    assert "to acknowledge" in text
    assert "MISSED" in text
    assert text.splitlines()[-1].startswith("Score: ")
    assert "Missed: to acknowledge: 8 min" in text.splitlines()[-1]
