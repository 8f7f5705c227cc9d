"""Who is on call: precedence, references, and coverage."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from domain.on_call import (
    can_be_woken,
    gaps,
    next_change,
    shifts,
    stand_behind,
    who_is_on_call,
)
from domain.roster import (
    Layer,
    Method,
    NotifyRule,
    Override,
    Roster,
    Rotation,
    Schedule,
    Team,
    User,
)

MONDAY = date(2026, 1, 5)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def a_user(name: str, **changes: Any) -> User:
    fields: dict[str, Any] = {
        "id": name,
        "name": name.title(),
        "contact": {Method.PUSH: f"ntfys://ntfy.example/{name}"},
        "high": (NotifyRule(via=Method.PUSH), NotifyRule(via=Method.SMS)),
    }
    return User.model_validate(fields | changes)


def weekly(*users: str) -> Rotation:
    return Rotation(users=users, unit="week", hands_over=time(9), weekday="mon", first=MONDAY)


def a_schedule(**changes: Any) -> Schedule:
    fields: dict[str, Any] = {"id": "primary", "tz": "Europe/Berlin", "rotate": weekly("ann", "bo")}
    return Schedule.model_validate(fields | changes)


def a_roster(**changes: Any) -> Roster:
    fields: dict[str, Any] = {
        "users": {name: a_user(name) for name in ("ann", "bo")},
        "teams": {
            "led": Team(id="led", members=("bo",), manager="ann"),
            "flat": Team(id="flat", members=("ann", "bo")),
        },
        "schedules": {"primary": a_schedule()},
    }
    return Roster.model_validate(fields | changes)


def test_people_take_turns_and_the_reason_names_who_is_next():
    on_call = who_is_on_call(a_schedule(), utc("2026-01-12T07:59:59"))

    assert on_call.users == ("ann",)
    assert on_call.reason == "rotation of primary until 2026-01-12 09:00 (Europe/Berlin), then bo"
    assert who_is_on_call(a_schedule(), utc("2026-01-12T08:00:00")).users == ("bo",)


def test_rotation_of_one_is_followed_by_nobody_else():
    on_call = who_is_on_call(a_schedule(rotate=weekly("ann")), utc("2026-02-01T00:00:00"))

    assert on_call.reason == "rotation of primary until 2026-02-02 09:00 (Europe/Berlin)"


def test_nobody_serves_before_the_rotation_begins():
    on_call = who_is_on_call(a_schedule(), utc("2026-01-05T07:59:00"))

    assert on_call.users == ()
    assert on_call.reason == "nobody is on call in primary: it begins on 2026-01-05"


def test_layer_wins_over_rotation_in_its_window_of_the_night():
    """The day is the one a window starts on: Saturday's runs into Sunday morning."""
    nights = Layer(users=("bo", "cleo"), days=("sat",), between=(time(18), time(6)))
    schedule = a_schedule(rotate=weekly("ann"), layers=(nights,))

    assert who_is_on_call(schedule, utc("2026-01-10T16:59:00")).users == ("ann",)
    assert who_is_on_call(schedule, utc("2026-01-10T17:00:00")).users == ("bo", "cleo")
    late = who_is_on_call(schedule, utc("2026-01-11T04:59:00"))
    assert (late.users, late.reason) == (("bo", "cleo"), "layer 1 of primary, 18:00 to 06:00")
    assert who_is_on_call(schedule, utc("2026-01-11T05:00:00")).users == ("ann",)


def test_later_layer_wins_and_its_users_may_take_turns():
    schedule = a_schedule(
        layers=(Layer(users=("cleo",)), Layer(users=("dev", "bo"), rotate=weekly("dev", "bo")))
    )

    assert who_is_on_call(schedule, utc("2026-01-06T00:00:00")).users == ("dev",)
    assert who_is_on_call(schedule, utc("2026-01-13T00:00:00")).users == ("bo",)
    before_its_turns = who_is_on_call(schedule, utc("2026-01-01T00:00:00"))
    assert before_its_turns.users == ("cleo",)


def test_override_wins_over_layers_and_of_two_the_later_line():
    schedule = a_schedule(
        layers=(Layer(users=("cleo",)),),
        overrides=(
            Override(user="dev", start=local("2026-12-24T18:00"), end=local("2026-12-27T09:30")),
            Override(user="bo", start=local("2026-12-25T00:00"), end=local("2026-12-26T00:00")),
        ),
    )

    assert who_is_on_call(schedule, utc("2026-12-24T17:00:00")).users == ("dev",)
    christmas = who_is_on_call(schedule, utc("2026-12-25T12:00:00"))
    assert christmas.users == ("bo",)
    assert christmas.reason == "override of primary until 2026-12-26 00:00 (Europe/Berlin)"
    assert who_is_on_call(schedule, utc("2026-12-27T08:30:00")).users == ("cleo",)


