"""What an import writes: approved, compiling, the same each time, no secrets."""

import json
import os
from pathlib import Path

import pytest

from cli.migration.draft import Draft
from cli.migration.naming import Names, slug
from cli.migration.report import decisions, report
from cli.migration.writer import files_of
from tests.migration.importing import SAMPLES, SYSTEMS, answers, compiled, imported


def written(draft: Draft) -> str:
    """All files and the report as one text."""
    files = files_of(draft)
    parts = [f"--- {path}\n{text}" for path, text in files.items()]
    return "\n".join([*parts, f"--- report\n{report(draft, files, 'playbooks')}\n"])


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_sample_is_written_as_approved(system: str):
    golden = SAMPLES / f"{system}.out"
    found = written(imported(system))
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(found)
    assert found == golden.read_text()


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_is_written_compiles_without_errors(system: str):
    made = compiled(imported(system))
    assert made.plans


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_same_export_is_written_the_same_each_time(system: str):
    assert written(imported(system)) == written(imported(system))


SECRETS = (
    "not-a-real-password",
    "hooks.slack.com",
    "0123456789abcdef",
    "fedcba9876543210",
    "00000000-1111-2222-3333-444444444444",
    "token=abc123",
    "not-a-key",
    "f00dfeed",
    "private-",
    "AbCdEf0123456789",
    "integrations/v1",
)


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_secret_of_an_export_is_written(system: str):
    text = written(imported(system))
    assert [secret for secret in SECRETS if secret in text] == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_report_names_the_line_of_every_decision(system: str):
    files = files_of(imported(system))
    found = list(decisions(files))
    assert len(found) == sum(text.count("# decide: ") for text in files.values())
    for path, line, said in found:
        assert said.split()[0] in files[path].splitlines()[line - 1]


def test_lists_may_come_in_one_file_each_as_the_api_answers(tmp_path: Path):
    paths = []
    for kind, inner in answers("opsgenie").items():
        if kind in ("took", "requestId"):
            continue
        name = tmp_path / f"{kind}.json"
        is_plain = kind != "notificationRules"
        name.write_text(json.dumps({"data": inner, "took": 0.1} if is_plain else {kind: inner}))
        paths.append(name)
    for kind, inner in answers("oncall").items():
        (tmp_path / f"oncall_{kind}.json").write_text(json.dumps(inner))
    alone = [tmp_path / f"oncall_{kind}.json" for kind in answers("oncall")]
    assert written(imported("opsgenie", *paths)) == written(imported("opsgenie"))
    assert written(imported("oncall", *alone)) == written(imported("oncall"))


def test_what_two_files_hold_is_taken_once_as_the_later_has_it(tmp_path: Path):
    """A list of schedules, then each of them alone with its overrides."""
    whole = answers("pagerduty")
    path = tmp_path / "schedule-PSCHED1.json"
    alone = whole["schedules"][0] | {"time_zone": "Europe/Paris"}
    path.write_text(json.dumps({"schedule": alone}))
    both = imported("pagerduty", SAMPLES / "pagerduty.json", path)
    assert list(both.roster["schedules"]) == list(imported("pagerduty").roster["schedules"])
    assert both.roster["schedules"]["payments_primary"]["tz"] == "Europe/Paris"


def test_a_page_that_others_follow_is_told(tmp_path: Path):
    path = tmp_path / "users.json"
    path.write_text(json.dumps({"users": answers("pagerduty")["users"], "more": True}))
    assert "users.json: more pages follow it (more: true); fetch them, too" in (
        imported("pagerduty", path).left_out
    )


def test_ids_come_from_names_and_collisions_are_numbered():
    names = Names()
    found = [names.unique("user", each) for each in ("Bo Chén", "bo chen", "Bo-Chen", "Ä. Øst")]
    assert found == ["bo_chen", "bo_chen_2", "bo_chen_3", "ae_ost"]
    assert slug("24/7 support", empty="team") == "t_24_7_support"
    assert slug("東京", empty="team") == "team"
    assert len(slug("x" * 200)) <= 60
