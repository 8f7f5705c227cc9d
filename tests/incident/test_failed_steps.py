"""Steps that fail: they hold what is behind, and a person retries, skips or takes over."""

from domain.incident.effects import SendNotice
from domain.incident.events import StepFinished
from domain.incident.step_effects import CallResult
from domain.plan_steps import ChecklistItem, ChecklistStep, RunbookStep, Step
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

READ = RunbookStep(id="read", source="down.md#first", text="Look at the logs.", sha256="0")
DEPENDS = a_notice("tell", when="steps.fix.ok")


def failed(*behind: Step) -> World:
    """A call that has failed three times, with these steps behind it."""
    world = a_world(a_call(), *(behind or (a_notice(),)))
    world.finish("fix", BAD)
    return world


def entries(world: World, kind: str) -> list[tuple[str, str]]:
    """Who brought about what, of one kind of entry."""
    return [(one.actor, one.text) for one in world.entries if one.kind == kind]


def test_a_failure_holds_what_is_behind_and_is_told_with_what_can_be_said() -> None:
    world = failed()

    world.until(60)

    assert states(world) == {"fix": "failed", "after": "pending"}
    assert heard(world, "ann") == ["Step fix has failed: exit 3 after 3 tries"]
    assert shown(world, "fix").needs == ("retry", "skip", "take_over")
    assert world.pages == [(0, "ann", "push")]


def test_the_notice_of_a_failure_carries_the_three_commands() -> None:
    world = a_world(a_call())
    call = next(iter(world.running.values()))

    turned = world.take(StepFinished(id=call.id, result=BAD))

    [notice] = [one for one in turned.effects if isinstance(one, SendNotice)]
    assert notice.message.lines == (
        "Do it again: watchbill step retry INC-AAAAAA fix",
        "Go on without it: watchbill step skip INC-AAAAAA fix --because …",
        "Do it by hand: watchbill step take-over INC-AAAAAA fix",
    )
    assert not notice.nudge


def test_a_failure_before_anybody_is_there_is_told_to_who_comes() -> None:
    world = a_world(a_call(), ack=False)
    world.finish("fix", BAD)
    assert heard(world, "ann") == []

    world.say("ann", "acknowledge")
    world.say("ann", "note", text="on it")

    assert heard(world, "ann") == ["Step fix has failed: exit 3 after 3 tries"]


def test_a_failure_is_told_to_who_takes_operations_later() -> None:
    world = failed()
    world.until(15)

    world.say("bo", "take_role", role="operations_lead")

    assert heard(world, "bo").count("Step fix has failed: exit 3 after 3 tries") == 1


def test_a_failure_that_its_author_lets_go_holds_nothing() -> None:
    world = a_world(a_call(on_error="continue"), a_notice())

    world.finish("fix", BAD)

    assert states(world) == {"fix": "failed", "after": "done"}
    assert heard(world, "ann") == []
    assert shown(world, "fix").needs == ()


def test_a_retry_calls_again_under_a_new_id_and_is_attributed() -> None:
    world = failed()

    said = world.say("bo", "step_retry", step="fix")

    assert said.sentence == "Step fix starts again."
    assert entries(world, "step.retried") == [("user:bo", "Bo wants fix done again.")]
    assert [call.id for _, call in world.calls] == [
        "INC-AAAAAA/step/fix/1",
        "INC-AAAAAA/step/fix/2",
    ]
    world.finish("fix", OK)
    assert states(world) == {"fix": "done", "after": "done"}


def test_a_step_that_fails_again_is_told_again() -> None:
    world = failed()
    world.say("ann", "step_retry", step="fix")

    world.finish("fix", BAD)

    assert heard(world, "ann") == ["Step fix has failed: exit 3 after 3 tries"] * 2


def test_a_call_nobody_knows_the_end_of_waits_for_a_person() -> None:
    world = a_world(a_call(), a_notice())

    world.finish("fix", CallResult(outcome="unknown", detail="the worker died"))

    assert heard(world, "ann") == ["Step fix has failed: the worker died. It may have happened"]
    assert len(world.calls) == 1


