"""What Alertmanager and Grafana send becomes alerts with identity and episode."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.sources import alertmanager
from api.sources.errors import Malformed
from domain.alert import AlertStatus

PAYLOADS = Path(__file__).parents[1] / "payloads"


def payload(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text())
    return body


def a_member(**fields: Any) -> dict[str, Any]:
    return {
        "status": "firing",
        "labels": {"alertname": "DiskFull"},
        "annotations": {},
        "startsAt": "2026-11-22T04:49:46.124549218Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "fingerprint": "e974c1cb04651cd3",
    } | fields


def test_two_firing_members_are_two_alerts_by_fingerprint():
    parsed = alertmanager.parse(payload("alertmanager-v4-firing-two"))

    assert [alert.key for alert in parsed.alerts] == [
        "alertmanager/e974c1cb04651cd3",
        "alertmanager/2b5bac9176f2c482",
    ]
    assert {alert.status for alert in parsed.alerts} == {AlertStatus.FIRING}


def test_the_raw_start_is_kept_to_the_nanosecond_and_year_one_is_no_end():
    first = alertmanager.parse(payload("alertmanager-v4-firing-two")).alerts[0]

    assert first.starts_at == "2026-11-22T04:49:46.124549218Z"
    assert first.ends_at is None
    assert first.summary == "Payment API error ratio 12.4 %"
    assert first.url == "http://prometheus.example/graph?g0.expr=x"


def test_each_member_has_its_own_status_whatever_the_group_says():
    parsed = alertmanager.parse(payload("alertmanager-v4-one-resolved"))

    assert [alert.status.value for alert in parsed.alerts] == ["resolved", "firing"]
    assert parsed.alerts[0].ends_at == "2026-11-22T04:49:50Z"


def test_grafana_is_read_by_the_same_rules():
    (alert,) = alertmanager.parse(payload("grafana-unified-firing")).alerts

    assert alert.fingerprint == "57c6d9296de2ad39"
    assert alert.labels["grafana_folder"] == "Payments"


def test_truncated_members_are_counted_and_noted():
    parsed = alertmanager.parse({"alerts": [a_member()], "truncatedAlerts": 7})

    assert parsed.truncated == 7
    assert "7 alerts" in parsed.notes[0]


def test_a_missing_fingerprint_is_hashed_from_the_labels_and_noted():
    member = a_member(labels={"b": "2", "a": "1"})
    del member["fingerprint"]
    turned = a_member(labels={"a": "1", "b": "2"})
    turned["fingerprint"] = ""

    first = alertmanager.parse({"alerts": [member]}).alerts[0]
    second = alertmanager.parse({"alerts": [turned]}).alerts[0]

    assert first.fingerprint == second.fingerprint
    assert "hashed" in first.notes[0]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "alerts"),
        ({"alerts": {}}, "alerts"),
        ({"alerts": [a_member(), 3]}, "alerts[1]"),
        ({"alerts": [a_member(), a_member(status="odd")]}, "alerts[1].status"),
        ({"alerts": [a_member(labels=[])]}, "alerts[0].labels"),
        ({"alerts": [a_member(labels={"a": {}})]}, "alerts[0].labels.a"),
        ({"alerts": [a_member(fingerprint=[])]}, "alerts[0].fingerprint"),
        ({"alerts": [a_member(fingerprint=None, labels={})]}, "alerts[0].fingerprint"),
        ({"alerts": [a_member(startsAt="2" * 65)]}, "alerts[0].startsAt"),
        ({"alerts": [], "truncatedAlerts": "x"}, "truncatedAlerts"),
    ],
)
def test_what_cannot_be_read_is_refused_naming_the_field(body: dict[str, Any], field: str):
    with pytest.raises(Malformed) as caught:
        alertmanager.parse(body)

    assert caught.value.field == field


def test_text_that_neither_utf8_nor_sql_takes_is_replaced():
    body = json.loads('{"alerts": [{"status": "firing", "labels": {"a": "x\\ud800y\\u0000z"}}]}')

    (alert,) = alertmanager.parse(body).alerts

    assert alert.labels["a"] == "x\ufffdy\ufffdz"
    alert.model_dump_json().encode()


def test_the_longest_fingerprint_is_bounded_and_stays_the_same():
    first = alertmanager.parse({"alerts": [a_member(fingerprint="f" * 5000)]}).alerts[0]
    again = alertmanager.parse({"alerts": [a_member(fingerprint="f" * 5000)]}).alerts[0]
    other = alertmanager.parse({"alerts": [a_member(fingerprint="f" * 5001)]}).alerts[0]

    assert len(first.fingerprint) <= 255
    assert first.fingerprint == again.fingerprint != other.fingerprint
