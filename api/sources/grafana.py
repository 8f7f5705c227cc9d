"""Grafana's unified alerting: its webhook, and the signature it puts on one.

Decides what is Grafana's own in a body that otherwise has Alertmanager's form: the links
to silence and panel, and the values measured. A call is signed where the contact point
has a secret: HMAC-SHA256 over the body, or over `timestamp:body` with a timestamp header
(Grafana's documentation of the webhook notifier, "HMAC signature").
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from api.sources import alertmanager
from api.sources.errors import Unsigned
from api.sources.parsed import Parsed
from api.sources.reading import as_object, scalar_text
from domain.alert import Alert

SOURCE = "grafana"

SIGNATURE_HEADER = "X-Grafana-Alerting-Signature"
TIMESTAMP_HEADER = "X-Grafana-Alerting-Timestamp"

FRESH_FOR = timedelta(minutes=5)
"""How far a signed timestamp may be from now, either way."""

LINKS = ("silenceURL", "dashboardURL", "panelURL", "valueString")
"""What only Grafana's alerts have, kept as annotations."""


def parse(body: dict[str, Any]) -> Parsed:
    """The alerts of one webhook call; raises Malformed naming the field."""
    parsed = alertmanager.parse(body, SOURCE)
    members = zip(parsed.alerts, body["alerts"], strict=True)
    return parsed.model_copy(
        update={"alerts": tuple(_with_links(alert, member) for alert, member in members)}
    )


def _with_links(alert: Alert, member: Any) -> Alert:
    told = {name: scalar_text(as_object(member, "alerts").get(name)) for name in LINKS}
    links = {name: text for name, text in told.items() if text}
    return alert.model_copy(update={"annotations": {**links, **alert.annotations}})


def require_signature(
    headers: Mapping[str, str], body: bytes, secret: str, now: datetime | None = None
) -> None:
    """Return if the call is signed with the secret and fresh; raises Unsigned otherwise.

    A call without the timestamp header is judged by its signature alone.
    """
    given = headers.get(SIGNATURE_HEADER, "")
    if not given:
        raise Unsigned(f"the header {SIGNATURE_HEADER} is missing")
    stamp = headers.get(TIMESTAMP_HEADER)
    signed = body if stamp is None else f"{stamp}:".encode() + body
    expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(given.strip().lower().encode(), expected.encode()):
        raise Unsigned("the signature does not fit the body and our secret")
    if stamp is not None and not _is_fresh(stamp, now or datetime.now(UTC)):
        raise Unsigned("the signed timestamp is over five minutes away from now: a replay?")


def _is_fresh(stamp: str, now: datetime) -> bool:
    """Whether a Unix timestamp (seconds) is about now."""
    try:
        sent_at = datetime.fromtimestamp(int(stamp), UTC)
    except (ValueError, OverflowError, OSError):
        return False
    return abs(now - sent_at) <= FRESH_FOR
