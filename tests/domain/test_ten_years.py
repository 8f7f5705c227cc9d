"""Rotations and layers over ten years in twenty zones, through every clock change.

The zones have summer time on either side of the equator, by half an hour, by two rules
a year, none, and no longer; offsets that are no whole hours, and Ramadan's own.
"""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.on_call import gaps, next_change, shifts, who_is_on_call
from domain.roster import Layer, Override, Rotation, Schedule
from domain.rotation import WEEKDAYS, moment_at, turn_at

ZONES = (
    *("UTC", "Europe/London", "Europe/Berlin", "Europe/Moscow", "Africa/Casablanca"),
    *("Africa/Cairo", "Asia/Kolkata", "Asia/Tehran", "Asia/Kathmandu", "Asia/Gaza"),
    *("America/New_York", "America/St_Johns", "America/Sao_Paulo", "America/Santiago"),
    *("America/Phoenix", "Australia/Lord_Howe", "Australia/Adelaide", "Pacific/Auckland"),
    *("Pacific/Chatham", "Antarctica/Troll"),
)
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def clock_changes(name: str, begin: datetime = BEGIN, end: datetime = END) -> list[datetime]:
    """Every moment (to the hour) in which the zone's offset changes."""
    zone, found = ZoneInfo(name), []
    at = begin
    while at < end:
        if at.astimezone(zone).utcoffset() != (at + DAY).astimezone(zone).utcoffset():
            hours = (at + hour * HOUR for hour in range(24))
            found += [
                each
                for each in hours
                if each.astimezone(zone).utcoffset() != (each + HOUR).astimezone(zone).utcoffset()
            ]
        at += DAY
    return found


CHANGES = {name: clock_changes(name) for name in ZONES}

times = st.times().map(lambda at: at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0))
people = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4, unique=True).map(tuple)
rotations = st.builds(
    Rotation,
    users=people,
    unit=st.sampled_from(["hour", "day", "week", "month"]),
    count=st.integers(1, 13),
    hands_over=times,
    weekday=st.sampled_from(WEEKDAYS),
    day=st.none() | st.integers(1, 31),
    first=st.dates(date(2025, 1, 1), date(2025, 12, 31)),
)
layers = st.builds(
    Layer,
    users=people,
    days=st.lists(st.sampled_from(WEEKDAYS), min_size=1, unique=True).map(tuple),
    between=st.tuples(times, times),
    rotate=st.none() | rotations,
)
zones = st.sampled_from(ZONES)


@st.composite
def around_changes(draw: st.DrawFn) -> tuple[str, datetime]:
    """A zone and a moment, mostly within two days of one of its clock changes."""
    name = draw(zones)
    if CHANGES[name] and draw(st.integers(0, 3)):
        near = draw(st.sampled_from(CHANGES[name]))
        return name, near + draw(st.integers(-48 * 60, 48 * 60)) * timedelta(minutes=1)
    return name, BEGIN + draw(st.integers(0, 3650 * 24 * 60)) * timedelta(minutes=1)


def test_zones_are_of_every_kind():
    """Otherwise the properties below would hold for too little."""
    assert len(ZONES) == 20
    assert sum(not each for each in CHANGES.values()) >= 4
    halves = [ZoneInfo("Australia/Lord_Howe").dst(at) for at in (BEGIN, BEGIN + 180 * DAY)]
    assert halves == [timedelta(minutes=30), timedelta(0)]
    assert min(len(CHANGES[name]) for name in ("Pacific/Chatham", "Europe/London")) == 20


@settings(max_examples=400)
@given(rotations, around_changes())
def test_turns_meet_and_keep_the_wall_clock_in_every_zone_through_every_change(
    rotation: Rotation, where: tuple[str, datetime]
):
    """No gap, no overlap; a hand-over is at its time unless the clocks skip that time."""
    zone, at = ZoneInfo(where[0]), where[1]
    turn = turn_at(rotation, zone, at)
    assert turn is not None
    assert turn.start <= at < turn.end

    before = turn_at(rotation, zone, turn.end - timedelta(microseconds=1))
    after = turn_at(rotation, zone, turn.end)
    assert before == turn
    assert after is not None
    assert (after.start, after.user) == (turn.end, turn.next_user)
    if rotation.unit != "hour":
        wall = turn.end.astimezone(zone)
        declared = datetime.combine(wall.date(), rotation.hands_over)
        is_skipped = moment_at(declared, zone).astimezone(zone).replace(tzinfo=None) != declared
        assert is_skipped or wall.time() == rotation.hands_over


@pytest.mark.parametrize("name", ZONES)
def test_weekly_hand_over_at_nine_stays_at_nine_for_ten_years(name: str):
    """Every one of 522 weeks, with nobody missing and nobody twice in a row."""
    rotation = Rotation(
        users=("ann", "bo", "cleo"), unit="week", weekday="mon", first=date(2025, 12, 29)
    )

    found = shifts(Schedule(id="s", tz=name, rotate=rotation), BEGIN, END)

    starts = [each.start.astimezone(ZoneInfo(name)) for each in found[1:]]
    assert {f"{start:%a %H:%M}" for start in starts} == {"Mon 09:00"}
    assert (len(found), found[0].start, found[-1].end) == (len(found), BEGIN, END)
    assert all(one.end == two.start for one, two in pairwise(found))
    assert [each.users for each in found[:4]] == [("ann",), ("bo",), ("cleo",), ("ann",)]


