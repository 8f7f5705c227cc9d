"""What a maintenance window covers, and how long it may be."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.maintenance import LONGEST, Window, covering, too_long

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def a_window(**fields: Any) -> Window:
    """Two hours from now."""
    given = {"id": "w", "starts_at": NOW, "ends_at": NOW + timedelta(hours=2)}
    return Window.model_validate(given | {"reason": "db upgrade", "by": "Ann"} | fields)


@pytest.mark.parametrize(
    ("labels", "service"),
    [
        ({"service": "payments-api"}, None),
        ({"service": "payments_api"}, None),
        ({}, "payments_api"),
    ],
)
def test_a_service_is_the_alerts_label_or_the_playbooks_own_however_it_is_written(
    labels: dict[str, str], service: str | None
) -> None:
    assert a_window(service="payments_api").covers(labels, service)
    assert a_window(service="payments-api").covers(labels, service)


def test_another_service_is_not_covered() -> None:
    assert not a_window(service="payments").covers({"service": "payments_api"}, "payments_api")


def test_all_labels_must_have_an_accepted_value() -> None:
    window = a_window(matchers={"cluster": ("eu-1", "eu-2"), "tier": ("db",)})

    assert window.covers({"cluster": "eu-2", "tier": "db", "more": "x"}, None)
    assert not window.covers({"cluster": "eu-2"}, None)
    assert not window.covers({"cluster": "us-1", "tier": "db"}, None)


def test_a_window_that_names_nothing_covers_nothing() -> None:
    assert not a_window().covers({"service": ""}, None)


def test_it_holds_from_its_first_moment_to_before_its_last() -> None:
    window = a_window()

    assert window.is_active(NOW)
    assert not window.is_active(window.ends_at)
    assert not window.is_active(NOW - timedelta(seconds=1))


def test_of_two_windows_the_one_that_ends_last_counts() -> None:
    first = a_window(id="a", service="x")
    last = a_window(id="b", service="x", ends_at=NOW + timedelta(hours=3))

    assert covering((last, first), {"service": "x"}, None) == last


def test_at_most_a_day_and_not_backwards() -> None:
    assert too_long(NOW, NOW + LONGEST) is None
    assert "at most 24 h" in (too_long(NOW, NOW + LONGEST + timedelta(seconds=1)) or "")
    assert "before it begins" in (too_long(NOW, NOW) or "")
