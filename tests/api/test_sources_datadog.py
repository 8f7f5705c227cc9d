"""Datadog's webhook becomes alerts by monitor and scopes, episodes by its cycle key."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.sources import datadog
from api.sources.errors import Malformed
from domain.alert import AlertStatus

PAYLOADS = Path(__file__).parents[1] / "payloads"


def a_call(**fields: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((PAYLOADS / "datadog-webhook-triggered.json").read_text())
    return body | fields


def test_monitor_and_scopes_are_the_identity_in_whatever_order():
    (one,) = datadog.parse(a_call()).alerts
    (other,) = datadog.parse(a_call(scopes="env:prod,service:payments-api")).alerts

    assert one.key == other.key == "datadog/1234567/env:prod,service:payments-api"
    assert one.starts_at == "9b1c0e"
    assert one.labels == {
        "service": "payments-api",
        "env": "prod",
        "monitor_id": "1234567",
        "severity": "P1",
    }


@pytest.mark.parametrize(
    ("transition", "status"),
    [
        ("Triggered", AlertStatus.FIRING),
        ("Re-Triggered", AlertStatus.FIRING),
        ("No Data", AlertStatus.FIRING),
        ("Warn", AlertStatus.FIRING),
        ("Recovered", AlertStatus.RESOLVED),
    ],
)
def test_only_recovered_ends_it(transition: str, status: AlertStatus):
    (alert,) = datadog.parse(a_call(alert_transition=transition)).alerts

    assert alert.status is status


def test_a_variable_that_datadog_did_not_fill_in_counts_as_missing():
    body = a_call(alert_cycle_key="$ALERT_CYCLE_KEY", severity="$ALERT_PRIORITY")
    (alert,) = datadog.parse(body).alerts

    assert alert.starts_at is None
    assert "no alert_cycle_key" in alert.notes[0]
    assert alert.labels["severity"] == "error"


@pytest.mark.parametrize(
    ("missing", "variable"),
    [("monitor_id", "$ALERT_ID"), ("alert_transition", "$ALERT_TRANSITION")],
)
def test_a_template_without_what_we_need_is_told_the_variable_to_add(missing: str, variable: str):
    body = a_call()
    del body[missing]

    with pytest.raises(Malformed) as raised:
        datadog.parse(body)

    assert raised.value.field == missing
    assert variable in raised.value.message
