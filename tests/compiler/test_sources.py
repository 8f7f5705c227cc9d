"""What a sender's generic JSON becomes, with and without a mapping of its own."""

from collections.abc import Callable
from typing import Any

import pytest

from compiler.compile import Compiled
from domain.alert import AlertStatus
from domain.source_mapping import DEFAULT_MAPPING, SourceMapping, alert_from

Compile = Callable[..., Compiled]
PLAYBOOK = (
    "language: 1\nname: disk_full\nowner: team:storage\non_alert: { a: b }\npage: [team:storage]\n"
)

SENSOR = """
language: 1
senders:
  sensor:
    identity: [body.device.id, 'body["check name"] | body.check']
    status: { value: body.state.now, firing: HOT, resolved: [cool, cold] }
    starts_at: body.since
    labels_from: body.tags
    labels: { site: "body.sites[1].name", team: cooling, missing: body.nothing }
    annotations: { reading: body.reading }
    summary: body.text | no text
    url: body.link
"""
MESSAGE: dict[str, Any] = {
    "device": {"id": 17},
    "check name": "temperature",
    "state": {"now": "hot"},
    "since": "2026-01-05T09:00:00Z",
    "tags": {"rack": "r1", "gone": None, "nested": {"b": 1, "a": True}},
    "sites": [{"name": "north"}, {"name": "south"}],
    "reading": 41.5,
    "link": "https://sensor.example/17",
}


@pytest.fixture
def sensor(compiled: Compile) -> SourceMapping:
    result = compiled(PLAYBOOK, {"sources.yaml": SENSOR})
    assert result.diagnostics == ()
    return result.sources["sensor"]


def test_declared_mapping_reads_every_field(sensor: SourceMapping) -> None:
    alert = alert_from(sensor, "sensor", MESSAGE)

    assert alert.source == "generic:sensor"
    assert alert.fingerprint == "17/temperature"
    assert alert.status is AlertStatus.FIRING
    assert alert.starts_at == "2026-01-05T09:00:00Z"
    nested = '{"a":true,"b":1}'
    assert alert.labels == {"rack": "r1", "nested": nested, "site": "south", "team": "cooling"}
    assert alert.annotations == {"reading": "41.5"}
    assert alert.summary == "no text"
    assert alert.url == "https://sensor.example/17"
    assert alert.notes == ()


def test_declared_word_for_the_end_resolves(sensor: SourceMapping) -> None:
    alert = alert_from(sensor, "sensor", MESSAGE | {"state": {"now": "Cool"}})

    assert alert.status is AlertStatus.RESOLVED


def test_unknown_and_missing_status_fire_with_a_note(sensor: SourceMapping) -> None:
    unknown = alert_from(sensor, "sensor", MESSAGE | {"state": {"now": "lukewarm"}})
    missing = alert_from(sensor, "sensor", MESSAGE | {"state": None})

    assert unknown.is_firing
    assert missing.is_firing
    assert unknown.notes == ("unknown status 'lukewarm': taken as firing",)
    assert missing.notes == ("no status in body.state.now: taken as firing",)


def test_default_mapping_reads_our_plain_form() -> None:
    body = {
        "key": "k1",
        "status": "resolved",
        "labels": {"service": "api"},
        "severity": "critical",
        "title": "API is down",
        "startsAt": "2026-01-05T09:00:00Z",
        "annotations": {"a": "b"},
    }

    alert = alert_from(DEFAULT_MAPPING, "anything", body)

    assert alert.fingerprint == "k1"
    assert not alert.is_firing
    assert alert.labels == {"service": "api", "severity": "critical"}
    assert alert.summary == "API is down"
    assert alert.annotations == {"a": "b"}


def test_missing_identity_is_the_same_hash_for_the_same_labels() -> None:
    one = alert_from(DEFAULT_MAPPING, "x", {"labels": {"a": "1", "b": "2"}, "message": "first"})
    same = alert_from(DEFAULT_MAPPING, "x", {"labels": {"b": "2", "a": "1"}, "message": "later"})
    other = alert_from(DEFAULT_MAPPING, "x", {"labels": {"a": "1"}})

    assert one.fingerprint == same.fingerprint != other.fingerprint
    assert "a hash of the labels is used" in one.notes[0]


def test_missing_identity_and_labels_is_a_hash_of_the_summary() -> None:
    one = alert_from(DEFAULT_MAPPING, "x", {"message": "first"})
    other = alert_from(DEFAULT_MAPPING, "x", {"message": "second"})

    assert one.fingerprint != other.fingerprint
    assert "a hash of the summary is used" in one.notes[0]


def test_url_that_is_no_web_address_is_left_out() -> None:
    alert = alert_from(DEFAULT_MAPPING, "x", {"key": "k", "url": "javascript:alert(1)"})

    assert alert.url is None
    assert alert.notes[-1] == "the url is left out: it is neither http nor https"


@pytest.mark.parametrize("body", [{}, {"labels": [1]}, {"labels": "x", "key": {}}, {"key": ""}])
def test_any_shape_of_message_is_an_alert(body: dict[str, Any]) -> None:
    assert alert_from(DEFAULT_MAPPING, "x", body).fingerprint


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("language: 1\nsenders: { a: { identity: 'body..x' } }\n", "E112", 2),
        ("language: 1\nsenders: { a: { identity: 'body.x | ' } }\n", "E112", 2),
        ("language: 1\nsenders: { a: { identity: 5 } }\n", "E112", 2),
        ("language: 1\nsenders: { a: {} }\n", "E102", 2),
        ("language: 1\nsendrs: {}\n", "E101", 2),
        ("language: 2\n", "E106", 1),
        ("language: [\n", "E001", 2),
    ],
)
def test_broken_sources_are_placed_and_playbooks_stay(
    compiled: Compile, text: str, code: str, line: int
) -> None:
    result = compiled(PLAYBOOK, {"sources.yaml": text})

    assert [(each.path, each.code, each.line) for each in result.diagnostics] == [
        ("sources.yaml", code, line)
    ]
    assert result.sources == {}
    assert "disk_full" in result.plans
