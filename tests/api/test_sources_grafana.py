"""Grafana's webhook becomes alerts, and its signature is what makes it Grafana's."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.sources import grafana
from api.sources.errors import Malformed, Unsigned

PAYLOADS = Path(__file__).parents[1] / "payloads"
SECRET = "s3cret"
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def the_call() -> dict[str, Any]:
    body: dict[str, Any] = json.loads((PAYLOADS / "grafana-unified-firing.json").read_text())
    return body


def signed(body: bytes, secret: str = SECRET, at: datetime | None = None) -> dict[str, str]:
    stamp = str(int(at.timestamp())) if at else None
    text = f"{stamp}:".encode() + body if stamp else body
    headers = {
        grafana.SIGNATURE_HEADER: hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
    }
    return headers | ({grafana.TIMESTAMP_HEADER: stamp} if stamp else {})


def test_an_alert_is_grafanas_own_with_identity_episode_and_links():
    (alert,) = grafana.parse(the_call()).alerts

    assert alert.key == "grafana/57c6d9296de2ad39"
    assert alert.starts_at == "2026-11-22T02:00:10Z"
    assert alert.ends_at is None
    assert alert.annotations["silenceURL"] == "https://grafana.example/alerting/silence/new"
    assert alert.annotations["valueString"].startswith("[ var='B'")
    assert "dashboardURL" not in alert.annotations


def test_a_call_without_alerts_is_malformed_naming_the_field():
    with pytest.raises(Malformed, match="alerts: is missing"):
        grafana.parse({"status": "firing"})


def test_a_signature_over_the_body_is_believed_and_one_by_another_secret_is_not():
    body = json.dumps(the_call()).encode()

    grafana.require_signature(signed(body), body, SECRET)
    with pytest.raises(Unsigned, match="does not fit"):
        grafana.require_signature(signed(body, "other"), body, SECRET)
    with pytest.raises(Unsigned, match="does not fit"):
        grafana.require_signature(signed(body), body + b" ", SECRET)
    with pytest.raises(Unsigned, match="is missing"):
        grafana.require_signature({}, body, SECRET)


@pytest.mark.parametrize("minutes", [-6, 6, 600])
def test_a_signed_timestamp_that_is_not_about_now_is_a_replay(minutes: int):
    headers = signed(b"{}", at=NOW + timedelta(minutes=minutes))

    with pytest.raises(Unsigned, match="replay"):
        grafana.require_signature(headers, b"{}", SECRET, NOW)


def test_a_signed_timestamp_is_part_of_what_is_signed():
    headers = signed(b"{}", at=NOW)
    grafana.require_signature(headers, b"{}", SECRET, NOW)

    later = str(int((NOW + timedelta(minutes=1)).timestamp()))
    with pytest.raises(Unsigned, match="does not fit"):
        grafana.require_signature(headers | {grafana.TIMESTAMP_HEADER: later}, b"{}", SECRET, NOW)


def test_a_timestamp_that_is_no_number_is_refused():
    text = b"soon:{}"
    signature = hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest()
    headers = {grafana.SIGNATURE_HEADER: signature, grafana.TIMESTAMP_HEADER: "soon"}

    with pytest.raises(Unsigned, match="replay"):
        grafana.require_signature(headers, b"{}", SECRET, NOW)