def test_a_skip_needs_a_reason_and_what_depends_on_it_is_skipped_too() -> None:
    """Dependents of a skipped step are shown as skipped, not as succeeded."""
    world = failed(DEPENDS, a_notice())

    world.say("bo", "step_skip", step="fix", because="done by the vendor.")

    assert states(world) == {"fix": "skipped", "tell": "skipped", "after": "done"}
    assert shown(world, "fix").detail == "Bo: done by the vendor."
    assert (shown(world, "fix").by, shown(world, "fix").because) == ("bo", "done by the vendor.")
    assert shown(world, "tell").detail == "it depends on fix, which is skipped."
    assert entries(world, "step.skipped")[0][0] == "user:bo"


def test_a_skip_of_what_runs_takes_the_call_back() -> None:
    world = a_world(a_call(), a_notice())

    world.say("ann", "step_skip", step="fix", because="wrong host")

    assert world.stopped == ["fix"]
    assert states(world) == {"fix": "skipped", "after": "done"}


def test_taken_over_it_is_the_persons_until_they_are_done() -> None:
    world = failed()

    said = world.say("bo", "step_take_over", step="fix", because="I have the console open")
    assert said.sentence == "Step fix is yours. Done: watchbill step done INC-AAAAAA fix"
    assert shown(world, "fix").taken_over
    assert shown(world, "fix").needs == ("done",)
    assert shown(world, "after").state == "pending"
    world.say("bo", "step_done", step="fix")

    assert states(world) == {"fix": "done", "after": "done"}
    assert shown(world, "fix").detail == "Bo has done it by hand."
    assert entries(world, "step.taken_over") == [
        ("user:bo", "Bo does fix by hand: I have the console open.")
    ]


def test_taking_over_what_runs_takes_the_call_back_and_its_end_is_not_heard() -> None:
    world = a_world(a_call(deadline=within(20)), a_notice())
    call = next(iter(world.running.values()))
    world.say("bo", "step_take_over", step="fix")
    assert world.stopped == ["fix"]

    world.take(StepFinished(id=call.id, result=OK))
    assert shown(world, "fix").state == "running"
    world.until(20)

    assert [who for _, who, text in world.notices if "is due" in text] == ["bo"]


def test_what_was_done_by_hand_is_opened_again_and_given_back_to_the_machine() -> None:
    world = failed()
    world.say("bo", "step_take_over", step="fix")
    world.say("bo", "step_done", step="fix")

    world.say("bo", "step_undo", step="fix")
    assert (shown(world, "fix").state, shown(world, "fix").taken_over) == ("running", True)
    world.say("ann", "step_retry", step="fix")

    assert not shown(world, "fix").taken_over
    assert len(world.calls) == 2


def test_another_may_take_it_from_who_took_it() -> None:
    world = failed()
    world.say("bo", "step_take_over", step="fix")

    again = world.say("bo", "step_take_over", step="fix").sentence
    world.say("cy", "step_take_over", step="fix")

    assert again == "You do fix by hand already: say when it is done."
    assert shown(world, "fix").by == "cy"
    assert heard(world, "bo")[-1] == "Cy does fix by hand"


def test_what_somebody_did_by_hand_waits_again_when_they_leave_the_roster() -> None:
    world = failed()
    world.say("bo", "step_take_over", step="fix")

    world.gone("bo")

    assert shown(world, "fix").state == "failed"
    text = "Step fix has failed: Bo, who did it by hand, is no longer in the roster"
    assert text in heard(world, "ann")


def test_what_cannot_be_mended_so_says_why() -> None:
    items = (ChecklistItem(id="logs", text="Logs"),)
    world = a_world(a_call(), ChecklistStep(id="look", items=items), READ)

    def said(what: str, step: str, **body: object) -> str:
        turned = world.say("ann", what, step=step, **body)
        assert turned.refused
        return turned.sentence

    assert said("step_retry", "fix") == (
        "Step fix is running since 03:00 UTC: take it over to stop it, then retry."
    )
    assert said("step_retry", "look") == (
        "Step look has not started: it does so when its turn comes."
    )
    assert said("step_skip", "look", because="so") == (
        "Step look has not started: it can be skipped when its turn has come."
    )
    assert said("step_take_over", "look") == ("Step look is people's work already: tick its items.")
    assert said("step_done", "fix") == (
        "Step fix ends by itself: there is nothing to tick. Take it over to do it by hand."
    )
    world.finish("fix", OK)
    assert (
        said("step_retry", "fix")
        == "Step fix is done since 03:00 UTC (exit 0): it is not done again."
    )
    assert said("step_skip", "fix", because="so") == (
        "Step fix is done since 03:00 UTC (exit 0): there is nothing to skip."
    )
    assert said("step_undo", "fix") == (
        "Step fix is done since 03:00 UTC (exit 0). "
        "Only ticks, runbooks and what was done by hand can be undone."
    )
    world.say("ann", "step_done", step="look")
    assert said("step_done", "read") == "Runbook read is shown and done already: just read it."


