"""CloudWatch's alarms become alerts, and only SNS's own signature makes them believed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.sources import cloudwatch, sns
from api.sources.errors import Malformed, Unsigned
from domain.alert import AlertStatus
from tests.api.sns import PAYLOAD, Sns
from tests.receivers import webhook_receiver


@pytest.fixture
def service() -> Iterator[Sns]:
    with webhook_receiver() as hooks:
        yield Sns(hooks)


def an_alarm(**fields: Any) -> str:
    return json.dumps(json.loads(json.loads(PAYLOAD.read_text())["Message"]) | fields)


def test_the_alarms_arn_is_the_identity_and_its_change_the_episode():
    (alert,) = cloudwatch.parse(an_alarm()).alerts

    arn = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:payments-5xx"
    assert alert.key == f"cloudwatch/{arn}"
    assert alert.starts_at == "2026-11-22T02:00:10.000+0000"
    assert alert.labels["alertname"] == "payments-5xx"
    assert alert.labels["ApiName"] == "payments-api"
    assert alert.summary == "5xx ratio over 5 %"


def test_the_state_ok_ends_it_and_insufficient_data_does_nothing():
    (ended,) = cloudwatch.parse(an_alarm(NewStateValue="OK")).alerts
    nothing = cloudwatch.parse(an_alarm(NewStateValue="INSUFFICIENT_DATA"))

    assert ended.status is AlertStatus.RESOLVED
    assert nothing.alerts == ()
    assert "INSUFFICIENT_DATA" in nothing.notes[0]


@pytest.mark.parametrize(
    ("message", "place"),
    [
        ("hello", "Message"),
        ("{}", "Message.AlarmArn"),
        (json.dumps({"AlarmArn": "a", "NewStateValue": "ON FIRE"}), "Message.NewStateValue"),
    ],
)
def test_what_is_no_alarm_is_malformed_naming_the_field(message: str, place: str):
    with pytest.raises(Malformed) as raised:
        cloudwatch.parse(message)

    assert raised.value.field == place


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_message_signed_by_the_certificates_key_is_believed(service: Sns, version: str):
    message = sns.read(service.notification(SignatureVersion=version))

    sns.require_signature(message, service.certificate)


def test_a_message_that_was_altered_or_signed_by_another_is_not_believed(service: Sns):
    body = json.loads(service.notification())
    altered = sns.read(json.dumps(body | {"Message": an_alarm(NewStateValue="OK")}).encode())
    other = Sns(service.hooks)

    with pytest.raises(Unsigned, match="does not fit"):
        sns.require_signature(altered, service.certificate)
    with pytest.raises(Unsigned, match="does not fit"):
        sns.require_signature(sns.read(service.notification()), other.certificate)
    with pytest.raises(Unsigned, match="cannot be read"):
        sns.require_signature(sns.read(service.notification()), b"no certificate")


def test_a_message_of_an_unknown_signature_version_is_not_believed(service: Sns):
    body = json.loads(service.notification()) | {"SignatureVersion": "9"}

    with pytest.raises(Unsigned, match="version 9"):
        sns.require_signature(sns.read(json.dumps(body).encode()), service.certificate)


def test_a_message_older_than_snss_own_retries_is_a_replay(service: Sns):
    message = sns.read(service.notification())

    later = datetime.now(UTC) + timedelta(minutes=66)

    with pytest.raises(Unsigned, match="replay"):
        sns.require_signature(message, service.certificate, later)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("https://sns.eu-west-1.amazonaws.com/cert.pem", True),
        ("https://sns.cn-north-1.amazonaws.com.cn/cert.pem", True),
        ("http://sns.eu-west-1.amazonaws.com/cert.pem", False),
        ("https://sns.eu-west-1.amazonaws.com.evil.example/cert.pem", False),
        ("https://evil.example/sns.eu-west-1.amazonaws.com", False),
        ("https://sns.eu-west-1.amazonaws.com@evil.example/cert.pem", False),
        ("http://localhost:4566/cert.pem", True),
        ("http://localhost:4567/cert.pem", False),
        ("https://[::1/cert.pem", False),
    ],
)
def test_certificates_come_only_from_snss_own_hosts_or_those_of_the_settings(
    address: str,
    allowed: bool,  # noqa: FBT001
):
    own = sns.origins_of("http://localhost:4566/")

    assert sns.is_allowed_host(address, own) is allowed


@pytest.mark.parametrize("missing", ["Message", "TopicArn", "Signature", "SigningCertURL"])
def test_a_message_without_what_is_signed_is_malformed(service: Sns, missing: str):
    body = json.loads(service.notification())
    del body[missing]

    with pytest.raises(Malformed) as raised:
        sns.read(json.dumps(body).encode())

    assert raised.value.field == missing


@pytest.mark.parametrize("fields", [{"Type": "Greeting"}, {"Timestamp": "soon"}])
def test_a_message_of_no_known_type_or_time_is_malformed(service: Sns, fields: dict[str, str]):
    body = json.loads(service.notification()) | fields

    with pytest.raises(Malformed) as raised:
        sns.read(json.dumps(body).encode())

    assert raised.value.field in fields
