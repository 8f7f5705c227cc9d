"""Times and durations as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.clock_text import duration_text, local_moment, local_time, wall_time

NIGHT = datetime(2026, 11, 25, 2, 4, 5, tzinfo=UTC)


def test_a_time_is_told_in_its_zone_and_names_it() -> None:
    assert wall_time(NIGHT, "Europe/Berlin") == "03:04"
    assert local_time(NIGHT, "Europe/Berlin") == "03:04 CET"
    assert local_moment(NIGHT, "Europe/Berlin") == "2026-11-25 03:04:05 CET"


def test_an_unknown_zone_is_told_in_utc() -> None:
    assert local_time(NIGHT, "Mars/Olympus") == "02:04 UTC"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s"),
        (0.4, "0 s"),
        (45, "45 s"),
        (300, "5 min"),
        (5400, "1 h 30 min"),
        (172_800, "2 d"),
        (90_061, "1 d 1 h"),
    ],
)
def test_a_duration_is_at_most_two_units(seconds: float, text: str) -> None:
    assert duration_text(timedelta(seconds=seconds)) == text
