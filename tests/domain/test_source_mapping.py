"""Generic JSON: paths, words for firing and resolved, and what is guessed is said."""

from typing import Any

import pytest

from domain.alert import Alert, AlertStatus
from domain.source_mapping import (
    DEFAULT_MAPPING,
    SourceMapping,
    StatusWords,
    alert_from,
    path_problem,
)


def read(body: dict[str, Any], **mapping: Any) -> Alert:
    """The alert that the body means."""
    return alert_from(SourceMapping(**mapping) if mapping else DEFAULT_MAPPING, "mon", body)


def test_our_own_plain_form_needs_no_mapping() -> None:
    alert = read(
        {
            "key": "k1",
            "status": "resolved",
            "starts_at": "2026-11-25T03:00:00Z",
            "labels": {"service": "pay", "shard": 3, "gone": None},
            "severity": "critical",
            "annotations": {"a": "b"},
            "summary": "it is over",
            "url": "https://mon.example/1",
        }
    )

    assert alert == Alert(
        source="generic:mon",
        fingerprint="k1",
        status=AlertStatus.RESOLVED,
        starts_at="2026-11-25T03:00:00Z",
        labels={"service": "pay", "shard": "3", "severity": "critical"},
        annotations={"a": "b"},
        summary="it is over",
        url="https://mon.example/1",
    )


def test_paths_reach_into_lists_and_odd_keys_and_take_the_first_that_is_there() -> None:
    body = {"checks": [{"name": "cpu"}], "odd key": {"x": "y"}, "empty": "", "status": "down"}

    alert = read(
        body,
        identity=("body.checks[0].name", "fixed"),
        labels={"odd": "body[\"odd key\"]['x']", "deep": "body.checks[0].name.more | body.checks"},
        summary="body.empty | body.checks[7].name | 'nothing'",
        labels_from="body.empty",
    )

    assert alert.fingerprint == "cpu/fixed"
    assert alert.labels == {"odd": "y", "deep": '[{"name":"cpu"}]'}
    assert alert.summary == "'nothing'"


def test_a_message_without_identity_is_always_the_same_alert_and_says_so() -> None:
    one = read({"status": "firing", "labels": {"a": "1"}, "summary": "x"})
    again = read({"status": "firing", "labels": {"a": "1"}, "summary": "y"})
    bare = read({"status": "firing", "summary": "x"})

    assert one.fingerprint == again.fingerprint
    assert bare.fingerprint not in ("", one.fingerprint)
    assert "a hash of the labels is used" in one.notes[0]
    assert "a hash of the summary is used" in bare.notes[0]


@pytest.mark.parametrize(
    ("body", "status", "note"),
    [
        ({"status": "OK"}, AlertStatus.RESOLVED, None),
        ({"state": "alerting"}, AlertStatus.FIRING, None),
        ({}, AlertStatus.FIRING, "no status in body.status | body.state: taken as firing"),
        ({"status": "purple"}, AlertStatus.FIRING, "unknown status 'purple': taken as firing"),
    ],
)
def test_what_is_not_known_to_be_over_fires(
    body: dict[str, Any], status: AlertStatus, note: str | None
) -> None:
    alert = read({"key": "k", **body})

    assert alert.status is status
    assert alert.notes == ((note,) if note else ())


def test_a_sender_s_own_words_replace_ours() -> None:
    words = StatusWords(value="body.phase", firing=("Bad",), resolved=("Good",))

    assert read({"phase": "good"}, status=words).status is AlertStatus.RESOLVED


def test_an_address_that_is_no_web_address_is_left_out_and_said() -> None:
    alert = read({"key": "k", "status": "firing", "url": "javascript:alert(1)"})

    assert alert.url is None
    assert alert.notes == ("the url is left out: it is neither http nor https",)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("body.a.b | fixed", None),
        ("body", None),
        ("body.a | ", (9, "a part is empty")),
        ("x | body.a..b", (4, "'body.a..b' is not a path")),
    ],
)
def test_a_path_that_cannot_be_read_is_pointed_at(
    value: str, problem: tuple[int, str] | None
) -> None:
    assert path_problem(value) == problem


def test_a_path_that_cannot_be_read_finds_nothing() -> None:
    assert read({"key": "k", "status": "firing"}, summary="body.a..b").summary == ""
