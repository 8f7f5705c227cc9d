"""TLS of requests that go to a checked address: the name stays the name."""

import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from activities.automation.errors import MayBeTriedAgain
from tests.activities.asking import OK, Names, a_client, fetch, refusal_of
from tests.receivers import Reply
from tests.web_server import WebServer, saying, web_server


@pytest.fixture
def server() -> Iterator[WebServer]:
    """A server that says fine."""
    with web_server(lambda _one: OK) as one:
        yield one


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ssl.SSLContext]:
    """Makes a server's TLS with a certificate for a name, which `SSL_CERT_FILE` trusts."""

    def context_for(name: str) -> ssl.SSLContext:
        files = certificate_for(name, tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
        return context

    return context_for


def certificate_for(name: str, folder: Path) -> tuple[Path, Path]:
    """A certificate of its own making and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


async def test_tls_keeps_the_name_though_the_connection_goes_to_the_address(
    server: WebServer, trusted: Callable[[str], ssl.SSLContext]
):
    asked_for: list[str | None] = []
    context = trusted("router.internal")
    context.sni_callback = lambda _socket, name, _context: asked_for.append(name)
    server.speak_tls(context)
    names = Names(router_internal=[[server.host]], other_internal=[[server.host]])
    client = a_client(server.target, names=names)

    answer = await fetch(client, f"https://router.internal:{server.port}/")
    with pytest.raises(MayBeTriedAgain, match="CERTIFICATE_VERIFY_FAILED"):
        await fetch(client, f"https://other.internal:{server.port}/")

    assert (answer.text, asked_for) == ("fine", ["router.internal", "other.internal"])


async def test_https_never_leads_to_http(trusted: Callable[[str], ssl.SSLContext]):
    reply = Reply(status=302, headers=(("location", "http://old.internal/"),))
    with web_server(saying(reply)) as server:
        server.speak_tls(trusted("router.internal"))
        client = a_client(server.target, names=Names(router_internal=[[server.host]]))
        told = await refusal_of(client, f"https://router.internal:{server.port}/")

    assert told.endswith("leads from https to http, to old.internal")
