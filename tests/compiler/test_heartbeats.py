"""A heartbeat in a playbook: what it becomes, and that its name is its own."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from compiler.compile import Compiled
from compiler.long_form import long_form
from domain.plan import HeartbeatTrigger

Compile = Callable[..., Compiled]


def a_playbook(name: str, *heartbeats: str) -> str:
    """A playbook that nothing but these heartbeats opens."""
    triggers = "".join(
        f"  - heartbeat: {{ name: {each}, missing_after: 5m }}\n" for each in heartbeats
    )
    return (
        f"language: 1\nname: {name}\nowner: team:storage\ntriggers:\n{triggers}"
        "page: [schedule:storage_primary, schedule:storage_secondary]\n"
    )


def said(compiled: Compile, text: str, files: Mapping[str, str] | None = None) -> list[str]:
    """The errors and warnings, each as `file: code: message`."""
    found = compiled(text, files).diagnostics
    return [f"{each.path}: {each.code}: {each.message}" for each in found]


def test_a_heartbeat_opens_a_playbook_without_a_warning(compiled: Compile) -> None:
    text = a_playbook("disk_full", "backup_canary", "restore_canary")

    assert said(compiled, text) == []
    assert compiled(text).plans["disk_full"].heartbeats == (
        HeartbeatTrigger(name="backup_canary", missing_after=timedelta(minutes=5)),
        HeartbeatTrigger(name="restore_canary", missing_after=timedelta(minutes=5)),
    )


def test_the_long_form_says_the_heartbeat_too(compiled: Compile, context: dict[str, str]) -> None:
    plan = compiled(a_playbook("disk_full", "backup_canary")).plans["disk_full"]

    again = compiled(long_form(plan, context)).plans["disk_full"]

    assert again == plan


def test_a_name_in_two_playbooks_is_refused_naming_the_other_file(compiled: Compile) -> None:
    other = {"another.yaml": a_playbook("another", "backup_canary")}

    assert said(compiled, a_playbook("disk_full", "backup_canary"), other) == [
        "disk_full.yaml: E108: heartbeat 'backup_canary' is declared already in another.yaml"
    ]


def test_a_name_twice_in_one_playbook_is_refused(compiled: Compile) -> None:
    assert said(compiled, a_playbook("disk_full", "canary", "canary")) == [
        "disk_full.yaml: E108: heartbeat 'canary' is declared already above"
    ]
