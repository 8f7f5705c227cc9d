"""What the compiler takes for granted of each sender is what its messages really have."""

import json
from pathlib import Path

import pytest

from api.sources import alertmanager, cloudevents, cloudwatch, datadog, grafana, opsgenie, pagerduty
from domain.alert import Alert
from domain.senders import ALWAYS

LEAST_EVENT = {"specversion": "1.0", "id": "1", "source": "/disks", "type": "disk.opened"}
PAYLOADS = Path(__file__).parents[1] / "payloads"


def payload(name: str) -> dict[str, object]:
    found: dict[str, object] = json.loads((PAYLOADS / f"{name}.json").read_text())
    return found


def alerts_of(sender: str) -> tuple[Alert, ...]:
    match sender:
        case "alertmanager":
            return alertmanager.parse(payload("alertmanager-v4-firing-two")).alerts
        case "grafana":
            return grafana.parse(payload("grafana-unified-firing")).alerts
        case "cloudwatch":
            return cloudwatch.parse(str(payload("cloudwatch-sns-notification")["Message"])).alerts
        case "datadog":
            return datadog.parse(payload("datadog-webhook-triggered")).alerts
        case "pagerduty":
            alert = pagerduty.parse(payload("pagerduty-events-v2-trigger")).alert
            return (alert,) if alert else ()
        case "opsgenie":
            return opsgenie.created(payload("opsgenie-create")).alerts
        case _:
            headers = {"content-type": "application/cloudevents+json"}
            return cloudevents.parse(headers, json.dumps(LEAST_EVENT).encode()).alerts


@pytest.mark.parametrize("sender", sorted(ALWAYS))
def test_every_alert_of_a_sender_has_what_playbooks_may_rely_on(sender: str) -> None:
    """Else a trigger without a guard would match what its author did not mean."""
    alerts = alerts_of(sender)

    assert alerts
    for alert in alerts:
        assert alert.source == sender
        assert ALWAYS[sender].get("labels", frozenset()) <= set(alert.labels)
        assert ALWAYS[sender].get("annotations", frozenset()) <= set(alert.annotations)