def test_a_checklist_that_ran_out_of_time_is_retried_with_its_ticks() -> None:
    items = (ChecklistItem(id="logs", text="Logs"), ChecklistItem(id="graphs", text="Graphs"))
    look = ChecklistStep(id="look", items=items, deadline=within(5), on_timeout="fail")
    world = a_world(look)
    world.say("ann", "step_done", step="look", item="logs")
    world.until(5)
    refused = world.say("ann", "step_done", step="look", item="graphs").sentence

    world.say("ann", "step_retry", step="look")

    assert refused.startswith("Step look has failed since 03:05 UTC (out of time)")
    assert [one.done_by for one in shown(world, "look").items] == ["ann", None]
    assert shown(world, "look").state == "running"


def test_a_retry_of_a_failure_let_go_runs_beside_what_has_started() -> None:
    """What stands behind and has started goes on; what has not, waits for the retry."""
    world = a_world(a_call(on_error="continue"), a_call("second"), a_notice())
    world.finish("fix", BAD)

    world.say("ann", "step_retry", step="fix")
    world.finish("second", OK)
    assert states(world) == {"fix": "running", "second": "done", "after": "pending"}
    world.finish("fix", OK)

    assert shown(world, "after").state == "done"


def test_the_end_stops_machines_and_nothing_is_repeated_unasked_when_it_reopens() -> None:
    world = a_world(a_call(), a_notice())
    world.say("ann", "resolve")
    assert world.stopped == ["fix"]
    assert shown(world, "fix").state == "cancelled"
    assert shown(world, "fix").needs == ()
    assert entries(world, "step.stopped")[-1][1] == "Stopped: fix."

    world.say("ann", "reopen")
    world.say("ann", "acknowledge")

    assert states(world) == {"fix": "failed", "after": "pending"}
    assert len(world.calls) == 1
    assert "Step fix has failed: it was stopped when the incident ended" in heard(world, "ann")
    world.say("ann", "step_retry", step="fix")
    assert len(world.calls) == 2


def test_a_checklist_in_a_branch_is_ticked_after_the_end() -> None:
    items = (ChecklistItem(id="logs", text="Logs"),)
    world = a_world(a_parallel((ChecklistStep(id="look", items=items),), (a_call(),)))
    world.say("ann", "resolve")
    assert states(world) == {"both": "cancelled", "look": "running", "fix": "cancelled"}
    assert shown(world, "look").needs == ("done",)

    world.say("bo", "step_done", step="look", item="logs")

    assert shown(world, "look").items[0].done_by == "bo"
    assert world.say("ann", "step_retry", step="fix").sentence.endswith("Reopen it first.")


def test_work_taken_by_hand_goes_on_when_it_reopens() -> None:
    world = failed()
    world.say("bo", "step_take_over", step="fix")
    world.say("ann", "resolve")

    world.say("ann", "reopen")

    assert (shown(world, "fix").state, shown(world, "fix").by) == ("running", "bo")


def test_a_failure_in_a_decided_way_names_the_other_ways() -> None:
    world = led(a_world(a_decision(an_option("rollback", a_call()), an_option("hold"))))
    world.say("cy", "step_choose", step="way", option="rollback")

    call = next(iter(world.running.values()))
    turned = world.take(StepFinished(id=call.id, result=BAD))

    [notice] = [one for one in turned.effects if isinstance(one, SendNotice)]
    assert notice.message.lines[-1] == "Another way: watchbill step choose INC-AAAAAA way OPTION"
