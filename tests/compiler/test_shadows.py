"""A trigger that another playbook always takes away is said so (W209)."""

from typing import Any

HEAD = """
language: 1
name: {name}
owner: team:storage
triggers:
  - alert:
      match: {{ alertname: DiskFull }}
{when}page: [schedule:storage_primary, schedule:storage_secondary]
"""


def a_playbook(name: str, when: str = "") -> str:
    """One that takes DiskFull, under a condition if there is one."""
    return HEAD.format(name=name, when=f"      when: {when}\n" if when else "")


def shadowed(compiled: Any, mine: str, other: str) -> list[str]:
    """The files with a trigger that comes to nothing; the other playbook wins by its name."""
    result = compiled(a_playbook("disk_full", mine), {"a.yaml": a_playbook("a_first", other)})
    assert {one.code for one in result.diagnostics} <= {"W209", "W310"}
    return [one.path for one in result.diagnostics if one.code == "W209"]


def test_one_without_a_condition_takes_all_of_the_same_labels(compiled: Any) -> None:
    assert shadowed(compiled, "labels.tier == 'gold'", "") == ["disk_full.yaml"]


def test_one_with_the_same_condition_takes_all_of_them(compiled: Any) -> None:
    """However it is spaced."""
    mine, other = "labels.tier == 'gold'", "labels.tier  ==  'gold'"
    assert shadowed(compiled, mine, other) == ["disk_full.yaml"]


def test_one_with_another_condition_may_leave_some(compiled: Any) -> None:
    assert shadowed(compiled, "labels.tier == 'gold'", "labels.tier == 'silver'") == []


def test_one_with_a_condition_leaves_what_it_does_not_want(compiled: Any) -> None:
    assert shadowed(compiled, "", "labels.tier == 'gold'") == []
