"""Alerts: moments as senders write them, severities from labels, and the cut to size."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.alert import (
    WORKFLOW_TEXT_LIMIT,
    Alert,
    AlertStatus,
    moment_of,
    severity_from_labels,
    trimmed,
)
from domain.severity import Severity


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("2026-11-25T03:00:00Z", datetime(2026, 11, 25, 3, tzinfo=UTC)),
        ("2026-11-25T03:00:00", datetime(2026, 11, 25, 3, tzinfo=UTC)),
        (
            "2026-11-25T04:00:00.123456789+01:00",
            datetime(2026, 11, 25, 4, 0, 0, 123456, tzinfo=timezone(timedelta(hours=1))),
        ),
        ("0001-01-01T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_a_sender_s_time_names_a_moment_or_none(raw: str | None, moment: datetime | None) -> None:
    assert moment_of(raw) == moment


def test_the_severity_label_comes_before_the_priority_and_the_house_before_the_default() -> None:
    assert severity_from_labels({"severity": "Critical", "priority": "p4"}) is Severity.SEV2
    assert severity_from_labels({"severity": "odd", "priority": "P1"}) is Severity.SEV1
    assert severity_from_labels({"severity": "odd"}) is None
    assert severity_from_labels({"severity": "odd"}, {"odd": Severity.SEV4}) is Severity.SEV4


def an_alert(**extra: object) -> Alert:
    """One firing alert."""
    given = {"source": "s", "fingerprint": "f", "status": AlertStatus.FIRING} | extra
    return Alert.model_validate(given)


def test_a_small_alert_travels_whole() -> None:
    alert = an_alert(summary="short", labels={"service": "pay"})

    assert trimmed(alert) is alert


def test_a_big_alert_keeps_its_short_labels_and_says_that_it_was_cut() -> None:
    labels = {"novel": "x" * 5000, "service": "pay", "dc": "dc1"}
    alert = an_alert(
        summary="ü" * 4000,
        labels=labels,
        annotations={"a": "b" * 900},
        url="https://x/" + "y" * 300,
    )

    cut = trimmed(alert)

    assert cut.labels == {"service": "pay", "dc": "dc1"}
    assert cut.summary == "ü" * 100
    assert (cut.annotations, cut.url) == ({}, None)
    assert cut.notes == ("cut to 1 KiB; the ledger keeps the text",)
    assert len(cut.model_dump_json().encode()) <= WORKFLOW_TEXT_LIMIT


def test_many_labels_leave_room_for_what_people_read() -> None:
    """A page once said "Slo" where the sender said "Slow is down" and 120 labels."""
    labels = {f"label_{number}": "x" for number in range(200)}

    cut = trimmed(an_alert(summary="Slow is down", labels=labels))

    assert cut.summary == "Slow is down"
    assert len(cut.model_dump_json().encode()) <= WORKFLOW_TEXT_LIMIT


def test_a_short_address_survives_the_cut() -> None:
    cut = trimmed(an_alert(annotations={"a": "b" * 2000}, url="https://x/1"))

    assert cut.url == "https://x/1"
