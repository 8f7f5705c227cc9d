"""`watchbill oncall` on a folder, as an author or a pipeline runs it: no server anywhere."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine

HEAD = """language: 1
users:
  ann: { name: Ann Berg, contact: { push: "ntfy://ntfy.example/ann" } }
  bo: { name: Bo Ek, contact: { push: "ntfy://ntfy.example/bo" } }
schedules:
"""

LONDON = """  primary:
    tz: Europe/London
    rotate: { users: [ann, bo], every: week, hands_over: "monday 09:00", from: 2026-01-05 }
"""

NIGHTS = """  nights:
    tz: Europe/Berlin
    layers: [{ users: [ann], between: ["18:00", "06:00"] }]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one schedule that has no gap."""
    write(tmp_path / "playbooks", LONDON)
    return tmp_path / "playbooks"


def write(folder: Path, *schedules: str) -> None:
    """The roster with these schedules."""
    (folder / "roster").mkdir(parents=True, exist_ok=True)
    (folder / "roster" / "people.yaml").write_text(HEAD + "".join(schedules))


def test_who_is_on_call_until_when_and_who_is_next(watchbill: CommandLine, folder: Path):
    """In the schedule's time, with the reader's beside it where the clocks differ."""
    ran = watchbill(
        *("oncall", "primary", "--at", "2026-07-08 12:00", "--playbooks", str(folder)),
        TZ="America/New_York",
    )

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[0] == (
        f"At Wed 2026-07-08 12:00 your time, from {folder}/roster as written, without calendars "
        "and accepted overrides"
    )
    assert ran.stdout.splitlines()[2:] == [
        "primary (Europe/London)",
        "  on call  Ann Berg until Mon 2026-07-13 09:00 (Mon 2026-07-13 04:00 your time)",
        "  next     Bo Ek",
        "  by       rotation of primary until 2026-07-13 09:00 (Europe/London), then bo",
    ]


def test_shifts_are_listed_over_a_clock_change(watchbill: CommandLine, folder: Path):
    """09:00 on the wall before and after."""
    ran = watchbill(
        *("oncall", "--at", "2026-10-20T00:00Z", "--for", "14d", "--playbooks", str(folder)),
        TZ="Europe/London",
    )

    assert ran.stdout.splitlines()[2:] == [
        "primary (Europe/London)",
        "  Tue 2026-10-20 01:00 to Mon 2026-10-26 09:00  Bo Ek",
        "  Mon 2026-10-26 09:00 to Mon 2026-11-02 09:00  Ann Berg",
        "  Mon 2026-11-02 09:00 to Tue 2026-11-03 00:00  Bo Ek",
    ]


def test_every_gap_of_ninety_days_is_in_local_time_and_utc_and_fails_a_pipeline(
    watchbill: CommandLine, folder: Path
):
    """`check` refuses the file for the same gap; this names every date of it."""
    write(folder, LONDON, NIGHTS)

    ran = watchbill("oncall", "--gaps", "--at", "2026-03-27T12:00Z", "--playbooks", str(folder))

    lines = ran.stdout.splitlines()[2:]
    assert ran.returncode == 1
    assert lines[0] == "nights (coverage always): 91 gaps in the next 90 days"
    assert lines[2:4] == [
        (
            "  Sat 2026-03-28 06:00 to Sat 2026-03-28 18:00 Europe/Berlin"
            " = Sat 2026-03-28 05:00 to Sat 2026-03-28 17:00 UTC"
        ),
        (
            "  Sun 2026-03-29 06:00 to Sun 2026-03-29 18:00 Europe/Berlin"
            " = Sun 2026-03-29 04:00 to Sun 2026-03-29 16:00 UTC"
        ),
    ]
    assert len([line for line in lines if line.startswith("  ")]) == 91
    assert lines[-1] == "primary (coverage always): no gap in the next 90 days"


def test_gap_that_is_meant_is_told_and_fails_nothing(watchbill: CommandLine, folder: Path):
    write(folder, NIGHTS + "    coverage: best_effort\n")

    ran = watchbill("oncall", "--gaps", "--for", "7d", "--playbooks", str(folder))

    assert ran.returncode == 0
    assert "nights (coverage best_effort): " in ran.stdout


def test_rotation_that_has_not_begun_is_a_gap_too(watchbill: CommandLine, folder: Path):
    """What no weekly check can see: the dates."""
    write(folder, LONDON.replace("2026-01-05", "2030-01-07"))

    ran = watchbill("oncall", "--gaps", "--at", "2030-01-01T00:00Z", "--playbooks", str(folder))

    assert ran.returncode == 1
    assert "Tue 2030-01-01 00:00 to Mon 2030-01-07 09:00 Europe/London" in ran.stdout


def test_imported_calendar_is_no_gap_where_no_server_is_asked(watchbill: CommandLine, folder: Path):
    write(folder, "  imported: { tz: UTC, import: { ical: 'https://c.example/x.ics' } }\n")

    ran = watchbill("oncall", "--gaps", "--playbooks", str(folder))

    assert ran.returncode == 0
    assert "WARNING  it reads a calendar, which only a server knows" in ran.stdout


def test_broken_roster_file_fails_a_pipeline_that_looks_for_gaps(
    watchbill: CommandLine, folder: Path
):
    """What is left out has gaps that nobody sees."""
    (folder / "roster" / "broken.yaml").write_text("language: 1\nschedules: [\n")

    asked = watchbill("oncall", "--playbooks", str(folder))
    gaps = watchbill("oncall", "--gaps", "--playbooks", str(folder))

    assert (asked.returncode, gaps.returncode) == (0, 1)
    assert "left out: roster/broken.yaml has errors" in gaps.stderr


def test_json_has_the_shapes_of_the_api(watchbill: CommandLine, folder: Path):
    ran = watchbill(
        *("oncall", "primary", "--json", "--for", "7d", "--playbooks", str(folder)),
        *("--at", "2026-07-08T12:00Z"),
    )

    document = json.loads(ran.stdout)["schedules"][0]
    assert document["on_call"] == [{"id": "ann", "name": "Ann Berg"}]
    assert document["next"] == [{"id": "bo", "name": "Bo Ek"}]
    assert document["until"] == "2026-07-13T08:00:00+00:00"
    assert [shift["people"][0]["id"] for shift in document["shifts"]] == ["ann", "bo"]
    assert document["gaps"] == []


def test_without_a_key_the_folder_of_the_settings_is_read(watchbill: CommandLine, folder: Path):
    ran = watchbill("oncall", WATCHBILL_API_KEY=None, WATCHBILL_PLAYBOOKS=str(folder))

    assert ran.returncode == 0
    assert f"from {folder}/roster as written" in ran.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("primry",), 1, "no schedule 'primry'; did you mean primary?"),
        (("--at", "tomorrow"), 2, "write 2026-12-24 18:00"),
        (("--for", "14"), 2, "a number with its unit"),
        (("--for", "900d"), 2, "at most 366d"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_the_mend(
    watchbill: CommandLine, folder: Path, arguments: tuple[str, ...], status: int, says: str
):
    ran = watchbill("oncall", *arguments, "--playbooks", str(folder))

    assert ran.returncode == status
    assert says in " ".join(ran.stderr.replace("│", " ").split())
