"""CloudEvents become alerts, in every mode of the HTTP binding."""

import base64
import json
from typing import Any

import pytest

from api.sources import cloudevents
from api.sources.errors import Malformed
from domain.alert import AlertStatus


def an_event(**fields: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": "b7f0",
        "source": "/backup/eu",
        "type": "example.backup.failed",
        "subject": "db-1",
        "time": "2026-11-22T02:00:10Z",
        "data": {
            "summary": "Backup of db-1 failed",
            "severity": "critical",
            "labels": {"service": "backup"},
        },
    } | fields


def structured(event: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    headers = {"content-type": "application/cloudevents+json; charset=utf-8"}
    return headers, json.dumps(event).encode()


def test_a_structured_event_is_an_alert_by_source_and_subject():
    (alert,) = cloudevents.parse(*structured(an_event())).alerts

    assert alert.key == "cloudevents//backup/eu#db-1"
    assert alert.starts_at == "2026-11-22T02:00:10Z"
    assert alert.labels["severity"] == "critical"
    assert alert.labels["service"] == "backup"
    assert alert.summary == "Backup of db-1 failed"


def test_binary_mode_says_the_same_as_structured_mode():
    event = an_event(subject="db 1")
    data = event.pop("data")
    headers = {f"ce-{name}": value for name, value in event.items()}
    headers |= {"ce-subject": "db%201", "content-type": "application/json"}

    binary = cloudevents.parse(headers, json.dumps(data).encode())

    assert binary == cloudevents.parse(*structured(an_event(subject="db 1")))


def test_a_batch_is_its_events_in_order():
    events = [an_event(subject="db-1"), an_event(subject="db-2", type="example.backup.resolved")]
    headers = {"content-type": "application/cloudevents-batch+json"}

    alerts = cloudevents.parse(headers, json.dumps(events).encode()).alerts

    assert [alert.status for alert in alerts] == [AlertStatus.FIRING, AlertStatus.RESOLVED]
    assert [alert.fingerprint for alert in alerts] == ["/backup/eu#db-1", "/backup/eu#db-2"]


def test_data_in_base64_is_read():
    event = an_event()
    packed = base64.b64encode(json.dumps(event.pop("data")).encode()).decode()

    (alert,) = cloudevents.parse(*structured(event | {"data_base64": packed})).alerts

    assert alert.summary == "Backup of db-1 failed"


@pytest.mark.parametrize("status", ["resolved", "OK", "recovered"])
def test_the_datas_status_wins_over_the_types_last_word(status: str):
    event = an_event(data={"status": status, "key": "backup/db-1"})

    (alert,) = cloudevents.parse(*structured(event)).alerts

    assert (alert.status, alert.fingerprint) == (AlertStatus.RESOLVED, "backup/db-1")


def test_without_a_subject_opened_and_closed_are_the_same_alert():
    types = ("example.disk.full", "example.disk.closed")
    events = [an_event(subject=None, type=type_) for type_ in types]

    begun, ended = (cloudevents.parse(*structured(event)).alerts[0] for event in events)

    assert begun.key == ended.key
    assert ended.status is AlertStatus.RESOLVED


@pytest.mark.parametrize(
    ("event", "place"),
    [
        ({"source": "/x", "type": "y"}, "id"),
        (an_event(source=""), "source"),
        (an_event(data={"labels": []}), "data.labels"),
        (an_event(data_base64="%%"), "data_base64"),
    ],
)
def test_what_is_missing_or_of_the_wrong_kind_is_named(event: dict[str, Any], place: str):
    with pytest.raises(Malformed) as raised:
        cloudevents.parse(*structured(event))

    assert raised.value.field == place


def test_a_body_in_no_mode_says_which_there_are():
    with pytest.raises(Malformed, match="no ce- headers"):
        cloudevents.parse({"content-type": "application/json"}, b"{}")
    with pytest.raises(Malformed, match="a batch must be a list"):
        cloudevents.parse({"content-type": "application/cloudevents-batch+json"}, b"{}")
