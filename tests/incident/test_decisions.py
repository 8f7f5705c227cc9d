"""Decisions and questions: who is asked, who may answer, what an answer starts and stops."""

from domain.incident.handoff_summary import suggested_summary
from domain.incident.turn import DEEDS
from domain.plan import HandoffPlan
from domain.plan_steps import AskStep
from tests.incident.plans import minutes
from tests.incident.step_worlds import (
    BAD,
    OK,
    a_call,
    a_decision,
    a_notice,
    a_parallel,
    a_world,
    an_option,
    heard,
    led,
    shown,
    states,
    within,
)
from tests.incident.world import World

WAYS = (
    an_option("rollback", a_call("undo"), a_call("check"), suggest_when="alerts.firing == 1"),
    an_option("failover", a_call("shift")),
    an_option("hold"),
)


def a_question(**extra: object) -> AskStep:
    """How many refunds are open, asked of the scribe."""
    given = {"id": "refunds", "of": "role:scribe", "question": "How many refunds?", "type": "int"}
    return AskStep.model_validate(given | extra)


def notices_of(world: World, person: str, word: str) -> list[float]:
    """The minutes at which a person was told something with this word in it."""
    return [minute for minute, who, text in world.notices if who == person and word in text]


def test_a_decision_asks_who_decides_once_with_what_each_way_costs() -> None:
    world = a_world(a_decision())

    world.until(3)

    told = [text for text in heard(world, "ann") if "How do we stop" in text]
    assert told == ["How do we stop a1 is down?"]
    options = {one.id: (one.suggested, one.time, one.risk) for one in shown(world, "way").options}
    assert options["rollback"] == (True, "4 min", "loses a fix")
    assert shown(world, "way").needs == ("choose",)


def test_a_choice_starts_its_steps_and_is_a_decision_on_the_timeline() -> None:
    world = led(a_world(a_decision(), a_notice()))

    said = world.say("cy", "step_choose", step="way", option="rollback", because="fees are fine.")

    assert said.sentence == "Decided: rollback."
    assert states(world) == {"way": "running", "undo": "running", "after": "pending"}
    decision = next(one for one in world.entries if one.kind == "note.decision")
    assert decision.text == "Cy decides rollback for way: fees are fine. Suggested: rollback."
    assert decision.kind in DEEDS
    assert "Cy decides rollback for way: fees are fine. Suggested: rollback" in heard(world, "ann")
    assert (shown(world, "way").by_name, shown(world, "way").because) == ("Cy", "fees are fine.")

    world.finish("undo", OK)
    assert (shown(world, "way").state, shown(world, "after").state) == ("done", "done")
    assert shown(world, "way").question == "How do we stop a1 is down?"


def test_only_who_decides_and_the_commander_choose() -> None:
    scribe = a_world(a_decision(by="role:scribe"))
    scribe.say("dee", "take_role", role="scribe")
    by_other = scribe.say("bo", "step_choose", step="way", option="hold")
    by_commander = scribe.say("ann", "step_choose", step="way", option="hold")

    assert by_other.refused
    assert by_other.sentence == "Only scribe decides this: Dee."
    assert by_commander.sentence == "Decided: hold."
    assert shown(scribe, "way").state == "done"


def test_an_unknown_option_is_refused_with_those_there_are() -> None:
    world = a_world(a_decision(*WAYS))

    refused = world.say("ann", "step_choose", step="way", option="pray").sentence

    assert refused == "Decision way has no option 'pray'; it has rollback, failover, hold."


def test_the_same_choice_again_names_who_made_it() -> None:
    world = led(a_world(a_decision()))
    world.say("cy", "step_choose", step="way", option="rollback")

    again = world.say("cy", "step_choose", step="way", option="rollback")

    assert again.refused
    assert again.sentence == "Cy has decided rollback already."


