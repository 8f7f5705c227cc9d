"""A playbook carries the plans of those it calls, and says what is wrong with a call."""

from typing import Any

import pytest

from compiler.compile import compile_folder
from domain.plan import sealed

HEAD = """
language: 1
name: {name}
owner: team:storage
triggers: [{{ manual: {{}} }}]
page: [schedule:storage_primary, schedule:storage_secondary]
"""
CALL = """
steps:
  - id: call
    playbook: {{ name: {called} }}
    deadline: 1h
"""


def playbook(name: str, called: str = "", more: str = "") -> str:
    """A small playbook that calls another."""
    return HEAD.format(name=name) + more + (CALL.format(called=called) if called else "")


def codes(result: Any) -> list[tuple[str, str]]:
    """Where something is wrong, and what."""
    return [(each.path, each.code) for each in result.diagnostics]


def test_caller_carries_the_sealed_plan_it_calls(compiled: Any) -> None:
    result = compiled(playbook("disk_full", "second"), {"second.yaml": playbook("second")})

    plan = result.plans["disk_full"]
    assert result.diagnostics == ()
    assert plan.subplans == {"second": result.plans["second"]}
    assert sealed(plan).sha256 == plan.sha256


def test_caller_is_another_plan_when_what_it_calls_changes(compiled: Any) -> None:
    caller = playbook("disk_full", "second")

    before = compiled(caller, {"second.yaml": playbook("second")})
    after = compiled(caller, {"second.yaml": playbook("second", more="priority: 3\n")})

    assert before.plans["disk_full"].sha256 != after.plans["disk_full"].sha256


def test_plans_are_linked_however_deep_and_in_any_order_of_names(compiled: Any) -> None:
    files = {"b.yaml": playbook("b", "a_last"), "a_last.yaml": playbook("a_last")}

    plans = compiled(playbook("disk_full", "b"), files).plans

    assert plans["disk_full"].subplans["b"].subplans["a_last"] == plans["a_last"]


@pytest.mark.parametrize("length", [1, 2, 3])
def test_playbooks_that_call_each_other_in_a_circle_are_all_refused(
    length: int, compiled: Any
) -> None:
    names = ["disk_full", "b", "c"][:length]
    files = {
        f"{name}.yaml": playbook(name, names[(index + 1) % length])
        for index, name in enumerate(names)
    }

    result = compiled(files["disk_full.yaml"], files)

    assert codes(result) == sorted((path, "E208") for path in files)
    assert not set(names) & set(result.plans)


def test_caller_of_a_circle_stays_sound(compiled: Any) -> None:
    result = compiled(playbook("disk_full", "b"), {"b.yaml": playbook("b", "b")})

    assert codes(result) == [("b.yaml", "E208"), ("disk_full.yaml", "W214")]
    assert result.plans["disk_full"].subplans == {}


def test_caller_of_a_broken_playbook_is_sound_warned_and_calls_nothing(compiled: Any) -> None:
    broken = playbook("second", more="priority: high\n")

    result = compiled(playbook("disk_full", "second"), {"second.yaml": broken})

    assert codes(result) == [("disk_full.yaml", "W214"), ("second.yaml", "E112")]
    assert result.plans["disk_full"].subplans == {}


def test_earlier_plan_stands_in_for_a_broken_playbook(
    compiled: Any, context: dict[str, str]
) -> None:
    caller = playbook("disk_full", "second")
    earlier = compiled(caller, {"second.yaml": playbook("second")}).plans
    files = {**context, "disk_full.yaml": caller, "second.yaml": "language: 1\nname: second\n"}

    result = compile_folder(files, standing_in={"second.yaml": earlier["second"]})

    assert "its last good version is called" in result.diagnostics[0].help
    assert result.plans["disk_full"] == earlier["disk_full"]


def test_earlier_plan_of_a_sound_playbook_stands_in_for_nothing(
    compiled: Any, context: dict[str, str]
) -> None:
    caller = playbook("disk_full", "second")
    earlier = compiled(caller, {"second.yaml": playbook("second", more="priority: 7\n")}).plans
    files = {**context, "disk_full.yaml": caller, "second.yaml": playbook("second")}

    result = compile_folder(files, standing_in={"second.yaml": earlier["second"]})

    assert result.plans["disk_full"].subplans["second"].priority == 0


def test_unreadable_file_may_be_the_playbook_that_is_called(compiled: Any) -> None:
    result = compiled(playbook("disk_full", "second"), {"second.yaml": "language: [1"})

    assert codes(result) == [("second.yaml", "E001")]
    assert result.plans["disk_full"].subplans == {}


def test_outputs_of_a_called_playbook_are_known_to_its_caller(compiled: Any) -> None:
    second = playbook(
        "second", more="outputs: { moved: { type: bool, value: alerts.firing == 0 } }\n"
    )
    after = "  - { id: after, when: steps.call.ok && steps.call.moved, wait: 1m }\n"

    result = compiled(playbook("disk_full", "second") + after, {"second.yaml": second})

    assert result.diagnostics == ()
