"""Opsgenie's alert API, as Alertmanager's `opsgenie_configs` and other clients speak it.

Decides what an alert's identity is (`alias`; hashed from the message where a client sets
none), which of its fields are labels, and what Opsgenie itself would refuse (422). It
gives no start of an episode: that runs from create to close.
"""

from typing import Any

from api.sources.errors import Malformed
from api.sources.parsed import Parsed
from api.sources.reading import KEY_LIMIT, as_object, digest_of, text_map, text_or_none
from domain.alert import Alert, AlertStatus

SOURCE = "opsgenie"

PRIORITIES = ("P1", "P2", "P3", "P4", "P5")
DEFAULT_PRIORITY = "P3"
"""Opsgenie's own where a client sets none."""

ALIAS_LIMIT = 512
"""Characters of an alias: Opsgenie's limit."""


def created(body: dict[str, Any]) -> Parsed:
    """The alert of a create request; raises Malformed naming the field."""
    message = text_or_none(body, "message", "message")
    if message is None:
        raise Malformed("message", "is missing or empty")
    alias = text_or_none(body, "alias", "alias")
    notes: tuple[str, ...] = ()
    if alias is None:
        alias = digest_of({"message": message, "entity": _text(body, "entity") or ""})
        notes = ("no alias: hashed from message and entity; give one, or it cannot be closed",)
    alert = Alert(
        source=SOURCE,
        fingerprint=fingerprint_of(alias),
        status=AlertStatus.FIRING,
        labels=_labels(body),
        annotations=_annotations(body),
        summary=message,
        notes=notes,
    )
    return Parsed(alerts=(alert,))


def closed(alias: str) -> Parsed:
    """The end of the alert with this alias."""
    alert = Alert(source=SOURCE, fingerprint=fingerprint_of(alias), status=AlertStatus.RESOLVED)
    return Parsed(alerts=(alert,))


def fingerprint_of(alias: str) -> str:
    """The alias, hashed where it is longer than an identity may be; Malformed over 512."""
    if len(alias) > ALIAS_LIMIT:
        raise Malformed("alias", f"must be at most {ALIAS_LIMIT} characters")
    return alias if len(alias) <= KEY_LIMIT else digest_of({"alias": alias})


def _text(body: dict[str, Any], name: str) -> str | None:
    return text_or_none(body, name, name)


def _labels(body: dict[str, Any]) -> dict[str, str]:
    priority = _text(body, "priority") or DEFAULT_PRIORITY
    if priority not in PRIORITIES:
        raise Malformed("priority", f"must be one of {', '.join(PRIORITIES)}")
    own = {"priority": priority, "source": _text(body, "source"), "entity": _text(body, "entity")}
    details = text_map(body.get("details"), "details")
    return {name: text for name, text in own.items() if text} | details


def _annotations(body: dict[str, Any]) -> dict[str, str]:
    told = {name: _text(body, name) for name in ("description", "note", "user")}
    tags = body.get("tags")
    if isinstance(tags, list):
        told["tags"] = ", ".join(str(tag) for tag in tags)
    told["responders"] = _responders(body.get("responders"))
    return {name: text for name, text in told.items() if text}


def _responders(listed: Any) -> str:
    """`payments (team), ann (user)`: for people to read, our roster decides who is paged."""
    if not isinstance(listed, list):
        return ""
    told = []
    for index, each in enumerate(listed):
        fields = as_object(each, f"responders[{index}]")
        name = fields.get("name") or fields.get("username") or fields.get("id") or "?"
        told.append(f"{name} ({fields.get('type', '?')})")
    return ", ".join(told)
