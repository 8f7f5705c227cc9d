"""Amazon SNS as its subscribers see it: signed messages, a certificate, confirmations."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from api.sources import sns
from tests.receivers import Reply, WebhookReceiver

PAYLOAD = Path(__file__).parents[1] / "payloads" / "cloudwatch-sns-notification.json"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms"


class Sns:
    """SNS with a key of its own; its certificate lies on a receiver of the test."""

    def __init__(self, hooks: WebhookReceiver) -> None:
        """The certificate is at `/cert.pem`, confirmations go to `/confirm`."""
        self.hooks = hooks
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.certificate = self._certificate()
        hooks.replies["/cert.pem"] = Reply(body=self.certificate)

    def _certificate(self) -> bytes:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
        now = datetime.now(UTC)
        built = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .sign(self._key, SHA256())
        )
        return built.public_bytes(Encoding.PEM)

    def notification(self, state: str = "ALARM", **fields: str) -> bytes:
        """A signed notification of the alarm in this state, sent now."""
        body: dict[str, Any] = json.loads(PAYLOAD.read_text())
        alarm = json.loads(body["Message"]) | {"NewStateValue": state}
        alarm["StateChangeTime"] = datetime.now(UTC).isoformat()
        return self.signed(body | {"Message": json.dumps(alarm)} | fields)

    def confirmation(self, **fields: str) -> bytes:
        """A signed wish to subscribe."""
        return self.signed(
            {
                "Type": "SubscriptionConfirmation",
                "MessageId": "165545c9",
                "Token": "2336412f37",
                "TopicArn": TOPIC,
                "Message": "You have chosen to subscribe",
                "SubscribeURL": f"{self.hooks.url}/confirm",
                "SignatureVersion": "1",
            }
            | fields
        )

    def signed(self, body: dict[str, Any]) -> bytes:
        """The body with our certificate's address and a fitting signature."""
        stamped = {"Timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z")}
        own = {"SigningCertURL": f"{self.hooks.url}/cert.pem", "Signature": "AA=="}
        whole = {**stamped, **own, **{k: v for k, v in body.items() if k not in own}}
        if body.get("Timestamp", "").startswith("2026-11-22T02"):
            whole |= stamped
        text = sns.signed_text(sns.read(json.dumps(whole).encode()))
        version = SHA256() if whole["SignatureVersion"] == "2" else SHA1()  # noqa: S303
        signature = self._key.sign(text, padding.PKCS1v15(), version)
        return json.dumps(whole | {"Signature": base64.b64encode(signature).decode()}).encode()
