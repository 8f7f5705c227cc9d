"""`watchbill oncall` against a running API: calendars, overrides, feeds, fairness."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from domain.roster import CalendarImport, Roster, Rotation, Schedule
from tests.api.conftest import Api, a_plan, a_roster
from tests.cli.conftest import CommandLine

Start = Callable[..., Api]


def with_schedules() -> Roster:
    """One schedule takes turns, one reads a calendar."""
    rotation = Rotation(users=("ann", "bo"), unit="week", weekday="mon", first=date(2026, 1, 5))
    imports = CalendarImport(ical="https://c.example/x.ics?token=token-nobody-may-see")
    schedules = {
        "primary": Schedule(id="primary", tz="UTC", rotate=rotation),
        "imported": Schedule(id="imported", tz="UTC", imports=imports),
    }
    return a_roster().model_copy(update={"schedules": schedules})


@pytest.fixture
def served(start_api: Start) -> Api:
    """An API with both schedules; the calendar has a copy, and failed since."""
    api = start_api(a_plan(), roster=with_schedules())
    start, end = datetime.now(UTC) - timedelta(days=2), datetime.now(UTC) + timedelta(days=2)
    text = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Bo Li\r\n"
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDTEND:{end:%Y%m%dT%H%M%SZ}\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    api.ledger.keep_calendar("imported", "hash", text)
    api.ledger.calendar_failed("imported", "hash", "c.example: it answered 500")
    return api


@pytest.fixture
def watchbill(served: Api, tmp_path: Path) -> CommandLine:
    """The command line with the API's address and key."""
    line = CommandLine(served.address, tmp_path / "none")
    line.environment["WATCHBILL_API_KEY"] = served.key
    return line


def test_server_knows_the_calendar_and_warns_that_its_copy_is_old(
    served: Api, watchbill: CommandLine
):
    """Never nobody: the copy serves, and the reader hears why it may be out of date."""
    until(served, lambda: bool(imported(served)))

    ran = watchbill("oncall", "imported")

    assert ran.returncode == 0, ran.stderr
    assert "with imported calendars and accepted overrides" in ran.stdout
    assert "  on call  Bo Li until" in ran.stdout
    assert "  next     NOBODY" in ran.stdout
    assert (
        "WARNING  its calendar cannot be read: c.example: it answered 500; the copy" in ran.stdout
    )
    assert "token-nobody-may-see" not in ran.stdout


def test_gap_after_the_calendars_last_event_fails_with_status_1(
    served: Api, watchbill: CommandLine
):
    until(served, lambda: bool(imported(served)))

    ran = watchbill("oncall", "--gaps", "--for", "30d")

    assert ran.returncode == 1
    assert "imported (coverage always): 1 gap in the next 30 days" in ran.stdout
    assert "primary (coverage always): no gap in the next 30 days" in ran.stdout


def test_feed_prints_an_address_that_calendar_programs_can_read(
    served: Api, watchbill: CommandLine
):
    for name, path in (("primary", "schedules/primary"), ("user:ann", "users/ann")):
        url = watchbill("oncall", "feed", name).stdout.strip()

        assert f"/v1/{path}.ics?token=" in url
        here = url.replace(served.settings.public_address, served.address)
        assert httpx.get(here).text.startswith("BEGIN:VCALENDAR")


def test_fairness_is_a_table_with_the_mean(watchbill: CommandLine):
    ran = watchbill("oncall", "fairness", "primary", "--for", "28d")

    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[2].split() == ["hours", "nights", "weekends", "pages", "nights", "broken"]
    assert {line.split()[0] for line in lines[3:]} == {"Ann", "Bo", "mean"}
    assert lines[-1].split()[:2] == ["mean", "336.0"]


def imported(api: Api) -> list[object]:
    """Who the API says is on call by the calendar."""
    with api.client() as client:
        found = client.get("/v1/schedules/imported").json()
    people: list[object] = found["on_call"]
    return people


def until(api: Api, holds: Callable[[], bool]) -> None:
    """Wait until the copy in the ledger is read: that is within a second or two."""
    patience = datetime.now(UTC) + timedelta(seconds=20)
    while not holds():
        assert datetime.now(UTC) < patience, api.address
