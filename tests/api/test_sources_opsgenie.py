"""Opsgenie's create and close become alerts by their alias."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.sources import opsgenie
from api.sources.errors import Malformed
from domain.alert import AlertStatus, severity_from_labels
from domain.severity import Severity

PAYLOADS = Path(__file__).parents[1] / "payloads"


def a_request(**fields: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((PAYLOADS / "opsgenie-create.json").read_text())
    return body | fields


def test_the_alias_is_the_identity_and_details_are_labels():
    (alert,) = opsgenie.created(a_request()).alerts

    assert alert.key == "opsgenie/payments-api/prod/5xx"
    assert (alert.status, alert.starts_at) == (AlertStatus.FIRING, None)
    assert alert.labels["service"] == "payments-api"
    assert alert.labels["entity"] == "payments-api"
    assert alert.summary == "Payment API error ratio 12.4 %"
    assert alert.annotations["responders"] == "payments (team)"
    assert alert.annotations["tags"] == "prod, payments"


@pytest.mark.parametrize(("priority", "severity"), [("P1", "SEV1"), ("P3", "SEV3"), ("P5", "SEV5")])
def test_the_priority_says_how_bad_it_is(priority: str, severity: str):
    (alert,) = opsgenie.created(a_request(priority=priority)).alerts

    assert severity_from_labels(alert.labels) is Severity(severity)


def test_close_ends_the_alert_that_create_began_also_with_a_long_alias():
    alias = "a" * 400
    (begun,) = opsgenie.created(a_request(alias=alias)).alerts
    (ended,) = opsgenie.closed(alias).alerts

    assert begun.key == ended.key
    assert len(begun.fingerprint) <= 255
    assert ended.status is AlertStatus.RESOLVED


def test_without_an_alias_the_same_message_is_the_same_alert_and_it_is_said():
    body = a_request()
    del body["alias"]
    first, second = (opsgenie.created(body).alerts[0] for _ in range(2))

    assert first.fingerprint == second.fingerprint
    assert "cannot be closed" in first.notes[0]


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"message": ""}, "message"),
        ({"priority": "P9"}, "priority"),
        ({"details": {"a": []}}, "details.a"),
        ({"alias": "x" * 513}, "alias"),
        ({"responders": ["ann"]}, "responders[0]"),
    ],
)
def test_what_opsgenie_would_refuse_is_malformed_naming_the_field(
    fields: dict[str, Any], place: str
):
    with pytest.raises(Malformed) as raised:
        opsgenie.created(a_request(**fields))

    assert raised.value.field == place
