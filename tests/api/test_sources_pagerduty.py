"""What PagerDuty's clients send becomes events; what PagerDuty refuses is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.sources import pagerduty
from api.sources.errors import InvalidEvent

PAYLOADS = Path(__file__).parents[1] / "payloads"


def an_event(**fields: Any) -> dict[str, Any]:
    return {
        "routing_key": "R0UTINGKEY",
        "event_action": "trigger",
        "dedup_key": "payments-api/prod/5xx",
        "payload": {"summary": "5xx", "source": "pay-1.example", "severity": "critical"},
    } | fields


def test_a_trigger_is_a_firing_alert_by_dedup_key_without_a_start():
    body = json.loads((PAYLOADS / "pagerduty-events-v2-trigger.json").read_text())

    event = pagerduty.parse(body)

    assert event.action == "trigger"
    assert event.alert is not None
    assert event.alert.key == "pagerduty/payments-api/prod/5xx"
    assert event.alert.starts_at is None
    assert event.alert.labels == {
        "severity": "critical",
        "source": "pay-1.example",
        "component": "payments-api",
        "group": "prod",
        "class": "5xx",
    }
    assert event.alert.annotations["error_ratio"] == "0.124"
    assert event.alert.url == "https://monitor.example/alerts/1"


def test_a_resolve_needs_only_its_key():
    body = json.loads((PAYLOADS / "pagerduty-events-v2-resolve.json").read_text())

    event = pagerduty.parse(body)

    assert event.alert is not None
    assert not event.alert.is_firing
    assert event.alert.labels == {}


def test_an_acknowledge_carries_no_alert():
    event = pagerduty.parse({"event_action": "acknowledge", "dedup_key": "k"})

    assert (event.action, event.dedup_key, event.alert) == ("acknowledge", "k", None)


def test_a_trigger_without_key_is_given_a_fresh_one_each_time():
    first = pagerduty.parse(an_event(dedup_key=None))
    second = pagerduty.parse(an_event(dedup_key=None))

    assert len(first.dedup_key) == 32
    assert first.dedup_key != second.dedup_key


def test_labels_given_explicitly_are_lifted_but_never_over_the_payloads_own():
    details = {"labels": {"service": "payments-api", "severity": "info"}, "num_firing": "1"}
    payload = {"summary": "s", "source": "h", "severity": "error", "custom_details": details}

    event = pagerduty.parse(an_event(payload=payload))

    assert event.alert is not None
    assert event.alert.labels["service"] == "payments-api"
    assert event.alert.labels["severity"] == "error"
    assert event.alert.annotations == {"num_firing": "1"}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([], "JSON object"),
        ({}, "'event_action' is missing"),
        (an_event(event_action="fire"), "'event_action' must be one of"),
        (an_event(dedup_key="k" * 256), "at most 255"),
        (an_event(dedup_key={}), "'dedup_key' must be a string"),
        (an_event(payload=None), "'payload' is missing"),
        (an_event(payload="x"), "'payload' must be an object"),
        (an_event(payload={}), "'payload.summary' is missing"),
        (
            an_event(payload={"summary": "s", "source": "h", "severity": "SEV1"}),
            "'payload.severity' must be one of",
        ),
        ({"event_action": "resolve"}, "'dedup_key' is missing"),
        ({"event_action": "acknowledge"}, "'dedup_key' is missing"),
    ],
)
def test_what_pagerduty_refuses_is_refused_with_its_reason(body: Any, reason: str):
    with pytest.raises(InvalidEvent) as caught:
        pagerduty.parse(body)

    assert reason in str(caught.value)


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(InvalidEvent) as caught:
        pagerduty.parse(an_event(dedup_key="k" * 256, payload={}))

    assert len(caught.value.errors) == 4
