"""When a team is at work, by the wall clock of its zone."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.hours import hours_now, hours_of
from domain.incident.people import HoursNow
from domain.roster import Hours, Roster, Team
from domain.rotation import WEEKDAYS

BERLIN = Hours(tz="Europe/Berlin", between=(time(9, 15), time(18, 0)))


def berlin(*local: int) -> datetime:
    """An aware moment by the wall clock of Berlin."""
    return datetime(*local, tzinfo=ZoneInfo("Europe/Berlin"))  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("at", "is_open", "changes"),
    [
        (berlin(2026, 11, 23, 9, 14), False, berlin(2026, 11, 23, 9, 15)),
        (berlin(2026, 11, 23, 9, 15), True, berlin(2026, 11, 23, 18, 0)),
        (berlin(2026, 11, 23, 17, 59), True, berlin(2026, 11, 23, 18, 0)),
        (berlin(2026, 11, 23, 18, 0), False, berlin(2026, 11, 24, 9, 15)),
        (berlin(2026, 11, 27, 18, 0), False, berlin(2026, 11, 30, 9, 15)),
        (berlin(2026, 10, 24, 3, 0), False, berlin(2026, 10, 26, 9, 15)),
        (berlin(2027, 3, 27, 3, 0), False, berlin(2027, 3, 29, 9, 15)),
    ],
)
def test_hours_keep_the_wall_clock(at: datetime, *, is_open: bool, changes: datetime) -> None:
    """Opening belongs to the hours, closing does not; over weekends and both clock changes."""
    assert hours_now(BERLIN, at) == HoursNow(open=is_open, changes_at=changes.astimezone(UTC))


def test_a_window_may_end_on_the_next_day() -> None:
    """Sunday 22:00 to Monday 06:00 only."""
    nights = Hours(tz="UTC", days=("sun",), between=(time(22), time(6)))
    monday = datetime(2026, 11, 23, tzinfo=UTC)

    assert hours_now(nights, monday + timedelta(hours=5)).changes_at == monday + timedelta(hours=6)
    assert hours_now(nights, monday + timedelta(hours=6)) == HoursNow(
        open=False, changes_at=monday + timedelta(days=6, hours=22)
    )


def test_windows_that_touch_are_one() -> None:
    """Round the clock from Monday to Friday closes once a week."""
    all_day = Hours(tz="UTC", between=(time(0), time(0)))
    tuesday = datetime(2026, 11, 24, 3, tzinfo=UTC)

    assert hours_now(all_day, tuesday).changes_at == datetime(2026, 11, 28, tzinfo=UTC)


def test_who_is_always_at_work_never_changes() -> None:
    always = Hours(tz="UTC", days=WEEKDAYS, between=(time(0), time(0)))

    assert hours_now(always, datetime(2026, 11, 24, 3, tzinfo=UTC)) == HoursNow(open=True)


@pytest.mark.parametrize("team", ["platform", "gone"])
def test_a_team_without_hours_works_monday_to_friday_in_the_playbooks_zone(team: str) -> None:
    """As does one that the roster no longer has."""
    roster = Roster(teams={"platform": Team(id="platform", members=("ann",))})
    at = datetime(2026, 11, 23, 13, 59, tzinfo=UTC)

    found = hours_of(roster, f"team:{team}", timezone="America/New_York", at=at)

    assert found == HoursNow(open=False, changes_at=at + timedelta(minutes=1))


@given(
    minute=st.integers(0, 5_000_000),
    tz=st.sampled_from(
        ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]
    ),
    days=st.sets(st.sampled_from(WEEKDAYS), min_size=1).map(tuple),
    between=st.tuples(*[st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))] * 2),
)
def test_the_answer_holds_until_it_changes(
    minute: int, tz: str, days: tuple[str, ...], between: tuple[time, time]
) -> None:
    """A minute before the change it is as it was, and at the change it is not."""
    hours = Hours.model_validate({"tz": tz, "days": days, "between": between})
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)

    found = hours_now(hours, at)

    if found.changes_at is None:
        assert found.open
        return
    assert found.changes_at > at
    assert hours_now(hours, found.changes_at - timedelta(seconds=1)).open is found.open
    assert hours_now(hours, found.changes_at).open is not found.open