def test_what_was_chosen_is_read_by_later_steps() -> None:
    taken = a_notice("taken", when="steps.way.chosen == 'hold'")
    other = a_notice("other", when="steps.way.chosen == 'rollback'")
    world = a_world(a_decision(*WAYS), taken, other)

    world.say("ann", "step_choose", step="way", option="hold")

    assert states(world) == {"way": "done", "taken": "done", "other": "skipped"}


def test_another_choice_stops_what_runs_of_the_first() -> None:
    world = a_world(a_decision(*WAYS))
    world.say("ann", "step_choose", step="way", option="rollback")

    said = world.say("ann", "step_choose", step="way", option="failover", because="too slow")

    assert said.sentence == "Decided: failover instead of rollback. Stopped: undo."
    assert world.stopped == ["undo"]
    assert states(world) == {"way": "running", "shift": "running"}


def test_going_back_to_the_first_choice_does_again_what_was_stopped_and_keeps_what_was_done() -> (
    None
):
    world = a_world(a_decision(*WAYS))
    world.say("ann", "step_choose", step="way", option="rollback")
    world.finish("undo", OK)
    world.say("ann", "step_choose", step="way", option="failover")

    world.say("ann", "step_choose", step="way", option="rollback")

    assert states(world) == {"way": "running", "undo": "done", "check": "running"}
    assert world.stopped == ["check", "shift"]


def test_a_decision_that_is_carried_out_is_put_again_only_on_request() -> None:
    world = a_world(a_decision(*WAYS), a_notice())
    world.say("ann", "step_choose", step="way", option="hold")
    refused = world.say("ann", "step_choose", step="way", option="failover")
    assert refused.refused
    assert refused.sentence.endswith("watchbill step retry INC-AAAAAA way puts it again.")

    world.say("ann", "step_retry", step="way")
    assert (shown(world, "way").state, shown(world, "after").state) == ("running", "done")
    world.say("ann", "step_choose", step="way", option="failover")

    assert shown(world, "shift").state == "running"


def test_a_decision_whose_way_has_failed_takes_another_way_or_is_put_again() -> None:
    other = a_world(a_decision(*WAYS))
    again = a_world(a_decision(*WAYS))
    for world in (other, again):
        world.say("ann", "step_choose", step="way", option="rollback")
        world.finish("undo", BAD)
    lines = [text for text in heard(other, "ann") if "has failed" in text]
    assert lines == ["Step undo has failed: exit 3 after 3 tries"]

    other.say("ann", "step_choose", step="way", option="hold")
    again.say("ann", "step_retry", step="way")

    assert shown(other, "way").state == "done"
    assert shown(again, "way").choice is None
    assert shown(again, "way").needs == ("choose",)


def test_a_decision_nobody_takes_is_told_to_the_commander_again_and_again() -> None:
    """Nobody holds the role that decides; nothing hangs unseen, and nobody is paged."""
    world = a_world(
        a_decision(by="role:scribe", deadline=within(20), on_timeout="escalate"), a_notice()
    )
    assert "step.unclaimed" in world.kinds()
    assert "Nobody can take way: nobody holds scribe" in heard(world, "ann")

    world.until(65)

    assert notices_of(world, "ann", "Step way is overdue") == [20, 40, 60]
    assert shown(world, "way").state == "running"
    assert world.pages == [(0, "ann", "push")]


def test_who_takes_the_role_later_is_told_once_of_what_waits() -> None:
    world = a_world(a_decision(by="role:scribe"))
    world.until(5)

    world.say("dee", "take_role", role="scribe")
    world.say("dee", "note", text="reading")

    assert notices_of(world, "dee", "How do we stop") == [5]


def test_the_deadline_of_a_decision_ends_with_the_choice() -> None:
    world = a_world(a_decision(deadline=within(10)))
    world.say("ann", "step_choose", step="way", option="rollback")
    world.say("ann", "severity", severity="SEV2", reason="worse")

    world.until(30)

    assert "step.overdue" not in world.kinds()
    assert "step/way" not in world.state.deadlines