def test_without_rotation_an_uncovered_time_is_nobody_with_the_reason():
    schedule = a_schedule(rotate=None, layers=(Layer(users=("ann",), days=("mon",)),))

    on_call = who_is_on_call(schedule, utc("2026-01-06T12:00:00"))

    assert on_call.reason == "nobody is on call in primary: no layer covers this time"


def test_shifts_and_gaps_together_are_the_whole_time():
    schedule = a_schedule(
        rotate=None,
        layers=(Layer(users=("ann",), between=(time(9), time(17))),),
        overrides=(
            Override(user="bo", start=local("2026-01-06T16:00"), end=local("2026-01-06T18:00")),
        ),
    )
    start, end = utc("2026-01-06T00:00:00"), utc("2026-01-07T00:00:00")

    served = [
        (shift.users, shift.start.hour, shift.end.hour) for shift in shifts(schedule, start, end)
    ]
    empty = [(gap.start.hour, gap.end.hour) for gap in gaps(schedule, start, end)]

    assert served == [(("ann",), 8, 15), (("bo",), 15, 17)]
    assert empty == [(0, 8), (17, 0)]
    assert shifts(schedule, end, start) == ()


def test_next_change_is_when_other_people_serve_not_when_another_line_holds():
    """The override keeps the same person on: only its end changes who serves."""
    stays = Override(user="ann", start=local("2026-01-08T00:00"), end=local("2026-01-13T00:00"))
    schedule = a_schedule(overrides=(stays,))

    assert next_change(a_schedule(), utc("2026-01-06T00:00:00"), timedelta(days=14)) == utc(
        "2026-01-12T08:00:00"
    )
    assert next_change(schedule, utc("2026-01-06T00:00:00"), timedelta(days=14)) == utc(
        "2026-01-12T23:00:00"
    )


def test_next_change_looks_no_further_than_asked():
    week = utc("2026-01-06T00:00:00")

    assert next_change(a_schedule(), week, timedelta(days=6)) is None
    assert next_change(a_schedule(rotate=weekly("ann")), week, timedelta(days=900)) is None


def test_same_person_over_a_hand_over_is_one_shift():
    start = utc("2026-02-01T00:00:00")

    found = shifts(a_schedule(rotate=weekly("ann")), start, start + timedelta(days=90))

    assert [(shift.users, shift.end - shift.start) for shift in found] == [
        (("ann",), timedelta(days=90))
    ]


@pytest.mark.parametrize(
    ("ref", "people", "note"),
    [
        ("user:ann", ("ann",), None),
        ("schedule:primary", ("bo",), None),
        ("team:led", ("ann",), "the manager of team led"),
        ("team:flat", ("ann", "bo"), "the members of team flat"),
        ("user:gone", (), "user gone is not in the roster"),
        ("schedule:gone", (), "schedule gone is not in the roster"),
        ("team:gone", (), "team gone is not in the roster"),
        ("role:scribe", (), "'role:scribe' names no user, schedule or team"),
    ],
)
def test_reference_is_looked_up_and_nobody_has_a_reason(
    ref: str, people: tuple[str, ...], note: str | None
):
    found = stand_behind(a_roster(), ref, utc("2026-01-13T00:00:00"))

    assert (found.ref, tuple(person.id for person in found.people), found.note) == (
        ref,
        people,
        note,
    )


def test_empty_schedule_is_an_empty_level_with_its_reason():
    found = stand_behind(a_roster(), "schedule:primary", utc("2020-01-01T00:00:00"))

    assert (found.people, found.note) == (
        (),
        "nobody is on call in primary: it begins on 2026-01-05",
    )


def test_person_deleted_from_the_roster_is_said_and_the_others_stay():
    roster = a_roster(users={"bo": a_user("bo")})

    flat = stand_behind(roster, "team:flat", utc("2026-01-13T00:00:00"))
    led = stand_behind(roster, "team:led", utc("2026-01-13T00:00:00"))

    assert [person.id for person in flat.people] == ["bo"]
    assert flat.note == "the members of team flat; user ann is not in the roster"
    assert [person.id for person in led.people] == ["bo"]


def test_person_carries_only_rules_that_have_an_address():
    person = stand_behind(a_roster(), "user:ann", utc("2026-01-13T00:00:00")).people[0]

    assert (person.name, person.rules) == ("Ann", (NotifyRule(via=Method.PUSH),))


def test_person_without_any_address_is_found_and_said():
    roster = a_roster(users={"ann": a_user("ann", contact={})})

    found = stand_behind(roster, "user:ann", utc("2026-01-13T00:00:00"))

    assert found.people[0].rules == ()
    assert found.note == "Ann has no way to be reached"


def test_only_a_waking_method_with_an_address_wakes():
    by_mail = {"contact": {Method.EMAIL: "a@example.org"}, "high": (NotifyRule(via=Method.EMAIL),)}

    assert can_be_woken(a_user("ann"))
    assert not can_be_woken(a_user("ann", contact={}))
    assert not can_be_woken(a_user("ann", **by_mail))
