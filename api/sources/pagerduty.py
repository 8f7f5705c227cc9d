"""PagerDuty's Events API v2, as its many clients speak it.

Decides what an event's identity is (`dedup_key`; minted where a trigger has none), which
of its fields are labels, and what PagerDuty itself would refuse, in its own words. It
gives no start of an episode: that runs from trigger to resolve.
"""

from typing import Any, Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict

from api.sources.errors import InvalidEvent
from api.sources.reading import KEY_LIMIT, clean, scalar_text
from domain.alert import Alert, AlertStatus

SOURCE = "pagerduty"

SEVERITIES = ("critical", "error", "warning", "info")

LABEL_FIELDS = ("severity", "source", "component", "group", "class")
"""The payload's fields that become labels; they win over `custom_details.labels`."""

Action = Literal["trigger", "acknowledge", "resolve"]


class Event(BaseModel):
    """One event. `alert` is None for an acknowledgement; `routing_key` is an ingest key."""

    model_config = ConfigDict(frozen=True)

    action: Action
    dedup_key: str
    routing_key: str | None = None
    alert: Alert | None = None


def parse(body: Any) -> Event:
    """The event, or InvalidEvent with everything that is wrong, as PagerDuty words it."""
    if not isinstance(body, dict):
        raise InvalidEvent(("Event object must be a JSON object",))
    problems: list[str] = []
    routing_key = _text(body, "routing_key", problems)
    action = _action(body, problems)
    dedup_key = _dedup_key(body, action, problems)
    payload = _payload(body, action, problems)
    if problems or action is None or dedup_key is None:
        raise InvalidEvent(tuple(problems))
    if action == "acknowledge":
        return Event(action=action, dedup_key=dedup_key, routing_key=routing_key)
    alert = _alert(body, payload, dedup_key, resolved=action == "resolve")
    return Event(action=action, dedup_key=dedup_key, routing_key=routing_key, alert=alert)


def _text(fields: dict[str, Any], name: str, problems: list[str]) -> str | None:
    value = fields.get(name)
    if value is None:
        return None
    text = scalar_text(value)
    if text is None:
        problems.append(f"'{name}' must be a string")
        return None
    return text.strip() or None


def _action(body: dict[str, Any], problems: list[str]) -> Action | None:
    match body.get("event_action"):
        case "trigger":
            return "trigger"
        case "acknowledge":
            return "acknowledge"
        case "resolve":
            return "resolve"
        case None | "":
            problems.append("'event_action' is missing or blank")
        case _:
            problems.append("'event_action' must be one of trigger, acknowledge, resolve")
    return None


def _dedup_key(body: dict[str, Any], action: Action | None, problems: list[str]) -> str | None:
    before = len(problems)
    given = _text(body, "dedup_key", problems)
    if len(problems) > before:
        return None
    if given is None and action == "trigger":
        return uuid4().hex
    if given is None:
        problems.append("'dedup_key' is missing or blank")
    elif len(given) > KEY_LIMIT:
        problems.append(f"'dedup_key' must be at most {KEY_LIMIT} characters")
    return given


def _payload(body: dict[str, Any], action: Action | None, problems: list[str]) -> dict[str, Any]:
    payload = body.get("payload")
    if isinstance(payload, dict):
        if action == "trigger":
            _check_payload(payload, problems)
        return payload
    if payload is not None:
        problems.append("'payload' must be an object")
    elif action == "trigger":
        problems.append("'payload' is missing or blank")
    return {}


def _check_payload(payload: dict[str, Any], problems: list[str]) -> None:
    for name in ("summary", "source", "severity"):
        before = len(problems)
        if _text(payload, name, problems) is None and len(problems) == before:
            problems.append(f"'payload.{name}' is missing or blank")
    severity = payload.get("severity")
    if isinstance(severity, str) and severity and severity not in SEVERITIES:
        problems.append(f"'payload.severity' must be one of {', '.join(SEVERITIES)}")


def _alert(
    body: dict[str, Any], payload: dict[str, Any], dedup_key: str, *, resolved: bool
) -> Alert:
    details = payload.get("custom_details")
    url = _link(body)
    return Alert(
        source=SOURCE,
        fingerprint=dedup_key,
        status=AlertStatus.RESOLVED if resolved else AlertStatus.FIRING,
        labels=_labels(payload, details),
        annotations=_annotations(body, payload, details),
        summary=scalar_text(payload.get("summary")) or "",
        url=url,
    )


def _labels(payload: dict[str, Any], details: Any) -> dict[str, str]:
    lifted = details.get("labels") if isinstance(details, dict) else None
    labels = _scalars(lifted) if isinstance(lifted, dict) else {}
    own = {name: payload.get(name) for name in LABEL_FIELDS}
    return labels | {name: text for name, text in _scalars(own).items() if text}


def _annotations(body: dict[str, Any], payload: dict[str, Any], details: Any) -> dict[str, str]:
    told = _scalars(details) if isinstance(details, dict) else {}
    if isinstance(details, str) and details:
        told = {"custom_details": clean(details)}
    for name, holder in (("timestamp", payload), ("client", body), ("client_url", body)):
        text = scalar_text(holder.get(name))
        if text:
            told[name] = text
    return told


def _scalars(fields: dict[str, Any]) -> dict[str, str]:
    read = ((clean(name), scalar_text(value)) for name, value in fields.items())
    return {name: text for name, text in read if text is not None}


def _link(body: dict[str, Any]) -> str | None:
    """The sender's own page, else the first link it gives."""
    own = scalar_text(body.get("client_url"))
    if own:
        return own
    links = body.get("links")
    if not isinstance(links, list):
        return None
    hrefs = (scalar_text(link.get("href")) for link in links if isinstance(link, dict))
    return next((href for href in hrefs if href), None)
