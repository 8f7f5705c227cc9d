"""What the smallest playbook means, and what wins over what."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from compiler.compile import Compiled, compile_folder
from domain.plan_steps import ChecklistStep, RunbookStep
from domain.severity import PerSeverity, Severity

Compile = Callable[..., Compiled]
HEAD = "language: 1\nname: disk_full\nowner: team:storage\n"
SMALLEST = (
    HEAD + "on_alert: { alertname: DiskFull }\n"
    "page: [schedule:storage_primary, schedule:storage_secondary]\n"
)
MINUTE = timedelta(minutes=1)


def by_severity(*values: Any) -> PerSeverity[Any]:
    return PerSeverity[Any](**dict(zip(Severity, values, strict=True)))


def test_smallest_playbook_has_the_defaults_of_a_careful_team(compiled: Compile) -> None:
    plan = compiled(SMALLEST).plans["disk_full"]

    ladder = plan.escalation
    assert ladder.levels == (("schedule:storage_primary",), ("schedule:storage_secondary",))
    assert ladder.ack_within == by_severity(5 * MINUTE, 15 * MINUTE, 30 * MINUTE, 60 * MINUTE, None)
    assert ladder.repeat == by_severity(2, 2, 2, 2, 2)
    assert ladder.exhausted.page == ("user:ann",)
    assert ladder.exhausted.again_every == by_severity(15 * MINUTE, 15 * MINUTE, None, None, None)
    assert ladder.ack_expires == by_severity(30 * MINUTE, 120 * MINUTE, None, None, None)
    commander = "role:incident_commander"
    assert plan.resolve.confirm == by_severity(commander, commander, commander, "nobody", "nobody")
    assert plan.urgency == by_severity("high", "high", "high", "low", "low")
    assert plan.resolve.hold == 5 * MINUTE
    assert plan.handoff.accept_within == 10 * MINUTE
    assert plan.dedup.key is None
    assert plan.dedup.reopen_within == 30 * MINUTE
    assert plan.pages_nobody_at == (Severity.SEV5,)
    assert plan.manual.allow is None
    assert list(plan.roles) == ["incident_commander", "operations_lead", "responders"]
    assert plan.roles["operations_lead"].fill == "first_acknowledger"
    assert plan.roles["responders"].many
    assert plan.title is None


def test_same_text_gives_the_same_hash_and_another_text_another(compiled: Compile) -> None:
    first = compiled(SMALLEST).plans["disk_full"].sha256
    again = compiled(f"# a comment changes nothing\n{SMALLEST}").plans["disk_full"].sha256
    other = compiled(f"{SMALLEST}version: 2\n").plans["disk_full"].sha256

    assert first == again != other


def test_team_without_a_manager_is_paged_itself_when_the_ladder_ends(compiled: Compile) -> None:
    roster = "language: 1\nteams:\n  loners: { members: [ann, bo] }\n"

    text = SMALLEST.replace("team:storage", "team:loners")
    plan = compiled(text, {"roster/loners.yaml": roster}).plans["disk_full"]

    assert plan.escalation.exhausted.page == ("team:loners",)


HOUSE = """
language: 1
defaults: { escalation: { use: policy:standard }, timezone: Europe/Berlin }
severity_from: { Loud: SEV1, warning: SEV4 }
policies:
  standard:
    ack_within: 7m
    repeat: { SEV1: 5, else: 0 }
    exhausted: { page: [user:bo], again_every: 1h }
    levels: [team:storage]
  calm: { ack_within: 1h }
