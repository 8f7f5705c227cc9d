"""When a heartbeat is missing, and what its alert says."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.alert import AlertStatus
from domain.heartbeat import (
    GRACE,
    LATE,
    SAID_AGAIN,
    Beat,
    Heartbeat,
    after_absence,
    alert_of,
    heard,
    missed,
    returned,
)

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
FIVE = timedelta(minutes=5)
SECOND = timedelta(seconds=1)


def a_heartbeat(**fields: Any) -> Heartbeat:
    """It beat just now, and may be silent for five minutes."""
    return Heartbeat.model_validate(
        {"name": "payments_canary", "last_at": NOW, "missing_after": FIVE} | fields
    )


def test_it_is_missing_so_long_after_its_last_beat() -> None:
    beaten = heard(a_heartbeat(), Beat(at=NOW + SECOND, missing_after=FIVE), NOW + SECOND)

    assert beaten.due_at == NOW + SECOND + FIVE


def test_a_beat_that_was_under_way_for_long_counts_from_when_it_came() -> None:
    late = heard(a_heartbeat(), Beat(at=NOW + SECOND, missing_after=FIVE), NOW + FIVE)

    assert late.due_at == NOW + SECOND + FIVE


def test_beats_out_of_order_and_from_the_future_do_not_mislead() -> None:
    old = heard(a_heartbeat(), Beat(at=NOW - FIVE, missing_after=FIVE), NOW)
    future = heard(a_heartbeat(), Beat(at=NOW + FIVE, missing_after=FIVE), NOW + SECOND)

    assert old.last_at == NOW
    assert future.last_at == NOW + SECOND


def test_the_playbooks_new_patience_comes_with_the_next_beat() -> None:
    beaten = heard(a_heartbeat(), Beat(at=NOW, missing_after=FIVE * 2), NOW)

    assert beaten.due_at == NOW + FIVE * 2


def test_after_our_own_absence_senders_get_a_minute_once() -> None:
    due = NOW + FIVE
    returned_at = due + timedelta(hours=1)

    given = after_absence(a_heartbeat(), due, returned_at)
    again = after_absence(given, given.due_at, given.due_at + timedelta(hours=1))

    assert given.due_at == returned_at + GRACE
    assert again == given


def test_a_timer_on_time_gives_no_minute_more() -> None:
    due = NOW + FIVE

    assert after_absence(a_heartbeat(), due, due + LATE - SECOND) == a_heartbeat()


def test_one_silence_is_one_episode_from_its_alert_to_its_resolve() -> None:
    silent = a_heartbeat()
    firing = alert_of(silent, "payments_api", AlertStatus.FIRING)
    told = missed(silent, "canary-abcdefgh", NOW + FIVE)
    back = heard(told, Beat(at=NOW + FIVE * 2, missing_after=FIVE), NOW + FIVE * 2)
    resolve = alert_of(back, None, AlertStatus.RESOLVED)

    assert back.has_returned
    assert (firing.key, firing.starts_at) == (resolve.key, resolve.starts_at)
    assert firing.labels == {
        "alertname": "HeartbeatMissing",
        "heartbeat": "payments_canary",
        "service": "payments_api",
    }
    assert firing.summary == "Heartbeat payments_canary is missing: silent since 03:00:00 UTC"
    assert not returned(back).has_returned


def test_a_heartbeat_that_stays_away_is_said_again_after_a_day() -> None:
    told = missed(a_heartbeat(), "canary-abcdefgh", NOW + FIVE)

    assert told.due_at == NOW + FIVE + SAID_AGAIN
    assert missed(told, "canary-abcdefgh", told.due_at).missing_since == NOW
