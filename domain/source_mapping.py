"""What a sender's generic JSON means: which fields make up an alert.

Decides how paths are read, what a missing field becomes, and what holds where nobody
wrote a mapping. Writing mappings is `sources.yaml`, read by `compiler.sources`; parsers
of known senders do not come here.

A *source value* is text: `body.check.name` or `body["odd key"][0]` is a path into the
JSON, anything else stands for itself; `a | b` is the first that is there.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.alert import Alert, AlertStatus

_ROOT = "body"
_STEP = re.compile(r"""\.([A-Za-z_][A-Za-z0-9_-]*)|\[(\d{1,6})\]|\["([^"]*)"\]|\['([^']*)'\]""")


class StatusWords(BaseModel):
    """Which field says whether it fires, and which of its words say what.

    A word in neither list, and a missing field, count as firing: failing to page is
    worse. Case does not matter.
    """

    model_config = ConfigDict(frozen=True)

    value: str = "body.status | body.state"
    firing: tuple[str, ...] = ("firing", "alerting", "triggered", "open", "problem", "down")
    resolved: tuple[str, ...] = ("resolved", "resolve", "ok", "closed", "recovered", "normal", "up")


class SourceMapping(BaseModel):
    """How one sender's JSON becomes an alert; the defaults read our own plain form."""

    model_config = ConfigDict(frozen=True)

    identity: tuple[str, ...] = ("body.key | body.fingerprint | body.id",)
    status: StatusWords = StatusWords()
    starts_at: str | None = "body.starts_at | body.startsAt"
    ends_at: str | None = "body.ends_at | body.endsAt"
    labels_from: str | None = "body.labels"
    labels: dict[str, str] = {"severity": "body.severity"}
    annotations_from: str | None = "body.annotations"
    annotations: dict[str, str] = {}
    summary: str | None = "body.summary | body.title | body.message"
    url: str | None = "body.url"


DEFAULT_MAPPING = SourceMapping()
"""What holds for a sender that `sources.yaml` does not name."""


def alert_from(mapping: SourceMapping, sender_name: str, body: Mapping[str, Any]) -> Alert:
    """The alert that the sender's JSON means, with a note for each guess; never raises.

    Without an identity the fingerprint is a hash of the labels, or of the summary where
    there are none: the same message is always the same alert.
    """
    notes: list[str] = []
    labels = _texts(mapping.labels_from, mapping.labels, body)
    summary = _value(mapping.summary, body) or ""
    return Alert(
        source=f"generic:{sender_name}",
        fingerprint=_fingerprint(mapping, body, labels, summary, notes),
        status=_status(mapping.status, body, notes),
        starts_at=_value(mapping.starts_at, body),
        ends_at=_value(mapping.ends_at, body),
        labels=labels,
        annotations=_texts(mapping.annotations_from, mapping.annotations, body),
        summary=summary,
        url=_url(mapping, body, notes),
        notes=tuple(notes),
    )


def path_problem(value: str) -> tuple[int, str] | None:
    """Where a source value cannot be read, and why; None if it can be."""
    offset = 0
    for part in value.split("|"):
        text = part.strip()
        at = offset + len(part) - len(part.lstrip())
        if not text:
            return at, "a part is empty"
        if _is_path(text) and _steps(text) is None:
            return at, f"'{text}' is not a path"
        offset += len(part) + 1
    return None


def _is_path(text: str) -> bool:
    return text == _ROOT or text.startswith((f"{_ROOT}.", f"{_ROOT}["))


@lru_cache(maxsize=1024)
def _steps(text: str) -> tuple[str | int, ...] | None:
    """The path's steps below the body, or None if it cannot be read."""
    steps: list[str | int] = []
    position = len(_ROOT)
    while position < len(text):
        found = _STEP.match(text, position)
        if found is None:
            return None
        index = found[2]
        steps.append(int(index) if index else found[1] or found[3] or found[4] or "")
        position = found.end()
    return tuple(steps)


def _found(value: str | None, body: Mapping[str, Any]) -> Any:
    """The first of the value's parts that is there, or None."""
    for part in (value or "").split("|"):
        text = part.strip()
        if not text:
            continue
        if not _is_path(text):
            return text
        there = _at(_steps(text), body)
        if there is not None and there != "":
            return there
    return None


def _at(steps: tuple[str | int, ...] | None, body: Any) -> Any:
    if steps is None:
        return None
    for step in steps:
        if isinstance(body, Mapping):
            body = body.get(str(step))
        elif isinstance(body, list) and isinstance(step, int) and step < len(body):
            body = body[step]
        else:
            return None
    return body


def _value(value: str | None, body: Mapping[str, Any]) -> str | None:
    found = _found(value, body)
    return None if found is None else _text(found)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _texts(every: str | None, named: Mapping[str, str], body: Mapping[str, Any]) -> dict[str, str]:
    """The texts of a whole mapping, then the named ones over them; nothing for null."""
    whole = _found(every, body)
    entries = whole.items() if isinstance(whole, Mapping) else ()
    found = {str(name): _text(value) for name, value in entries if value is not None}
    for name, value in named.items():
        text = _value(value, body)
        if text is not None:
            found[name] = text
    return found


def _fingerprint(
    mapping: SourceMapping,
    body: Mapping[str, Any],
    labels: Mapping[str, str],
    summary: str,
    notes: list[str],
) -> str:
    parts = [_value(part, body) for part in mapping.identity]
    named = [part for part in parts if part]
    if parts and len(named) == len(parts):
        return "/".join(named)
    of = "labels" if labels else "summary"
    notes.append(f"no identity in {' and '.join(mapping.identity)}: a hash of the {of} is used")
    seed = json.dumps([sorted(labels.items()), "" if labels else summary], ensure_ascii=False)
    return hashlib.sha256(seed.encode(errors="replace")).hexdigest()[:16]


def _status(words: StatusWords, body: Mapping[str, Any], notes: list[str]) -> AlertStatus:
    said = _value(words.value, body)
    word = (said or "").strip().lower()
    if word in {each.lower() for each in words.resolved}:
        return AlertStatus.RESOLVED
    if said is None:
        notes.append(f"no status in {words.value}: taken as firing")
    elif word not in {each.lower() for each in words.firing}:
        notes.append(f"unknown status '{said[:40]}': taken as firing")
    return AlertStatus.FIRING


def _url(mapping: SourceMapping, body: Mapping[str, Any], notes: list[str]) -> str | None:
    url = _value(mapping.url, body)
    if url and not url.startswith(("http://", "https://")):
        notes.append("the url is left out: it is neither http nor https")
        return None
    return url
