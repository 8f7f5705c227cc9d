"""Moments as people write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from api.moments import read_moment

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)  # 03:30 in Berlin


@pytest.mark.parametrize(
    ("text", "ahead", "utc"),
    [
        ("06:30", True, "2026-11-22T05:30"),
        ("6:30", True, "2026-11-22T05:30"),
        ("02:50", True, "2026-11-23T01:50"),
        ("02:50", False, "2026-11-22T01:50"),
        ("23:50", False, "2026-11-21T22:50"),
        ("2026-11-22T06:30+01:00", True, "2026-11-22T05:30"),
        ("2026-11-22T06:30Z", True, "2026-11-22T06:30"),
        ("2026-11-22 06:30", True, "2026-11-22T05:30"),
    ],
)
def test_a_bare_time_is_the_next_or_the_last_one_in_the_persons_zone(
    text: str, *, ahead: bool, utc: str
):
    moment = read_moment(text, BERLIN, NOW, ahead=ahead)

    assert moment is not None
    assert moment.isoformat() == f"{utc}:00+00:00"


@pytest.mark.parametrize("text", ["", "soon", "25:00", "12:60", "2h", "-1:00"])
def test_what_is_no_moment_is_none(text: str):
    assert read_moment(text, BERLIN, NOW, ahead=True) is None


def test_a_time_that_the_clock_skips_is_still_a_moment():
    before = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # 01:30, an hour before the change

    moment = read_moment("02:30", BERLIN, before, ahead=True)

    assert moment == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