fallback: catch_all
"""


def test_policy_of_the_house_wins_over_the_defaults(compiled: Compile) -> None:
    plan = compiled(SMALLEST, {"house.yaml": HOUSE}).plans["disk_full"]

    ladder = plan.escalation
    assert ladder.levels[0] == ("schedule:storage_primary",)
    assert ladder.ack_within == PerSeverity[Any].same(7 * MINUTE)
    assert ladder.repeat == by_severity(5, 0, 0, 0, 0)
    assert ladder.exhausted.page == ("user:bo",)
    assert ladder.exhausted.again_every == PerSeverity[Any].same(60 * MINUTE)
    assert plan.timezone == "Europe/Berlin"
    assert plan.severity.table["loud"] is Severity.SEV1
    assert plan.severity.table["warning"] is Severity.SEV4
    assert plan.severity.table["critical"] is Severity.SEV2


def test_own_value_wins_over_the_policy_and_an_own_policy_over_the_house(
    compiled: Compile,
) -> None:
    text = f"{SMALLEST}timezone: UTC\nescalation: {{ use: policy:calm, repeat: 1 }}\n"

    ladder = compiled(text, {"house.yaml": HOUSE}).plans["disk_full"].escalation

    assert ladder.ack_within == PerSeverity[Any].same(60 * MINUTE)
    assert ladder.repeat == by_severity(1, 1, 1, 1, 1)
    assert ladder.exhausted.page == ("user:ann",)


def test_policy_may_name_the_ladder(compiled: Compile) -> None:
    text = HEAD + "on_alert: { alertname: DiskFull }\n"

    plan = compiled(text, {"house.yaml": HOUSE}).plans["disk_full"]

    assert plan.escalation.levels == (("team:storage",),)


def test_operations_lead_with_only_severities_is_still_the_first_acknowledger(
    compiled: Compile,
) -> None:
    plan = compiled(f"{SMALLEST}roles: {{ operations_lead: {{ at: [SEV1] }} }}\n").plans[
        "disk_full"
    ]

    assert plan.roles["operations_lead"].fill == "first_acknowledger"
    assert plan.roles["operations_lead"].at == (Severity.SEV1,)


STEPS = """
steps:
  - id: look
    checklist: { from: runbooks/disk.md#first-look, items: [Is it hot?, Is it hot?, "42"] }
    deadline: { SEV1: 5m, else: never }
  - { id: read, runbook: runbooks/disk.md#background }
"""


def test_checklist_takes_the_runbooks_lines_then_its_own(compiled: Compile) -> None:
    step = compiled(SMALLEST + STEPS).plans["disk_full"].steps[0]

    assert isinstance(step, ChecklistStep)
    assert [(item.id, item.text) for item in step.items] == [
        ("which_directory_grows", "Which directory grows?"),
        ("can_it_be_cleared", "Can it be cleared?"),
        ("is_it_hot", "Is it hot?"),
        ("is_it_hot_2", "Is it hot?"),
        ("item_42", "42"),
    ]
    assert step.deadline == by_severity(5 * MINUTE, None, None, None, None)
    assert step.source == "runbooks/disk.md#first-look"


def test_runbook_step_carries_the_section_and_at_most_8_kib(compiled: Compile) -> None:
    long = "# Disk full\n\n## Background\n\n" + "é" * 9000 + "\n\n## First look\n\n- [ ] a\n"

    short = compiled(SMALLEST + STEPS).plans["disk_full"].steps[1]
    cut = compiled(SMALLEST + STEPS, {"runbooks/disk.md": long}).plans["disk_full"].steps[1]

    assert isinstance(short, RunbookStep)
    assert isinstance(cut, RunbookStep)
    assert short.text.startswith("## Background\n")
    assert "First look" not in short.text
    assert len(cut.text.encode()) <= 8192
    assert cut.text.endswith("…")
    assert cut.sha256 != short.sha256


def test_second_heading_of_a_name_has_a_numbered_anchor(compiled: Compile) -> None:
    step = STEPS.replace("#background", "#first-look-1")

    read = compiled(SMALLEST + step).plans["disk_full"].steps[1]

    assert isinstance(read, RunbookStep)
    assert "Said twice." in read.text


@pytest.mark.parametrize("house", ["language: 1\npolicies: [\n", "language: 2\n", "language: x\n"])
def test_broken_house_is_reported_and_playbooks_compile_with_the_defaults(
    compiled: Compile, house: str
) -> None:
    text = f"{SMALLEST}escalation: {{ use: policy:calm }}\n"

    result = compiled(text, {"house.yaml": house})

    assert {each.path for each in result.diagnostics} == {"house.yaml"}
    assert "disk_full" in result.plans
    assert result.fallback is None


def test_broken_house_is_not_reported_again_at_a_playbook_that_needs_its_ladder(
    compiled: Compile,
) -> None:
    text = HEAD + "on_alert: { alertname: DiskFull }\n"

    result = compiled(text, {"house.yaml": "language: 1\npolicies: [\n"})

    assert {each.path for each in result.diagnostics} == {"house.yaml"}
    assert "disk_full" not in result.plans


def test_broken_roster_file_is_not_reported_again_at_each_reference(compiled: Compile) -> None:
    result = compiled(SMALLEST, {"roster/storage.yaml": "language: 1\nusers: [\n"})

    assert {each.path for each in result.diagnostics} == {"roster/storage.yaml"}
    assert "disk_full" in result.plans


def test_folder_without_anything_gives_nothing() -> None:
    result = compile_folder({})

    assert (result.plans, result.diagnostics, result.has_errors) == ({}, (), False)


def test_house_names_a_fallback_that_does_not_exist(compiled: Compile) -> None:
    result = compiled(SMALLEST, {"house.yaml": "language: 1\nfallback: catch_al\n"})

    found = result.diagnostics[0]
    assert (found.path, found.code, found.line) == ("house.yaml", "E201", 2)
    assert "catch_all" in found.help
    assert result.has_errors


def test_house_with_an_unknown_policy_or_a_word_twice_is_told(compiled: Compile) -> None:
    house = (
        "language: 1\nfallback: catch_all\ndefaults: { escalation: { use: policy:x } }\n"
        "severity_from: { Loud: SEV1, loud: SEV2 }\n"
    )

    result = compiled(SMALLEST, {"house.yaml": house})

    assert [each.code for each in result.diagnostics] == ["E201", "E108"]


def test_second_playbook_of_a_name_is_refused_and_the_first_stays(compiled: Compile) -> None:
    result = compiled(SMALLEST, {"twin.yaml": SMALLEST + "priority: 1\n"})

    codes = {(each.path, each.code) for each in result.diagnostics if each.is_error}
    assert codes == {("twin.yaml", "E108")}
    assert result.plan_paths["disk_full"] == "disk_full.yaml"


def test_review_date_of_today_has_not_passed(context: dict[str, str]) -> None:
    files = context | {"disk_full.yaml": f"{SMALLEST}review_by: 2026-11-22\n"}

    on_the_day = compile_folder(files, today=date(2026, 11, 22)).diagnostics
    day_after = compile_folder(files, today=date(2026, 11, 23)).diagnostics

    assert on_the_day == ()
    assert [each.code for each in day_after] == ["W110"]


def test_language_zero_never_existed(compiled: Compile) -> None:
    found = compiled(SMALLEST.replace("language: 1", "language: 0")).diagnostics

    assert [each.code for each in found] == ["E106"]
