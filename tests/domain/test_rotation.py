"""Hand-overs keep their wall-clock time, without gap or overlap, in every zone."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.on_call import gaps, shifts
from domain.roster import Rotation, Schedule
from domain.rotation import hand_over, hand_overs, moment_at, turn_at

ZONES = [
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "America/St_Johns",
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def a_rotation(**changes: Any) -> Rotation:
    fields: dict[str, Any] = {
        "users": ("ann", "bo"),
        "unit": "week",
        "hands_over": time(9),
        "weekday": "mon",
        "first": date(2026, 1, 5),
    }
    return Rotation.model_validate(fields | changes)


def test_weekly_hand_over_in_london_stays_at_nine_over_both_clock_changes():
    """No gap, and 09:00 on the wall before and after."""
    zone = ZoneInfo("Europe/London")
    start, end = utc("2026-03-01T00:00:00"), utc("2026-11-30T00:00:00")
    schedule = Schedule(id="s", tz="Europe/London", rotate=a_rotation())

    changes = list(hand_overs(a_rotation(), zone, start, end))

    assert {change.astimezone(zone).strftime("%a %H:%M") for change in changes} == {"Mon 09:00"}
    assert {change.hour for change in changes} == {8, 9}
    assert gaps(schedule, start, end) == ()
    found = shifts(schedule, start, end)
    assert all(one.end == two.start for one, two in pairwise(found))
    assert all(one.users != two.users for one, two in pairwise(found))


def test_skipped_time_is_the_moment_the_clocks_jump():
    zone = ZoneInfo("Europe/Berlin")

    assert moment_at(datetime.fromisoformat("2026-03-29T02:30"), zone) == utc("2026-03-29T01:00:00")
    assert moment_at(datetime.fromisoformat("2026-03-29T02:00"), zone) == utc("2026-03-29T01:00:00")
    assert moment_at(datetime.fromisoformat("2026-03-29T03:00"), zone) == utc("2026-03-29T01:00:00")


def test_time_that_exists_twice_is_the_first():
    moment = moment_at(datetime.fromisoformat("2026-10-25T02:30"), ZoneInfo("Europe/Berlin"))

    assert moment == utc("2026-10-25T00:30:00")


def test_day_that_a_zone_skipped_is_the_moment_after_it():
    """Samoa had no 30 December 2011."""
    moment = moment_at(datetime.fromisoformat("2011-12-30T12:00"), ZoneInfo("Pacific/Apia"))

    assert moment == utc("2011-12-30T10:00:00")


@pytest.mark.parametrize(
    ("changes", "starts"),
    [
        ({"unit": "hour", "count": 12}, ["01-05 09:00", "01-05 21:00", "01-06 09:00"]),
        ({"unit": "day", "count": 3}, ["01-05 09:00", "01-08 09:00", "01-11 09:00"]),
        ({"unit": "week", "count": 2}, ["01-05 09:00", "01-19 09:00", "02-02 09:00"]),
        ({"weekday": None}, ["01-05 09:00", "01-12 09:00", "01-19 09:00"]),
        ({"first": date(2026, 1, 7)}, ["01-07 09:00", "01-12 09:00", "01-19 09:00"]),
        (
            {"unit": "month", "day": 31, "first": date(2026, 1, 31)},
            ["01-31 09:00", "02-28 09:00", "03-31 09:00"],
        ),
        (
            {"unit": "month", "day": 15, "first": date(2026, 1, 5)},
            ["01-05 09:00", "01-15 09:00", "02-15 09:00"],
        ),
        (
            {"unit": "month", "count": 2, "first": date(2026, 1, 5)},
            ["01-05 09:00", "03-05 09:00", "05-05 09:00"],
        ),
    ],
)
def test_turns_begin_at_their_hand_overs(changes: dict[str, Any], starts: list[str]):
    rotation = a_rotation(**changes)

    assert [f"{hand_over(rotation, index):%m-%d %H:%M}" for index in range(3)] == starts


def test_nobody_has_a_turn_before_the_first_one_or_without_users():
    zone = ZoneInfo("UTC")

    assert turn_at(a_rotation(), zone, utc("2026-01-05T08:59:59")) is None
    assert turn_at(a_rotation(users=()), zone, utc("2026-02-05T08:59:59")) is None


rotations = st.builds(
    Rotation,
    users=st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4, unique=True).map(tuple),
    unit=st.sampled_from(["hour", "day", "week", "month"]),
    count=st.integers(1, 13),
    hands_over=st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0)),
    weekday=st.sampled_from(["mon", "wed", "sun"]),
    day=st.none() | st.integers(1, 31),
    first=st.dates(date(2005, 1, 1), date(2012, 12, 31)),
)
moments = st.datetimes(datetime(2013, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(rotations, st.sampled_from(ZONES), moments)
def test_every_moment_belongs_to_exactly_one_turn_and_turns_meet(
    rotation: Rotation, zone_name: str, at: datetime
):
    """No gap and no overlap, whatever the zone does."""
    zone = ZoneInfo(zone_name)
    turn = turn_at(rotation, zone, at)
    assert turn is not None
    assert turn.start <= at < turn.end

    following = turn_at(rotation, zone, turn.end)
    assert following is not None
    assert following.start == turn.end
    last = turn_at(rotation, zone, turn.end - timedelta(microseconds=1))
    assert last is not None
    assert last.user == turn.user


@given(rotations, st.sampled_from(ZONES), moments)
def test_hand_overs_keep_their_wall_clock_time_unless_it_does_not_exist(
    rotation: Rotation, zone_name: str, at: datetime
):
    """A day's, week's or month's hand-over is at the same time all year."""
    zone = ZoneInfo(zone_name)
    for change in hand_overs(rotation, zone, at, at + timedelta(days=20)):
        wall = change.astimezone(zone)
        declared = wall.replace(
            hour=rotation.hands_over.hour, minute=rotation.hands_over.minute, fold=0
        )
        exists = declared.astimezone(UTC).astimezone(zone).time() == declared.time()
        if rotation.unit != "hour" and exists:
            assert wall.time() == rotation.hands_over


@settings(max_examples=30)
@given(rotations.filter(lambda rotation: rotation.unit != "hour"), st.sampled_from(ZONES), moments)
def test_rotation_alone_covers_the_whole_time(rotation: Rotation, zone_name: str, at: datetime):
    """Shifts join end to start, from the first moment to the last."""
    schedule = Schedule(id="s", tz=zone_name, rotate=rotation)

    found = shifts(schedule, at, at + timedelta(days=70))

    assert gaps(schedule, at, at + timedelta(days=70)) == ()
    assert found[0].start == at
    assert all(one.end == two.start for one, two in pairwise(found))
