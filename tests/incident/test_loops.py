"""Loops: round by round, a few at once, bounded, and never on after a failure unasked."""

from typing import Any

from tests.incident.step_worlds import (
    BAD,
    OK,
    a_call,
    a_loop,
    a_notice,
    a_world,
    set_regions,
    shown,
    states,
)
from tests.incident.world import World


def looped(*regions: str, **extra: Any) -> World:
    """A loop over these regions, with a notice behind it."""
    world = a_world(a_call("first"), a_loop(**extra), a_notice())
    set_regions(world, *regions)
    world.finish("first", OK)
    return world


def test_rounds_start_a_few_at_once_in_the_order_of_the_list() -> None:
    world = looped("eu", "us", "ap", at_once=2)
    assert sorted(one.step for one in world.running.values()) == ["shift@1", "shift@2"]
    assert shown(world, "shift@2").label == "shift (us)"

    world.finish("shift@2", OK)

    assert sorted(one.step for one in world.running.values()) == ["shift@1", "shift@3"]
    world.finish("shift@1", OK)
    world.finish("shift@3", OK)
    assert (states(world)["each"], states(world)["after"]) == ("done", "done")
    assert shown(world, "each").detail == "3 done."


def test_a_value_named_twice_is_done_once_and_an_empty_list_is_done() -> None:
    twice = looped("eu", "eu", at_once=5)
    empty = looped()

    assert len(twice.running) == 1
    assert shown(empty, "each").detail == "the list is empty."
    assert states(empty)["after"] == "done"


def test_more_values_than_foreseen_fail_it_before_anything_is_done() -> None:
    world = looped("eu", "us", "ap", most=2)

    assert states(world)["each"] == "failed"
    assert shown(world, "each").detail == "3 values, at most 2: nothing was done."
    assert [one.step for _, one in world.calls] == ["first"]

    set_regions(world, "eu")
    world.say("ann", "step_retry", step="each")
    assert states(world)["shift@1"] == "running"


def test_after_a_failed_round_no_new_one_starts_until_a_person_says() -> None:
    world = looped("eu", "us", "ap", "sa", at_once=2)
    world.finish("shift@1", BAD)
    world.finish("shift@2", OK)
    assert world.running == {}

    world.say("ann", "step_skip", step="shift@1", because="drained already")

    assert sorted(one.step for one in world.running.values()) == ["shift@3", "shift@4"]


def test_rounds_that_may_fail_go_on_and_the_loop_says_how_many() -> None:
    world = looped("eu", "us", "ap", do=(a_call("shift", on_error="continue"),))

    for number, result in ((1, OK), (2, BAD), (3, OK)):
        world.finish(f"shift@{number}", result)

    assert states(world)["each"] == "failed"
    assert shown(world, "each").detail == "1 of 3 have failed."
    world.say("ann", "step_retry", step="each")
    assert [one.step for one in world.running.values()] == ["shift@2"]
    world.finish("shift@2", OK)
    assert states(world)["after"] == "done"


def test_a_loop_done_again_keeps_the_list_it_was_given() -> None:
    """Rounds are counted: with another list, what was done would be another value's."""
    world = looped("eu", "us", do=(a_call("shift", on_error="continue"),))
    world.finish("shift@1", OK)
    world.finish("shift@2", BAD)
    set_regions(world, "ap", "sa")

    world.say("ann", "step_retry", step="each")

    assert shown(world, "shift@2").label == "shift (us)"
    assert [one.step for one in world.running.values()] == ["shift@2"]


def test_one_round_of_a_failed_loop_is_done_again_alone() -> None:
    world = looped("eu", "us", do=(a_call("shift", on_error="continue"),))
    world.finish("shift@1", BAD)
    world.finish("shift@2", OK)
    assert states(world)["each"] == "failed"

    world.say("ann", "step_retry", step="shift@1")
    world.finish("shift@1", OK)

    assert (states(world)["each"], states(world)["after"]) == ("done", "done")


def test_a_loop_inside_a_loop_is_addressed_by_both_rounds() -> None:
    inner = a_loop(a_call("shift"), id="zones", item="zone", at_once=2)
    world = a_world(a_call("first"), a_loop(inner, id="each"))
    set_regions(world, "eu", "us")
    world.finish("first", OK)
    assert sorted(one.step for one in world.running.values()) == ["shift@1.1", "shift@1.2"]

    world.finish("shift@1.1", OK)
    world.finish("shift@1.2", OK)

    assert shown(world, "zones@1").state == "done"
    assert shown(world, "shift@2.1").label == "shift (us, eu)"


def test_a_step_of_a_loop_named_without_its_round_is_refused_with_its_rounds() -> None:
    world = looped("eu", "us")

    plain = world.say("ann", "step_skip", step="shift", because="so").sentence
    odd = world.say("ann", "step_skip", step="shift@x", because="so").sentence
    beyond = world.say("ann", "step_skip", step="shift@7", because="so").sentence

    listed = "shift exists as shift@1 (eu), shift@2 (us)."
    assert plain == f"There is no step 'shift'; {listed}"
    assert odd == f"There is no step 'shift@x'; {listed}"
    assert beyond == f"There is no step 'shift@7'; {listed}"


def test_two_hundred_rounds_are_never_more_than_ten_at_once() -> None:
    regions = [f"r{number}" for number in range(200)]
    world = looped(*regions, at_once=10)
    most = 0
    while world.running:
        most = max(most, len(world.running))
        world.finish(next(iter(world.running.values())).step, OK)

    assert most == 10
    assert len(world.calls) == 201
    assert states(world)["after"] == "done"
