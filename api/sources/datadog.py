"""Datadog's webhook integration, with the payload template that docs/senders.md gives.

Decides what an alert's identity is (the monitor and its scopes), its episode (the alert
cycle key) and its end (the transition `Recovered`). The template is the user's own, so a
variable that Datadog left as it stands (`$ALERT_CYCLE_KEY`) counts as missing, and says so.
"""

from typing import Any

from api.sources.errors import Malformed
from api.sources.parsed import Parsed
from api.sources.reading import bounded_key, text_or_none
from domain.alert import Alert, AlertStatus

SOURCE = "datadog"

RECOVERED = "Recovered"

MEND = 'add "{name}": "${variable}" to the payload of the webhook'


def parse(body: dict[str, Any]) -> Parsed:
    """The alert of one call; raises Malformed naming the field and its template variable."""
    monitor = _told(body, "monitor_id")
    if monitor is None:
        raise Malformed("monitor_id", MEND.format(name="monitor_id", variable="ALERT_ID"))
    transition = _told(body, "alert_transition")
    if transition is None:
        mend = MEND.format(name="alert_transition", variable="ALERT_TRANSITION")
        raise Malformed("alert_transition", mend)
    scopes = _told(body, "scopes") or ""
    fingerprint, note = bounded_key(f"{monitor}/{_sorted(scopes)}" if scopes else monitor)
    cycle = _told(body, "alert_cycle_key")
    notes = [note] if note else []
    if cycle is None:
        notes.append("no alert_cycle_key: the episode runs from first firing to recovery")
    alert = Alert(
        source=SOURCE,
        fingerprint=fingerprint,
        status=AlertStatus.RESOLVED if transition == RECOVERED else AlertStatus.FIRING,
        starts_at=cycle,
        labels=_labels(body, monitor, scopes),
        annotations=_annotations(body, transition),
        summary=_told(body, "title") or f"Datadog monitor {monitor}",
        url=_told(body, "url"),
        notes=tuple(notes),
    )
    return Parsed(alerts=(alert,))


def _told(body: dict[str, Any], name: str) -> str | None:
    """The field's text, None where it is empty or a variable that was not filled in."""
    text = text_or_none(body, name, name)
    return None if text is None or text.startswith("$") or not text.strip() else text.strip()


def _sorted(scopes: str) -> str:
    """The scopes in one order, whatever order Datadog lists them in."""
    return ",".join(sorted(part.strip() for part in scopes.split(",") if part.strip()))


def _labels(body: dict[str, Any], monitor: str, scopes: str) -> dict[str, str]:
    labels = _pairs(_told(body, "tags") or "") | _pairs(scopes)
    labels["monitor_id"] = monitor
    severity = _told(body, "severity") or _told(body, "alert_type")
    return labels | {"severity": severity} if severity else labels


def _pairs(listed: str) -> dict[str, str]:
    """`service:payments-api,env:prod` as labels; a tag without a value is left out."""
    split = (part.strip().partition(":") for part in listed.split(","))
    return {name: value for name, separator, value in split if separator and value}


def _annotations(body: dict[str, Any], transition: str) -> dict[str, str]:
    told = {name: _told(body, name) for name in ("body", "alert_query", "id", "date")}
    return {name: text for name, text in told.items() if text} | {"alert_transition": transition}
