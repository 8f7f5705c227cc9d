"""Alertmanager's webhook, version 4, whose form Grafana's unified alerting has too.

Decides what of it is an alert's identity (`fingerprint`), episode (the raw `startsAt`)
and end (each alert's own `status`: the top-level one says resolved only when all are).
"""

from typing import Any

from api.sources.errors import Malformed
from api.sources.parsed import Parsed
from api.sources.reading import as_object, bounded_key, digest_of, kind_of, text_map, text_or_none
from domain.alert import Alert, AlertStatus, moment_of

SOURCE = "alertmanager"

MOMENT_LIMIT = 64
"""Characters of a time; RFC 3339 with nanoseconds has 35."""


def parse(body: dict[str, Any], source: str = SOURCE) -> Parsed:
    """The alerts of one webhook call of `source`; raises Malformed naming the field."""
    listed = body.get("alerts")
    if not isinstance(listed, list):
        what = "is missing" if listed is None else f"must be a list, not {kind_of(listed)}"
        raise Malformed("alerts", what)
    alerts = tuple(
        _alert(member, f"alerts[{index}]", source) for index, member in enumerate(listed)
    )
    truncated = _truncated(body)
    notes = (f"{source} left {truncated} alerts of this group out",) if truncated else ()
    return Parsed(alerts=alerts, notes=notes, truncated=truncated)


def _truncated(body: dict[str, Any]) -> int:
    count = body.get("truncatedAlerts") or 0
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise Malformed("truncatedAlerts", "must be a whole number")
    return count


def _alert(member: Any, place: str, source: str) -> Alert:
    fields = as_object(member, place)
    labels = text_map(fields.get("labels"), f"{place}.labels")
    annotations = text_map(fields.get("annotations"), f"{place}.annotations")
    fingerprint, note = _fingerprint(fields, labels, place)
    ends_at = _moment(fields, "endsAt", place)
    return Alert(
        source=source,
        fingerprint=fingerprint,
        status=_status(fields, place),
        starts_at=_moment(fields, "startsAt", place),
        ends_at=ends_at if moment_of(ends_at) else None,
        labels=labels,
        annotations=annotations,
        summary=_summary(labels, annotations, fingerprint),
        url=text_or_none(fields, "generatorURL", f"{place}.generatorURL"),
        notes=(note,) if note else (),
    )


def _status(fields: dict[str, Any], place: str) -> AlertStatus:
    status = fields.get("status")
    if status not in (AlertStatus.FIRING.value, AlertStatus.RESOLVED.value):
        raise Malformed(f"{place}.status", "must be 'firing' or 'resolved'")
    return AlertStatus(status)


def _fingerprint(
    fields: dict[str, Any], labels: dict[str, str], place: str
) -> tuple[str, str | None]:
    given = text_or_none(fields, "fingerprint", f"{place}.fingerprint")
    if given is not None:
        return bounded_key(given)
    if not labels:
        raise Malformed(f"{place}.fingerprint", "is missing, and there are no labels to hash")
    return digest_of(labels), "the sender gave no fingerprint: hashed from the labels"


def _moment(fields: dict[str, Any], name: str, place: str) -> str | None:
    raw = text_or_none(fields, name, f"{place}.{name}")
    if raw is not None and len(raw) > MOMENT_LIMIT:
        raise Malformed(f"{place}.{name}", "is too long for a time")
    return raw


def _summary(labels: dict[str, str], annotations: dict[str, str], fingerprint: str) -> str:
    told = annotations.get("summary") or annotations.get("description")
    return told or labels.get("alertname") or fingerprint