def test_a_raised_severity_does_not_remind_at_once_of_what_was_just_said() -> None:
    shorter = within(60).model_copy(update={"SEV2": within(30).SEV2})
    world = a_world(a_decision(deadline=shorter))
    world.until(70)
    assert notices_of(world, "ann", "is due") == [60]

    world.say("ann", "severity", severity="SEV2", reason="worse")
    world.until(89)
    assert notices_of(world, "ann", "is due") == [60]
    world.until(91)

    assert notices_of(world, "ann", "is due") == [60, 90]


def test_a_very_short_deadline_does_not_nag_every_minute() -> None:
    world = a_world(a_decision(deadline=within(1)))

    world.until(17)

    assert notices_of(world, "ann", "is due") == [1, 6, 11, 16]


def test_an_answer_is_typed_and_attributed() -> None:
    world = a_world(a_question())
    world.say("dee", "take_role", role="scribe")

    said = world.say("dee", "step_answer", step="refunds", answer="12")

    assert said.sentence == "Answered: 12."
    assert shown(world, "refunds").results == {"answer": 12}
    assert shown(world, "refunds").by_name == "Dee"
    later = world.say("dee", "step_answer", step="refunds", answer="13")
    assert later.sentence == "Step refunds is done since 03:00 UTC (Dee answers 12)."


def test_an_answer_of_the_wrong_kind_or_by_somebody_else_is_refused() -> None:
    world = a_world(a_question(), a_question(id="region", type="string", one_of=("eu", "us")))
    world.say("dee", "take_role", role="scribe")

    wrong = world.say("dee", "step_answer", step="refunds", answer="many").sentence
    not_asked = world.say("bo", "step_answer", step="refunds", answer=3).sentence
    world.say("ann", "step_answer", step="refunds", answer=3)
    unknown = world.say("dee", "step_answer", step="region", answer="mars").sentence
    asks_nothing = world.say("dee", "step_choose", step="region", option="eu").sentence

    assert wrong == "'many' is no number: refunds takes a whole number."
    assert not_asked == "Only scribe is asked: Dee."
    assert shown(world, "refunds").by_name == "Ann"
    assert unknown == "'mars' is no answer to region: it takes one of eu, us."
    assert asks_nothing == "Step region is no decision: there is nothing to choose."


def test_a_question_nobody_answers_takes_its_default_or_fails_for_a_person() -> None:
    lenient = a_world(a_question(default=0, deadline=within(10)), a_notice())
    strict = a_world(a_question(deadline=within(10), on_timeout="fail"), a_notice())

    lenient.until(10)
    strict.until(10)

    assert shown(lenient, "refunds").results == {"answer": 0}
    assert shown(lenient, "refunds").timed_out
    assert states(strict) == {"refunds": "failed", "after": "pending"}
    assert shown(strict, "refunds").needs == ("retry", "skip")
    late = strict.say("ann", "step_answer", step="refunds", answer=1).sentence
    assert late == (
        "Step refunds has failed since 03:10 UTC (out of time). "
        "watchbill step retry INC-AAAAAA refunds asks anew."
    )


def test_a_step_of_a_way_not_taken_is_named_so() -> None:
    world = a_world(a_decision(*WAYS))
    world.say("ann", "step_choose", step="way", option="rollback")

    refused = world.say("ann", "step_skip", step="shift", because="so").sentence

    assert refused == (
        "Step shift is not there yet: it belongs to option failover of way, which is not chosen."
    )


def test_a_handoff_says_what_is_decided_and_what_waits_for_a_word() -> None:
    world = a_world(
        a_parallel((a_decision(),), (a_question(),), (a_call("slow"),), (a_call("bad"),)),
        handoff=HandoffPlan(
            max_shift=minutes(None), require=("actions_in_flight", "decisions_pending")
        ),
    )
    world.finish("bad", BAD)

    said = suggested_summary(world.plan, world.state, world.now)

    assert said == {
        "actions_in_flight": "Open: way, refunds, slow, bad (failed).",
        "decisions_pending": "Asked: How do we stop a1 is down?, How many refunds?",
    }
