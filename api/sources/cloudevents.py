"""CloudEvents 1.0 over HTTP, in binary, structured and batched mode.

Decides what of an event is an alert: identity is the data's `key`, else `source` with
`subject`; the end is the data's `status`, else the last word of `type`; the episode is the
data's `starts_at`, else the event's `time`. Modes and attributes are those of the
specification's HTTP protocol binding.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from api.sources.errors import Malformed
from api.sources.parsed import Parsed
from api.sources.reading import (
    as_object,
    bounded_key,
    decoded,
    kind_of,
    scalar_text,
    text_map,
    text_or_none,
)
from domain.alert import Alert, AlertStatus

SOURCE = "cloudevents"

STRUCTURED = "application/cloudevents+json"
BATCHED = "application/cloudevents-batch+json"

ENDED = ("resolved", "recovered", "closed", "ended", "ok")
"""Statuses, and last words of a type, that say it is over."""

REQUIRED = ("id", "source", "type")


def parse(headers: Mapping[str, str], body: bytes) -> Parsed:
    """The alerts of one request in whichever mode it is; raises Malformed naming the place."""
    return Parsed(alerts=tuple(_alert(event, place) for event, place in _placed(headers, body)))


def events(headers: Mapping[str, str], body: bytes) -> list[dict[str, Any]]:
    """The events themselves, each with its attributes and `data`, for a declared mapping."""
    return [event for event, _ in _placed(headers, body)]


def _placed(headers: Mapping[str, str], body: bytes) -> list[tuple[dict[str, Any], str]]:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == STRUCTURED:
        return [_structured(decoded(body), "")]
    if kind != BATCHED:
        return [_binary(headers, body)]
    listed = decoded(body)
    if not isinstance(listed, list):
        raise Malformed("", f"a batch must be a list, not {kind_of(listed)}")
    return [_structured(event, f"[{index}]") for index, event in enumerate(listed)]


def _structured(value: Any, place: str) -> tuple[dict[str, Any], str]:
    event = dict(as_object(value, place))
    packed = event.pop("data_base64", None)
    if packed is not None:
        try:
            event["data"] = decoded(base64.b64decode(str(packed), validate=True))
        except binascii.Error as error:
            raise Malformed(_at(place, "data_base64"), "is not Base64") from error
    return event, place


def _binary(headers: Mapping[str, str], body: bytes) -> tuple[dict[str, Any], str]:
    """Attributes from the `ce-` headers, percent-encoded where they are not plain."""
    event: dict[str, Any] = {
        name.lower().removeprefix("ce-"): unquote(value)
        for name, value in headers.items()
        if name.lower().startswith("ce-")
    }
    if not event:
        raise Malformed("", f"no ce- headers, and the body is not {STRUCTURED} or a batch")
    event["data"] = decoded(body) if body.strip() else None
    return event, ""


def _at(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _alert(event: dict[str, Any], place: str) -> Alert:
    attributes = {name: text_or_none(event, name, _at(place, name)) for name in REQUIRED}
    for name, text in attributes.items():
        if text is None:
            raise Malformed(_at(place, name), "is missing or empty (a required attribute)")
    data = event.get("data")
    fields = data if isinstance(data, dict) else {}
    subject = text_or_none(event, "subject", _at(place, "subject"))
    source, type_ = attributes["source"] or "", attributes["type"] or ""
    given = text_or_none(fields, "key", _at(place, "data.key"))
    fingerprint, note = bounded_key(given or f"{source}#{subject or _stem(type_)}")
    starts_at = text_or_none(fields, "starts_at", _at(place, "data.starts_at"))
    return Alert(
        source=SOURCE,
        fingerprint=fingerprint,
        status=_status(fields, type_),
        starts_at=starts_at or text_or_none(event, "time", _at(place, "time")),
        labels=_labels(event, fields, place),
        annotations=_annotations(event, data, place),
        summary=text_or_none(fields, "summary", _at(place, "data.summary")) or subject or type_,
        url=text_or_none(fields, "url", _at(place, "data.url")),
        notes=(note,) if note else (),
    )


def _stem(type_: str) -> str:
    """The type without its last word, so that `disk.opened` and `disk.closed` are one."""
    return type_.rpartition(".")[0] or type_


def _status(fields: dict[str, Any], type_: str) -> AlertStatus:
    said = scalar_text(fields.get("status")) or type_.rpartition(".")[2]
    return AlertStatus.RESOLVED if said.strip().lower() in ENDED else AlertStatus.FIRING


def _labels(event: dict[str, Any], fields: dict[str, Any], place: str) -> dict[str, str]:
    own = {"ce_source": event["source"], "ce_type": event["type"]}
    severity = text_or_none(fields, "severity", _at(place, "data.severity"))
    labels = text_map(fields.get("labels"), _at(place, "data.labels"))
    return own | ({"severity": severity} if severity else {}) | labels


def _annotations(event: dict[str, Any], data: Any, place: str) -> dict[str, str]:
    """The event's extensions and the data's own text, for people to read."""
    known = {*REQUIRED, "data", "specversion", "time", "datacontenttype", "dataschema"}
    told = {name: scalar_text(value) for name, value in event.items() if name not in known}
    if isinstance(data, dict):
        told |= text_map(data.get("annotations"), _at(place, "data.annotations"))
    return {name: text for name, text in told.items() if text}
