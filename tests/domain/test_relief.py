"""What a night is, and who could take over."""

from datetime import UTC, date, datetime

import pytest

from domain.relief import night_of, reliefs, said_of_relief
from domain.roster import Layer, Override, Roster, Rotation, Schedule, User


def a_roster(*, overrides: tuple[Override, ...] = (), alone: bool = False) -> Roster:
    """Ann and Bo take weekly turns in Berlin; Ann's begins on Monday the 5th of January."""
    users = {name: User(id=name, name=name.title(), contact={}, high=()) for name in ("ann", "bo")}
    turns = Rotation(
        users=("ann",) if alone else ("ann", "bo"), unit="week", first=date(2026, 1, 5)
    )
    schedule = Schedule(id="pay", tz="Europe/Berlin", rotate=turns, overrides=overrides)
    return Roster(users=users, schedules={"pay": schedule})


@pytest.mark.parametrize(
    ("at", "began"),
    [
        (datetime(2026, 1, 6, 20, 59, tzinfo=UTC), None),
        (datetime(2026, 1, 6, 21, 0, tzinfo=UTC), date(2026, 1, 6)),
        (datetime(2026, 1, 7, 5, 59, tzinfo=UTC), date(2026, 1, 6)),
        (datetime(2026, 1, 7, 6, 0, tzinfo=UTC), None),
    ],
)
def test_night_is_from_22_to_7_where_the_person_lives(at: datetime, began: date | None):
    night = night_of(at, "Europe/Berlin")

    assert (night.began_on if night else None) == began


def test_a_night_over_a_clock_change_ends_at_seven_on_the_wall():
    night = night_of(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), "Europe/Berlin")

    assert night is not None
    assert night.ends_at == datetime(2026, 3, 29, 5, 0, tzinfo=UTC)


def test_relief_is_the_next_in_the_rotation_until_the_end_of_the_shift():
    (offer,) = reliefs(a_roster(), "ann", datetime(2026, 1, 6, 23, 0, tzinfo=UTC))

    assert (offer.to, offer.schedule) == ("bo", "pay")
    assert offer.until == datetime(2026, 1, 12, 8, 0, tzinfo=UTC)
    said = said_of_relief((offer,), "Europe/Berlin")
    assert said.title == (
        "You were woken twice tonight. Ask Bo (next in pay) to cover until Mon 12 Jan 09:00 CET?"
    )


def test_relief_looks_past_the_person_s_own_next_shift():
    own = Override(
        user="ann",
        start=datetime(2026, 1, 12, 8, 0, tzinfo=UTC),
        end=datetime(2026, 1, 13, 8, 0, tzinfo=UTC),
    )
    (offer,) = reliefs(a_roster(overrides=(own,)), "ann", datetime(2026, 1, 6, 23, tzinfo=UTC))

    assert offer.to == "bo"


def test_who_serves_beside_the_person_is_nobody_to_take_over():
    both = Layer(users=("ann", "bo"))
    schedule = a_roster().schedules["pay"].model_copy(update={"layers": (both,)})
    roster = a_roster().model_copy(update={"schedules": {"pay": schedule}})

    assert reliefs(roster, "ann", datetime(2026, 1, 6, 23, 0, tzinfo=UTC)) == ()


def test_who_serves_alone_or_not_at_all_is_offered_nobody():
    at = datetime(2026, 1, 6, 23, 0, tzinfo=UTC)

    assert reliefs(a_roster(alone=True), "ann", at) == ()
    assert reliefs(a_roster(), "bo", at) == ()
