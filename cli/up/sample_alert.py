"""An alert to try a fresh installation with: one line for a shell.

Decides which alert: the example's where its playbook is in service, else one that the first
playbook with labels of its own would take.
"""

import json
import shlex
from collections.abc import Mapping
from datetime import UTC, datetime

from cli.client import Api, ApiError
from cli.up.stack import Stack
from domain.drill import labels_that_trigger
from domain.plan import Plan

SAMPLE_LABELS = {
    "alertname": "PaymentApi5xx",
    "service": "payments-api",
    "env": "prod",
    "region": "eu-west-1",
    "severity": "critical",
}
"""Of the shipped example."""

EXAMPLE = "payment_api_5xx"
"""The playbook that takes it."""

LOOKED_AT = 20
"""Playbooks that are asked for their labels: `up` is not to wait for a large folder."""


def labels_in_service(stack: Stack) -> dict[str, str]:
    """Labels of an alert that a playbook of this installation takes."""
    try:
        with Api(stack.settings.local_address, stack.key) as api:
            return _labels_from(api)
    except ApiError:
        return SAMPLE_LABELS


def _labels_from(api: Api) -> dict[str, str]:
    served = api.get("/v1/playbooks")["items"]
    names = [one["name"] for one in served if not one["is_fallback"]]
    for name in names[:LOOKED_AT] if EXAMPLE not in names else ():
        plan = Plan.model_validate(api.get(f"/v1/playbooks/{name}"))
        if any(trigger.match for trigger in plan.triggers):
            return labels_that_trigger(plan)
    return SAMPLE_LABELS


def curl_line(stack: Stack, labels: Mapping[str, str] = SAMPLE_LABELS) -> str:
    """One line for a shell that posts a firing alert as Alertmanager would."""
    body = json.dumps(sample_alert(datetime.now(UTC), labels), separators=(",", ":"))
    url = f"{stack.settings.local_address}/v1/alerts/alertmanager"
    return " ".join(
        [
            "curl -sS",
            f"-H {shlex.quote(f'Authorization: Bearer {stack.key}')}",
            "-H 'Content-Type: application/json'",
            f"-d {shlex.quote(body)}",
            url,
        ]
    )


def sample_alert(at: datetime, labels: Mapping[str, str] = SAMPLE_LABELS) -> dict[str, object]:
    """A group of one firing alert, as Alertmanager's webhook version 4 sends it."""
    name = labels.get("alertname", "Sample")
    summary = "Payment API error ratio 12.4 %" if labels == SAMPLE_LABELS else f"{name} is firing"
    return {
        "version": "4",
        "status": "firing",
        "receiver": "watchbill",
        "groupKey": f'{{}}:{{alertname="{name}"}}',
        "groupLabels": {"alertname": name},
        "commonLabels": dict(labels),
        "alerts": [
            {
                "status": "firing",
                "labels": dict(labels),
                "annotations": {"summary": summary},
                "startsAt": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
                "endsAt": "0001-01-01T00:00:00Z",
                "fingerprint": "e974c1cb04651cd3",
            }
        ],
    }
