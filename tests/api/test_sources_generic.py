"""Any JSON becomes alerts of bounded text; what is no alert is refused by its place."""

from typing import Any

import pytest

from api.sources import generic
from api.sources.errors import Malformed
from api.sources.reading import decoded
from domain.source_mapping import DEFAULT_MAPPING, SourceMapping


def parse(body: Any, mapping: SourceMapping = DEFAULT_MAPPING, sender: str = "desk"):
    return generic.parse(body, mapping, sender)


def test_one_object_is_one_alert_of_its_sender():
    (alert,) = parse({"key": "k1", "status": "firing", "summary": "hot"}).alerts

    assert alert.key == "generic:desk/k1"
    assert alert.is_firing


def test_a_list_is_as_many_alerts_in_its_order():
    parsed = parse([{"key": "a"}, {"key": "b", "status": "ok"}])

    assert [alert.fingerprint for alert in parsed.alerts] == ["a", "b"]
    assert [alert.is_firing for alert in parsed.alerts] == [True, False]


def test_a_message_without_a_key_is_the_same_alert_each_time_and_says_so():
    first = parse({"labels": {"host": "db-1"}}).alerts[0]
    again = parse({"labels": {"host": "db-1"}}).alerts[0]

    assert first.fingerprint == again.fingerprint
    assert first.notes


@pytest.mark.parametrize(("body", "field"), [(3, ""), ([{"key": "a"}, "x"], "[1]"), (None, "")])
def test_what_is_no_object_is_refused_naming_its_place(body: Any, field: str):
    with pytest.raises(Malformed) as caught:
        parse(body)

    assert caught.value.field == field


def test_an_odd_sender_name_is_refused_before_it_becomes_an_identity():
    with pytest.raises(Malformed) as caught:
        parse({"key": "a"}, sender="a/b")

    assert caught.value.field == "sender"


def test_keys_and_times_are_bounded_with_a_note():
    (alert,) = parse({"key": "k" * 9000, "starts_at": "2" * 9000}).alerts

    assert len(alert.fingerprint) <= 255
    assert alert.starts_at is None
    assert len(alert.notes) >= 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 200_000,
        b"1" * 10_000,
        b'{"a": \x00}',
    ],
)
def test_a_body_that_is_no_json_is_refused_and_never_crashes(body: bytes):
    with pytest.raises(Malformed):
        decoded(body)


def test_broken_json_is_refused_with_line_and_column():
    with pytest.raises(Malformed, match="line 2, column 7"):
        decoded(b'{\n  "a" 1}')
