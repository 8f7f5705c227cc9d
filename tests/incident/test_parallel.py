"""Branches side by side: what each join makes of a failure, and what it stops."""

from typing import Any

from domain.incident.view import Phase
from domain.plan_steps import WaitForStep
from domain.severity import Severity
from tests.incident.step_worlds import (
    BAD,
    OK,
    a_call,
    a_loop,
    a_notice,
    a_parallel,
    a_world,
    heard,
    set_regions,
    shown,
    states,
    within,
)
from tests.incident.world import World


def split(join: str, **extra: Any) -> World:
    """Two branches of two calls each, and a notice behind them."""
    left, right = (a_call("a"), a_call("a2")), (a_call("b"), a_call("b2"))
    return a_world(a_parallel(left, right, join=join, **extra), a_notice())


def test_branches_run_side_by_side_each_in_its_order() -> None:
    world = split("settled")
    assert states(world) == {
        "both": "running", "a": "running", "a2": "pending", "b": "running", "b2": "pending",
        "after": "pending",
    }  # fmt: skip

    world.finish("b", OK)

    assert states(world)["b2"] == "running"
    assert states(world)["a2"] == "pending"


def test_settled_is_over_when_every_branch_is_and_a_failure_keeps_its_branch_open() -> None:
    world = split("settled")
    world.finish("a", BAD)
    world.finish("b", OK)
    world.finish("b2", OK)
    assert (states(world)["both"], states(world)["after"]) == ("running", "pending")

    world.say("ann", "step_skip", step="a", because="no need")
    world.finish("a2", OK)

    assert (states(world)["both"], states(world)["after"]) == ("done", "done")


def test_all_fails_with_the_first_failure_and_stops_the_others() -> None:
    world = split("all")

    world.finish("a", BAD)

    assert states(world) == {
        "both": "failed", "a": "failed", "a2": "pending", "b": "cancelled", "b2": "pending",
        "after": "pending",
    }  # fmt: skip
    assert world.stopped == ["b"]
    assert heard(world, "ann") == ["Step both has failed: a has failed, and all were wanted"]


def test_what_failed_as_a_whole_is_done_again_as_a_whole_without_what_was_done() -> None:
    world = split("all")
    world.finish("b", OK)
    world.finish("a", BAD)

    part = world.say("ann", "step_retry", step="a").sentence
    skipped = world.say("ann", "step_skip", step="a", because="so").sentence
    world.say("ann", "step_retry", step="both")

    standing = (
        "Step both has failed since 03:00 UTC (a has failed, and all were wanted), and a with it."
    )
    assert part == f"{standing} Retry both as a whole."
    assert skipped == f"{standing} Say so of both."
    assert states(world)["a"] == "running"
    assert (states(world)["b"], states(world)["b2"]) == ("done", "running")


def test_any_ends_with_the_first_branch_that_succeeds_and_stops_the_others() -> None:
    world = split("any")
    world.finish("a", OK)
    assert states(world)["both"] == "running"

    world.finish("a2", OK)

    assert (states(world)["both"], states(world)["after"]) == ("done", "done")
    assert (states(world)["b"], states(world)["b2"]) == ("cancelled", "skipped")
    assert world.stopped == ["b"]
    again = world.say("ann", "step_retry", step="b")
    assert again.sentence == (
        "Step both is done since 03:00 UTC (one branch has succeeded), and b with it."
    )


def test_any_fails_when_no_branch_is_left() -> None:
    world = split("any")
    world.finish("a", BAD)
    assert states(world)["both"] == "running"

    world.finish("b", BAD)

    assert states(world)["both"] == "failed"
    assert shown(world, "both").detail == "no branch has succeeded."


def test_any_is_not_won_by_a_branch_in_which_nothing_applied() -> None:
    elsewhere = a_notice("elsewhere", at=(Severity.SEV1,))
    world = a_world(a_parallel((elsewhere,), (a_call(),), join="any"), a_notice())
    assert states(world)["both"] == "running"

    world.finish("fix", BAD)

    assert states(world)["both"] == "failed"


def test_a_branch_that_may_fail_does_not_stop_all_but_wins_nothing_in_any() -> None:
    lenient = a_call("a", on_error="continue")
    every = a_world(a_parallel((lenient,), (a_call("b"),), join="all"))
    one = a_world(a_parallel((lenient,), (a_call("b"),), join="any"))

    for world in (every, one):
        world.finish("a", BAD)
        assert states(world)["both"] == "running"
        world.finish("b", OK)

    assert (states(every)["both"], states(one)["both"]) == ("done", "done")


def test_a_failure_deep_inside_stops_all_and_is_told_once() -> None:
    loop = a_loop(a_call("shift"), at_once=2)
    world = a_world(a_call("wait"), a_parallel((loop,), (a_call("b"),), join="all"))
    set_regions(world, "eu", "us")
    world.finish("wait", OK)

    world.finish("shift@1", BAD)

    assert states(world)["both"] == "failed"
    assert sorted(world.stopped) == ["b", "shift@2"]
    told = "Step both has failed: shift (eu) has failed, and all were wanted"
    assert heard(world, "ann") == [told]


def test_the_end_stops_every_branch_and_reopening_holds_each_call() -> None:
    """Resolving the incident cancels what still runs."""
    world = split("settled")
    world.finish("a", OK)

    world.say("ann", "resolve")
    assert sorted(world.stopped) == ["a2", "b"]
    assert {states(world)[one] for one in ("both", "a2", "b")} == {"cancelled"}
    world.say("ann", "reopen")

    assert world.phase is Phase.TRIGGERED
    assert states(world) == {
        "both": "running", "a": "done", "a2": "failed", "b": "failed", "b2": "pending",
        "after": "pending",
    }  # fmt: skip
    assert len(world.calls) == 3


def test_reopening_leaves_alone_what_was_over() -> None:
    """It used to fail what an `any` had stopped, long after another branch had won."""
    world = split("any")
    world.finish("a", OK)
    world.finish("a2", OK)
    world.say("ann", "resolve")

    world.say("ann", "reopen")

    assert (states(world)["both"], states(world)["b"]) == ("done", "cancelled")


def test_a_deadline_of_the_whole_stops_what_runs_inside() -> None:
    world = split("settled", deadline=within(10), on_timeout="fail")

    world.until(10)

    assert states(world)["both"] == "failed"
    assert sorted(world.stopped) == ["a", "b"]
    assert shown(world, "both").timed_out


def test_a_wait_for_another_branch_is_over_in_the_same_breath() -> None:
    """It used to stay until the next event, whenever that came."""
    waits = WaitForStep(id="waits", until="steps.fix.ok")
    world = a_world(a_parallel((waits,), (a_call(),)))

    world.finish("fix", OK)

    assert states(world) == {"both": "done", "waits": "done", "fix": "done"}


def test_taking_over_the_whole_stops_its_branches() -> None:
    world = split("all")
    world.finish("a", BAD)

    world.say("bo", "step_take_over", step="both")
    world.say("bo", "step_done", step="both")

    assert (states(world)["both"], states(world)["after"]) == ("done", "done")
    assert states(world)["a2"] == "skipped"
