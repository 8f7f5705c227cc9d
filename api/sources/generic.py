"""Any JSON, read by the mapping that `sources.yaml` declares for its sender.

Decides that a body is one alert or a list of them, and bounds what a mapping may pick
out of it. What a mapping means is `domain.source_mapping`.
"""

import re
from typing import Any

from api.sources.errors import Malformed
from api.sources.parsed import Parsed
from api.sources.reading import bounded_key, clean, kind_of
from domain.alert import Alert
from domain.source_mapping import SourceMapping, alert_from

DEFAULT_SENDER = "default"

MOMENT_LIMIT = 64

_SENDER = re.compile(r"[A-Za-z0-9_.-]{1,60}")


def parse(body: Any, mapping: SourceMapping, sender: str = DEFAULT_SENDER) -> Parsed:
    """The alerts of an object or a list of objects; raises Malformed naming the place."""
    if not _SENDER.fullmatch(sender):
        raise Malformed("sender", "must be 1 to 60 letters, digits, '_', '.' or '-'")
    members = body if isinstance(body, list) else [body]
    places = [f"[{index}]" if isinstance(body, list) else "" for index in range(len(members))]
    alerts = [
        _alert(member, place, mapping, sender)
        for member, place in zip(members, places, strict=True)
    ]
    return Parsed(alerts=tuple(alerts))


def _alert(member: Any, place: str, mapping: SourceMapping, sender: str) -> Alert:
    if not isinstance(member, dict):
        raise Malformed(place, f"an alert must be an object, not {kind_of(member)}")
    return _bounded(alert_from(mapping, sender, member))


def _bounded(alert: Alert) -> Alert:
    """The alert with an identity and moments of a length that can be kept."""
    fingerprint, note = bounded_key(clean(alert.fingerprint))
    notes = [*alert.notes, *([note] if note else [])]
    moments = {"starts_at": alert.starts_at, "ends_at": alert.ends_at}
    for name, raw in moments.items():
        if raw is not None and len(raw) > MOMENT_LIMIT:
            notes.append(f"{name} is too long for a time: left out")
            moments[name] = None
    return alert.model_copy(
        update={
            "fingerprint": fingerprint,
            "labels": _clean_map(alert.labels),
            "annotations": _clean_map(alert.annotations),
            "summary": clean(alert.summary),
            "url": clean(alert.url) if alert.url else None,
            "notes": tuple(notes),
            **{name: clean(raw) if raw else None for name, raw in moments.items()},
        }
    )


def _clean_map(texts: dict[str, str]) -> dict[str, str]:
    return {clean(name): clean(text) for name, text in texts.items()}
