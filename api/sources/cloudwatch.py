"""A CloudWatch alarm's change of state, as SNS hands it on.

Decides what of it is an alert: identity is `AlarmArn`, episode the time of the change to
ALARM, end the state OK. `INSUFFICIENT_DATA` neither opens nor ends anything. That the
message is SNS's own is `api.sources.sns`.
"""

from typing import Any

from api.sources.errors import Malformed
from api.sources.parsed import Parsed
from api.sources.reading import as_object, bounded_key, clean, decoded, scalar_text, text_or_none
from domain.alert import Alert, AlertStatus

SOURCE = "cloudwatch"

_STATES = {"ALARM": AlertStatus.FIRING, "OK": AlertStatus.RESOLVED}


def parse(message: str) -> Parsed:
    """The alert in a notification's `Message`; raises Malformed naming the field."""
    try:
        alarm = as_object(decoded(message.encode()), "Message")
    except Malformed as error:
        mend = "only CloudWatch alarms are understood on this topic"
        raise Malformed("Message", f"{error.message}; {mend}") from error
    arn = text_or_none(alarm, "AlarmArn", "Message.AlarmArn")
    if arn is None:
        raise Malformed("Message.AlarmArn", "is missing: this is no CloudWatch alarm")
    state = text_or_none(alarm, "NewStateValue", "Message.NewStateValue")
    if state == "INSUFFICIENT_DATA":
        return Parsed(alerts=(), notes=("INSUFFICIENT_DATA neither opens nor ends anything",))
    if state not in _STATES:
        raise Malformed("Message.NewStateValue", "must be ALARM, OK or INSUFFICIENT_DATA")
    fingerprint, note = bounded_key(arn)
    changed_at = text_or_none(alarm, "StateChangeTime", "Message.StateChangeTime")
    name = text_or_none(alarm, "AlarmName", "Message.AlarmName") or arn
    alert = Alert(
        source=SOURCE,
        fingerprint=fingerprint,
        status=_STATES[state],
        starts_at=changed_at,
        labels=_labels(alarm, name),
        annotations=_annotations(alarm),
        summary=text_or_none(alarm, "AlarmDescription", "Message.AlarmDescription") or name,
        notes=(note,) if note else (),
    )
    return Parsed(alerts=(alert,))


def _labels(alarm: dict[str, Any], name: str) -> dict[str, str]:
    trigger = alarm.get("Trigger")
    metric = trigger if isinstance(trigger, dict) else {}
    told = {
        "alertname": name,
        "region": alarm.get("Region"),
        "account": alarm.get("AWSAccountId"),
        "namespace": metric.get("Namespace"),
        "metric": metric.get("MetricName"),
    }
    labels = {key: text for key, value in told.items() if (text := scalar_text(value))}
    return _dimensions(metric.get("Dimensions")) | labels


def _dimensions(listed: Any) -> dict[str, str]:
    """`[{name, value}]` as labels."""
    pairs = listed if isinstance(listed, list) else []
    told = (
        (scalar_text(each.get("name")), scalar_text(each.get("value")))
        for each in pairs
        if isinstance(each, dict)
    )
    return {clean(name): value for name, value in told if name and value}


def _annotations(alarm: dict[str, Any]) -> dict[str, str]:
    names = ("NewStateReason", "OldStateValue", "AlarmDescription")
    return {name: text for name in names if (text := scalar_text(alarm.get(name)))}
