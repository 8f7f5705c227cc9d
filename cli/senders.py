"""A payload as its sender posts it, read by the code that the API reads it with.

Decides which sender a payload is from where nobody says so, by what only that sender has.
What a field means is each sender's own module in `api.sources`.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from api.sources import (
    alertmanager,
    cloudevents,
    cloudwatch,
    datadog,
    generic,
    grafana,
    opsgenie,
    pagerduty,
)
from api.sources.errors import InvalidEvent, Malformed
from api.sources.parsed import Parsed
from api.sources.reading import as_object, decoded, digest_of
from compiler.diagnostics import choice
from domain.alert import Alert, AlertStatus
from domain.source_mapping import DEFAULT_MAPPING, SourceMapping

GENERIC = "generic"
"""Our own plain form, or any JSON that it fits."""


class UnreadableError(Exception):
    """A payload that cannot be read; the text names the place, and what to do."""


def parse(body: bytes, sender: str | None, sources: Mapping[str, SourceMapping]) -> Parsed:
    """The alerts of a payload; the sender is guessed where None is given.

    Raises UnreadableError.
    """
    try:
        value = decoded(body)
        name = sender or _guessed(value, sources)
        if name in _READERS:
            return _READERS[name](value)
        return generic.parse(value, sources[name], name)
    except Malformed as error:
        raise UnreadableError(str(error)) from error
    except InvalidEvent as error:
        raise UnreadableError("PagerDuty would refuse it: " + "; ".join(error.errors)) from error


def senders(sources: Mapping[str, SourceMapping]) -> list[str]:
    """Every name that `--sender` takes."""
    return sorted({*_READERS, *sources})


def unknown_sender(name: str, sources: Mapping[str, SourceMapping]) -> str | None:
    """That there is no such sender, and the near one; None if there is."""
    known = senders(sources)
    if name in known:
        return None
    return f"there is no sender '{name}'; {choice(name, known, of='senders')}"


def made_up(labels: dict[str, str], annotations: dict[str, str], sender: str | None) -> Parsed:
    """One firing alert of these labels, as Alertmanager or the given sender would send it."""
    source = sender or alertmanager.SOURCE
    if source == GENERIC or source not in _READERS:
        source = f"generic:{generic.DEFAULT_SENDER if source == GENERIC else source}"
    summary = annotations.get("summary") or labels.get("alertname") or ""
    alert = Alert(
        source=source,
        fingerprint=digest_of(labels),
        status=AlertStatus.FIRING,
        labels=labels,
        annotations=annotations,
        summary=summary,
    )
    return Parsed(alerts=(alert,))


def _guessed(value: Any, sources: Mapping[str, SourceMapping]) -> str:
    """Whose payload it is; raises UnreadableError where nothing tells."""
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, dict):
        for name, is_from in _SIGNS:
            if is_from(first):
                return name
        if isinstance(first.get("labels"), dict):
            return GENERIC
    names = ", ".join(senders(sources))
    raise UnreadableError(f"nothing tells which sender it is from; give --sender, one of: {names}")


def _has(*names: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda body: all(name in body for name in names)


def _is_grafana(body: Mapping[str, Any]) -> bool:
    listed = body.get("alerts")
    members = listed if isinstance(listed, list) else []
    own = any(isinstance(one, dict) and "silenceURL" in one for one in members)
    return isinstance(listed, list) and ("orgId" in body or own)


_SIGNS: tuple[tuple[str, Callable[[Mapping[str, Any]], bool]], ...] = (
    ("grafana", _is_grafana),
    ("alertmanager", _has("alerts")),
    ("pagerduty", _has("event_action")),
    ("cloudevents", _has("specversion")),
    ("cloudwatch", _has("TopicArn", "Message")),
    ("cloudwatch", _has("AlarmArn")),
    ("datadog", _has("alert_transition")),
    ("opsgenie", _has("message", "alias")),
    ("opsgenie", _has("message", "responders")),
)
"""What only this sender's payloads have, in the order in which it is looked for."""


def _event(value: Any) -> Parsed:
    """A PagerDuty event; an acknowledgement carries no alert."""
    event = pagerduty.parse(value)
    if event.alert is None:
        return Parsed(alerts=(), notes=("an acknowledgement opens nothing",))
    return Parsed(alerts=(event.alert,))


def _cloud_events(value: Any) -> Parsed:
    """Structured events, one or a batch."""
    kind = cloudevents.BATCHED if isinstance(value, list) else cloudevents.STRUCTURED
    return cloudevents.parse({"content-type": kind}, json.dumps(value).encode())


def _alarm(value: Any) -> Parsed:
    """A CloudWatch alarm, with SNS's envelope or without."""
    body = as_object(value, "")
    if "AlarmArn" in body:
        return cloudwatch.parse(json.dumps(body))
    message = body.get("Message")
    if not isinstance(message, str):
        raise Malformed("Message", "is missing: this is no notification of SNS")
    return cloudwatch.parse(message)


_READERS: dict[str, Callable[[Any], Parsed]] = {
    "alertmanager": lambda value: alertmanager.parse(as_object(value, "")),
    "grafana": lambda value: grafana.parse(as_object(value, "")),
    "pagerduty": _event,
    "datadog": lambda value: datadog.parse(as_object(value, "")),
    "opsgenie": lambda value: opsgenie.created(as_object(value, "")),
    "cloudwatch": _alarm,
    "cloudevents": _cloud_events,
    GENERIC: lambda value: generic.parse(value, DEFAULT_MAPPING),
}