def schedules(name: str) -> st.SearchStrategy[Schedule]:
    """Schedules of the zone with layers and overrides, with or without a rotation."""
    local = st.datetimes(datetime(2026, 1, 1), datetime(2035, 12, 31))  # noqa: DTZ001
    overrides = st.builds(
        lambda user, start, hours: Override(user=user, start=start, end=start + hours * HOUR),
        st.sampled_from("xyz"),
        local,
        st.integers(1, 2_000),
    )
    return st.builds(
        Schedule,
        id=st.just("s"),
        tz=st.just(name),
        rotate=st.none() | rotations,
        layers=st.lists(layers, max_size=3).map(tuple),
        overrides=st.lists(overrides, max_size=2).map(tuple),
    )


@settings(max_examples=80)
@given(st.data(), around_changes())
def test_shifts_and_gaps_say_what_each_single_moment_says(
    data: st.DataObject, where: tuple[str, datetime]
):
    """Whoever is asked at any minute is whom the list of shifts names for it."""
    name, at = where
    schedule = data.draw(schedules(name))
    begin, end = at - DAY, at + 2 * DAY

    listed = shifts(schedule, begin, end)
    empty = gaps(schedule, begin, end)

    spans: list[Any] = sorted([*listed, *empty], key=lambda span: span.start)
    assert (spans[0].start, spans[-1].end) == (begin, end)
    assert all(one.end == two.start for one, two in pairwise(spans))
    for span in spans:
        users = getattr(span, "users", ())
        middle = span.start + (span.end - span.start) / 2
        for moment in (span.start, middle, span.end - timedelta(microseconds=1)):
            assert who_is_on_call(schedule, moment).users == users


@settings(max_examples=60)
@given(st.data(), around_changes())
def test_next_change_is_the_first_minute_with_other_people(
    data: st.DataObject, where: tuple[str, datetime]
):
    """Checked against asking every quarter of an hour."""
    name, at = where
    schedule = data.draw(schedules(name))

    found = next_change(schedule, at, DAY)

    now = set(who_is_on_call(schedule, at).users)
    quarters = [at + number * timedelta(minutes=15) for number in range(97)]
    others = [each for each in quarters if set(who_is_on_call(schedule, each).users) != now]
    if found is None:
        assert others == []
    else:
        assert at < found <= at + DAY
        assert set(who_is_on_call(schedule, found).users) != now
        assert set(who_is_on_call(schedule, found - timedelta(microseconds=1)).users) == now
        assert not others or found <= others[0]


@settings(max_examples=300)
@given(layers.filter(lambda layer: layer.rotate is None), around_changes())
def test_layer_serves_by_what_the_clock_on_the_wall_shows(
    layer: Layer, where: tuple[str, datetime]
):
    """Away from a clock change the wall clock alone decides, over midnight too."""
    name, at = where
    zone = ZoneInfo(name)
    wall = at.astimezone(zone)
    if any(abs(at - change) < timedelta(hours=28) for change in CHANGES[name]):
        return
    opens, closes = layer.between
    today, yesterday = (WEEKDAYS[(wall - back * DAY).weekday()] for back in (0, 1))
    clock = time(wall.hour, wall.minute)
    if opens < closes:
        serves = today in layer.days and opens <= clock < closes
    else:
        serves = (today in layer.days and clock >= opens) or (
            yesterday in layer.days and clock < closes
        )

    users = who_is_on_call(Schedule(id="s", tz=name, layers=(layer,)), at).users

    assert users == (layer.users if serves else ())


@pytest.mark.parametrize("name", ZONES)
def test_night_layer_joins_the_day_layer_on_every_day_of_ten_years(name: str):
    """Two windows that meet leave no minute to nobody, also where the clocks jump over one."""
    day = Layer(users=("ann",), between=(time(6), time(18)))
    night = Layer(users=("bo",), between=(time(18), time(6)))
    schedule = Schedule(id="s", tz=name, layers=(day, night))

    for change in CHANGES[name]:
        found = shifts(schedule, change - DAY, change + 2 * DAY)
        assert gaps(schedule, change - DAY, change + 2 * DAY) == ()
        edges = {f"{each.start.astimezone(ZoneInfo(name)):%H:%M}" for each in found[1:]}
        assert edges == {"06:00", "18:00"}


def test_follow_the_sun_hands_over_at_each_regions_own_morning():
    """Three regions in their own zones would be three schedules; in one it is one zone's clock."""
    sun = (
        Layer(users=("auckland",), between=(time(22), time(6))),
        Layer(users=("berlin",), between=(time(6), time(14))),
        Layer(users=("denver",), between=(time(14), time(22))),
    )
    schedule = Schedule(id="sun", tz="UTC", layers=sun)

    found = shifts(schedule, BEGIN, BEGIN + 365 * DAY)

    assert gaps(schedule, BEGIN, BEGIN + 365 * DAY) == ()
    assert [each.users[0] for each in found[1:4]] == ["berlin", "denver", "auckland"]
    assert {each.end - each.start for each in found[1:-1]} == {8 * HOUR}
