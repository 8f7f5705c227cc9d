"""Who carried how much: what is counted, and who has more than their share."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.fairness import DeliveredPage, Fairness, Share, fairness
from domain.on_call import gaps
from domain.roster import Layer, Roster, Rotation, Schedule, User
from domain.rotation import WEEKDAYS

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def a_roster(*schedules: Schedule, **zones: str) -> Roster:
    users = {
        name: User(id=name, name=name.title(), tz=zones.get(name, "UTC"), contact={}, high=())
        for name in "abcdef"
    }
    return Roster(users=users, schedules={each.id: each for each in schedules})


def a_schedule(name: str = "s", **changes: Any) -> Schedule:
    """A and B by the week, from Monday at midnight UTC."""
    rotation = Rotation(
        users=("a", "b"), unit="week", weekday="mon", hands_over=time(0), first=date(2026, 1, 5)
    )
    return Schedule.model_validate({"id": name, "tz": "UTC", "rotate": rotation} | changes)


def of(roster: Roster, *pages: DeliveredPage, days: int = 14) -> Fairness:
    names = list(roster.schedules)
    return fairness(roster, names, (MONDAY, MONDAY + days * DAY), pages)


def share(found: Fairness, person: str) -> Share:
    return next(each for each in found.shares if each.id == person)


def a_page(at: str, person: str = "a", method: str = "push", call: str = "1") -> DeliveredPage:
    key = f"INC-M4T9WC/1/level-1/{call}/{person}/{method}"
    return DeliveredPage(key, datetime.fromisoformat(at).replace(tzinfo=UTC))


def test_two_people_in_turns_have_equal_parts():
    """A week each: 168 hours, 7 nights of 9 hours, one weekend."""
    found = of(a_roster(a_schedule()))

    assert [each.id for each in found.shares] == ["a", "b"]
    for each in found.shares:
        assert (each.hours, each.nights, each.weekends, each.above) == (168, 63, 48, ())
    assert found.mean["hours"] == 168


def test_nights_and_weekends_are_those_of_the_persons_own_zone():
    """From 09:00 to 17:00 UTC is a night in Auckland."""
    day = Layer(users=("a", "b"), days=("mon",), between=(time(9), time(17)))
    roster = a_roster(a_schedule(rotate=None, layers=(day,)), a="Pacific/Auckland")

    found = of(roster, days=1)

    assert (share(found, "a").nights, share(found, "b").nights) == (8, 0)


def test_hour_in_two_schedules_is_one_hour_of_a_life():
    found = of(a_roster(a_schedule("one"), a_schedule("two")))

    assert share(found, "a").hours == 168


def test_page_by_three_methods_is_one_page_and_pages_in_a_row_break_a_night_once():
    found = of(
        a_roster(a_schedule()),
        a_page("2026-11-24T02:00"),
        a_page("2026-11-24T02:01", method="sms"),
        a_page("2026-11-24T02:20", call="2"),
        a_page("2026-11-24T03:30", call="3"),
        a_page("2026-11-24T04:30", method="email", call="4"),
        a_page("2026-11-24T14:00", call="5"),
        a_page("2026-12-24T03:00", call="6"),
    )

    mine = share(found, "a")
    assert (mine.pages, mine.wake_ups) == (5, 2)
    assert mine.above == ("pages", "wake_ups")
    assert share(found, "b").above == ()


def test_who_is_named_and_never_serves_counts_in_the_mean():
    """Somebody who carries nothing makes the others' share the larger."""
    lazy = a_schedule(layers=(Layer(users=("c",), days=("mon",), between=(time(9), time(9, 1))),))

    found = of(a_roster(lazy))

    assert [each.id for each in found.shares] == ["a", "b", "c"]
    assert found.shares[0].above == ("hours", "nights", "weekends")


times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
layers = st.builds(
    Layer,
    users=st.lists(st.sampled_from("cdef"), min_size=1, max_size=1).map(tuple),
    days=st.lists(st.sampled_from(WEEKDAYS), min_size=1, unique=True).map(tuple),
    between=st.tuples(times, times),
)


@settings(max_examples=60)
@given(
    st.lists(layers, max_size=3).map(tuple),
    st.sampled_from(["turns", "layers alone"]),
    st.sampled_from(["Europe/Berlin", "Australia/Lord_Howe", "America/New_York"]),
    st.integers(0, 330),
)
def test_hours_of_everybody_are_the_time_that_is_covered(
    found_layers: tuple[Layer, ...], kind: str, tz: str, day: int
):
    """With one person at a time; nights and weekends are parts of the hours."""
    schedule = a_schedule(tz=tz, layers=found_layers)
    if kind == "layers alone":
        schedule = schedule.model_copy(update={"rotate": None})
    start, end = MONDAY + day * DAY, MONDAY + (day + 20) * DAY

    found = fairness(a_roster(schedule), ["s"], (start, end), ())

    uncovered = sum((gap.end - gap.start for gap in gaps(schedule, start, end)), timedelta(0))
    assert sum(each.hours for each in found.shares) == pytest.approx(
        (end - start - uncovered) / HOUR
    )
    assert all(each.nights <= each.hours + 1e-9 for each in found.shares)
    assert all(each.weekends <= each.hours + 1e-9 for each in found.shares)
