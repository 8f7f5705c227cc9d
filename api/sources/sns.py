"""Messages of Amazon SNS: their form, and the signature that makes them SNS's own.

Decides which hosts may hold the signing certificate, which topics we take messages of and
how old one may be. The string that is signed, and both signature versions, are those of
Amazon's "Verifying the signatures of Amazon SNS messages". SNS gives up on an endpoint
after an hour of retries, so a message that is older is a replay.
"""

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from pydantic import BaseModel, ConfigDict

from api.sources.errors import Malformed, Unsigned
from api.sources.reading import as_object, decoded, text_or_none
from domain.alert import moment_of

FRESH_FOR = timedelta(hours=1, minutes=5)
"""The hour in which SNS itself retries, and some leave for clocks."""

_HOST = re.compile(r"sns\.[a-z0-9-]{3,}\.amazonaws\.com(\.cn)?\Z")

Kind = Literal["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"]

_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_SIGNED: dict[Kind, tuple[str, ...]] = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": _CONFIRMATION,
    "UnsubscribeConfirmation": _CONFIRMATION,
}


class SnsMessage(BaseModel):
    """One message of SNS; `fields` are all of its texts, as they are signed."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    topic: str
    text: str
    sent_at: datetime
    fields: dict[str, str]

    @property
    def certificate_address(self) -> str:
        """Where the certificate of the signature is."""
        return self.fields["SigningCertURL"]

    @property
    def subscribe_address(self) -> str:
        """Where a subscription is confirmed; empty in a notification."""
        return self.fields.get("SubscribeURL", "")


def read(body: bytes) -> SnsMessage:
    """The message of a request; raises Malformed naming the field."""
    value = as_object(decoded(body), "")
    fields = {name: text for name in value if (text := text_or_none(value, name, name)) is not None}
    kind = _kind(fields)
    needed = [name for name in _SIGNED[kind] if name != "Subject"]
    for name in (*needed, "SignatureVersion", "Signature", "SigningCertURL"):
        if name not in fields:
            raise Malformed(name, "is missing or empty")
    sent_at = moment_of(fields["Timestamp"])
    if sent_at is None:
        raise Malformed("Timestamp", "is no time")
    return SnsMessage(
        kind=kind,
        topic=fields["TopicArn"],
        text=fields["Message"],
        sent_at=sent_at,
        fields=fields,
    )


def _kind(fields: dict[str, str]) -> Kind:
    match fields.get("Type"):
        case "Notification":
            return "Notification"
        case "SubscriptionConfirmation":
            return "SubscriptionConfirmation"
        case "UnsubscribeConfirmation":
            return "UnsubscribeConfirmation"
        case _:
            raise Malformed("Type", f"must be one of {', '.join(_SIGNED)}")


def is_allowed_host(address: str, own: frozenset[str] = frozenset()) -> bool:
    """Whether we fetch from there: SNS's own hosts by https, or an origin of the settings."""
    try:
        parts = urlsplit(address)
        origin = f"{parts.scheme}://{parts.netloc}".lower()
    except ValueError:
        return False
    if origin in own:
        return True
    return parts.scheme == "https" and bool(_HOST.match(parts.netloc.lower()))


def require_signature(message: SnsMessage, certificate: bytes, now: datetime | None = None) -> None:
    """Return if the certificate's key signed the message, lately; raises Unsigned otherwise."""
    if abs((now or datetime.now(UTC)) - message.sent_at) > FRESH_FOR:
        raise Unsigned("the message is over an hour old: a replay?")
    try:
        key = x509.load_pem_x509_certificate(certificate).public_key()
        signature = base64.b64decode(message.fields["Signature"], validate=True)
    except (ValueError, binascii.Error) as error:
        raise Unsigned("certificate or signature cannot be read") from error
    if not isinstance(key, RSAPublicKey):
        raise Unsigned("the certificate holds no RSA key")
    try:
        key.verify(signature, signed_text(message), PKCS1v15(), _hash(message))
    except InvalidSignature as error:
        raise Unsigned("the signature does not fit the message") from error


def _hash(message: SnsMessage) -> HashAlgorithm:
    match message.fields["SignatureVersion"]:
        case "1":
            return SHA1()  # noqa: S303 - what SNS signs with unless the topic says otherwise
        case "2":
            return SHA256()
        case other:
            raise Unsigned(f"signature version {other} is not known")


def signed_text(message: SnsMessage) -> bytes:
    """Name and value of each signed field, a line each, in the order of the names."""
    parts = [
        f"{name}\n{message.fields[name]}\n"
        for name in _SIGNED[message.kind]
        if name in message.fields
    ]
    return "".join(parts).encode()


def topics_of(setting: str) -> frozenset[str]:
    """The members of a comma-separated setting."""
    return frozenset(part.strip() for part in setting.split(",") if part.strip())


def origins_of(setting: str) -> frozenset[str]:
    """The origins (`http://localhost:4566`) of a comma-separated setting."""
    return frozenset(part.rstrip("/").lower() for part in topics_of(setting))
