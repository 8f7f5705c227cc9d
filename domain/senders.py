"""What the alerts of each known sender always have, whatever their rules say.

Decides on which labels and annotations a playbook may rely without asking. How a sender's
message is read is `api.sources`; a test holds its payloads against this table.
"""

from collections.abc import Collection, Iterable
from typing import Literal

Field = Literal["labels", "annotations"]

ALWAYS: dict[str, dict[Field, frozenset[str]]] = {
    "alertmanager": {"labels": frozenset({"alertname"})},
    "grafana": {"labels": frozenset({"alertname"})},
    "cloudwatch": {
        "labels": frozenset({"alertname"}),
        "annotations": frozenset({"NewStateReason", "OldStateValue"}),
    },
    "datadog": {
        "labels": frozenset({"monitor_id"}),
        "annotations": frozenset({"alert_transition"}),
    },
    "pagerduty": {"labels": frozenset({"severity", "source"})},
    "opsgenie": {"labels": frozenset({"priority"})},
    "cloudevents": {"labels": frozenset({"ce_source", "ce_type"})},
}
"""By `alert.source`, what every firing alert of it has."""

USUAL = frozenset({"alertname"})
"""Labels that count as sent where nobody says who sends: the name of the rule."""


def senders_of(labels: Collection[str]) -> frozenset[str]:
    """The one sender whose alerts have one of these labels always; else none.

    `alertname` and `severity` tell nothing: too many send them.
    """
    marks = {"monitor_id": "datadog", "ce_source": "cloudevents", "ce_type": "cloudevents"}
    return frozenset(marks[label] for label in labels if label in marks)


def is_always_sent(field: Field, name: str, senders: Iterable[str]) -> bool:
    """Whether every alert of each of these senders has the label or the annotation.

    Without senders only what is usual counts.
    """
    known = tuple(senders)
    if not known:
        return field == "labels" and name in USUAL
    return all(name in ALWAYS.get(sender, {}).get(field, ()) for sender in known)
