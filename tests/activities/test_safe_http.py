"""Whom a request reaches, how far redirects lead, and what of an answer is read."""

import asyncio
import gzip
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from activities.automation.bounded_body import LONGEST_BODY
from activities.automation.checked_network import LookUps
from activities.automation.errors import MayBeTriedAgain, WillNotSucceed
from activities.automation.http_words import Answered, Asked
from activities.automation.safe_http import SafeClient, safe_client
from settings import Settings
from tests.receivers import Received, Reply
from tests.web_server import WebServer, saying, web_server, with_json

PATIENT = timedelta(seconds=20)
OK = Reply(body=b"fine", headers=(("content-type", "text/plain"),))


class Names:
    """A resolver that answers as a test says, and counts."""

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        """Each name's answers one after the other; the last stays. `_` stands for a dot."""
        self._answers = {name.replace("_", "."): list(one) for name, one in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The next answer."""
        self.asked.append(host)
        answers = self._answers[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.fixture
def server() -> Iterator[WebServer]:
    """A server that says fine."""
    with web_server(lambda _one: OK) as one:
        yield one


def a_client(*allow: str, names: Names | None = None) -> SafeClient:
    """A client with this list of allowed targets."""
    return safe_client(Settings(http_allow=",".join(allow)), resolve=names)


async def fetch(client: SafeClient, url: str, **asked: object) -> Answered:
    """The answer to a GET unless another method is given."""
    return await client.fetch(Asked(url=url, **asked), timeout=PATIENT)  # type: ignore[arg-type]


async def refusal_of(client: SafeClient, url: str, **asked: object) -> str:
    """Why a request is not made or not believed."""
    with pytest.raises(WillNotSucceed) as refused:
        await fetch(client, url, **asked)
    return refused.value.detail


async def test_an_allowed_target_answers(server: WebServer):
    answer = await fetch(a_client(server.target), f"{server.url}/x?y=1")

    assert (answer.status, answer.text, answer.host) == (200, "fine", server.target)
    assert [one.path for one in server.received] == ["/x?y=1"]
    assert server.received[0].headers["user-agent"] == "watchbill"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1/", "127.0.0.1 is a loopback address"),
        ("http://127.1/", "leads to 127.0.0.1, a loopback address"),
        ("http://2130706433/", "127.0.0.1"),
        ("http://0x7f.1/", "127.0.0.1"),
        ("http://localhost/", "a loopback address"),
        ("http://[::1]/", "::1 is a loopback address"),
        ("http://[::ffff:127.0.0.1]/", "a loopback address inside IPv6"),
        ("http://169.254.169.254/latest/meta-data", "a link-local address"),
        ("http://10.1.2.3:8080/", "10.1.2.3 is a private address"),
        ("http://0.0.0.0/", "an unspecified address"),
        ("file:///etc/passwd", "must begin with http:// or https://, not 'file:'"),
        ("gopher://127.0.0.1/", "must begin with http:// or https://"),
        ("/relative", "must begin with http:// or https://"),
        ("http://user:hunter2@127.0.0.1/", "no user or password in a url"),
        ("http://", "the url names no host"),
        ("http://a b/", "the url's host has characters that no name has"),
    ],
)
async def test_a_target_that_is_not_allowed_is_refused_naming_it(url: str, why: str):
    told = await refusal_of(a_client(), url)

    assert why in told
    assert "hunter2" not in told


async def test_a_refusal_says_how_an_operator_can_allow_it():
    names = Names(router_internal=[["10.20.0.7"]])

    told = await refusal_of(a_client(names=names), "https://router.internal/")

    assert told == (
        "router.internal leads to 10.20.0.7, a private address; "
        "an operator can allow it with WATCHBILL_HTTP_ALLOW=router.internal:443"
    )


async def test_a_name_with_one_refused_address_is_refused_whole(server: WebServer):
    """Else whoever chooses the order of the answers chooses the target."""
    names = Names(half_example=[[server.host, "169.254.169.254"]])

    told = await refusal_of(
        a_client(server.target, names=names), f"http://half.example:{server.port}/"
    )

    assert "169.254.169.254, a link-local address" in told
    assert server.received == []


async def test_a_resolver_that_changes_its_mind_gains_nothing():
    """DNS rebinding: the name is looked up once, and what was checked is connected to."""
    names = Names(shifty_example=[["127.0.0.2"], ["127.0.0.1"]])
    with web_server(saying(OK), host="127.0.0.2") as good:
        client = a_client(good.target, names=names)
        with web_server(saying(OK), host="127.0.0.1", port=good.port) as inner:
            answer = await fetch(client, f"http://shifty.example:{good.port}/")
            told = await refusal_of(client, f"http://shifty.example:{good.port}/")

    assert answer.text == "fine"
    assert good.received[0].headers["host"] == f"shifty.example:{good.port}"
    assert "127.0.0.1, a loopback address" in told
    assert (len(good.received), inner.received, len(names.asked)) == (1, [], 2)


async def test_the_next_address_is_tried_where_the_first_does_not_answer(server: WebServer):
    names = Names(both_example=[["127.0.0.3", server.host]])
    client = a_client("127.0.0.0/8", names=names)

    answer = await fetch(client, f"http://both.example:{server.port}/")

    assert answer.text == "fine"


@pytest.mark.parametrize("place", ["http://127.0.0.1/", "http://169.254.169.254/latest/meta-data"])
async def test_a_redirect_to_a_refused_address_is_refused(place: str):
    replies = saying(Reply(status=302, headers=(("location", place),)))
    with web_server(replies) as server:
        told = await refusal_of(a_client(server.target), server.url)

    assert "a loopback address" in told or "a link-local address" in told


@pytest.mark.parametrize("place", ["file:///etc/passwd", "http://u:p@127.0.0.1/", "http://[bad"])
async def test_a_redirect_to_what_may_not_be_asked_is_refused(place: str):
    replies = saying(Reply(status=302, headers=(("location", place),)))
    with web_server(replies) as server:
        told = await refusal_of(a_client(server.target), server.url)

    assert "passwd" not in told


async def test_three_redirects_are_followed_and_no_more():
    def onward(one: Received) -> Reply:
        hop = int(one.path.removeprefix("/"))
        return Reply(status=307, headers=(("location", f"/{hop - 1}"),)) if hop else OK

    with web_server(onward) as server:
        client = a_client(server.target)
        answer = await fetch(client, f"{server.url}/3")
        told = await refusal_of(client, f"{server.url}/4")

    assert answer.text == "fine"
    assert told == f"{server.target}: more than 3 redirects"


async def test_a_post_follows_no_redirect():
    with web_server(saying(Reply(status=307, headers=(("location", "/other"),)))) as server:
        answer = await fetch(a_client(server.target), server.url, method="POST", content=b"x")

    assert (answer.status, len(server.received)) == (307, 1)


async def test_credentials_stay_with_the_origin_they_were_meant_for(server: WebServer):
    def onward(one: Received) -> Reply:
        place = "/here" if one.path == "/" else f"{server.url}/there"
        return Reply(status=302, headers=(("location", place),))

    with web_server(onward) as first:
        client = a_client(first.target, server.target)
        await fetch(client, first.url, private={"authorization": "Bearer t0ken-of-first"})

    assert [one.headers.get("authorization") for one in first.received] == [
        "Bearer t0ken-of-first",
        "Bearer t0ken-of-first",
    ]
    assert "authorization" not in server.received[0].headers


async def test_proxies_and_netrc_of_the_environment_are_not_used(
    server: WebServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    with web_server(lambda _one: Reply(status=502)) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        (tmp_path / "netrc").write_text(f"machine {server.host} login ann password hunter2\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        answer = await fetch(a_client(server.target), server.url)

    assert (answer.status, proxy.received) == (200, [])
    assert "authorization" not in server.received[0].headers


async def test_a_long_body_is_cut_at_one_mebibyte():
    with web_server(saying(Reply(body=b"x" * (LONGEST_BODY + 5)))) as server:
        answer = await fetch(a_client(server.target), server.url)

    assert (len(answer.text), answer.is_cut) == (LONGEST_BODY, True)


async def test_a_small_body_that_unpacks_to_much_is_cut_where_it_is_unpacked():
    """A bomb: 200 KiB that would be 200 MiB."""
    bomb = gzip.compress(bytes(200 * 1024 * 1024), compresslevel=9)
    assert len(bomb) < 256 * 1024
    with web_server(saying(Reply(body=bomb, headers=(("content-encoding", "gzip"),)))) as server:
        answer = await fetch(a_client(server.target), server.url)

    assert (len(answer.text), answer.is_cut) == (LONGEST_BODY, True)


async def test_a_packed_body_is_unpacked():
    packed = Reply(body=gzip.compress(b"fine"), headers=(("content-encoding", "gzip"),))
    with web_server(saying(packed)) as server:
        answer = await fetch(a_client(server.target), server.url)

    assert answer.text == "fine"
    assert server.received[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip"])
async def test_a_body_packed_as_nobody_asked_is_refused(encoding: str):
    packed = Reply(body=b"???", headers=(("content-encoding", encoding),))
    with web_server(saying(packed)) as server:
        told = await refusal_of(a_client(server.target), server.url)

    assert told == f"{server.target}: the answer is packed as '{encoding}', which was not asked for"


async def test_a_body_that_drips_ends_at_the_timeout(server: WebServer):
    """Each byte comes in time; all of them do not."""
    server.drip = True
    client = a_client(server.target)

    with pytest.raises(MayBeTriedAgain) as late:
        await client.fetch(Asked(url=server.url), timeout=timedelta(milliseconds=300))

    assert late.value.detail == f"{server.target}: no answer within 0.3 s"
    assert not late.value.may_have_happened


async def test_a_post_without_an_answer_may_have_happened():
    with web_server(saying(Reply(hang=True))) as server:
        client = a_client(server.target)
        asked = Asked(url=server.url, method="POST")
        with pytest.raises(MayBeTriedAgain) as late:
            await client.fetch(asked, timeout=timedelta(milliseconds=300))

    assert late.value.may_have_happened


async def test_a_post_whose_connection_breaks_may_have_happened():
    with web_server(saying(Reply(drop=True))) as server, pytest.raises(MayBeTriedAgain) as broken:
        await fetch(a_client(server.target), server.url, method="POST")

    assert broken.value.may_have_happened
    assert broken.value.detail.startswith(f"{server.target}: the connection broke")


async def test_a_post_that_nobody_took_has_not_happened():
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        target = f"127.0.0.1:{unheard.getsockname()[1]}"
        with pytest.raises(MayBeTriedAgain) as nobody:
            await fetch(a_client(target), f"http://{target}/", method="POST")

    assert not nobody.value.may_have_happened
    assert nobody.value.detail.startswith(f"{target}: no connection")


async def test_a_name_without_an_address_may_be_tried_again():
    with pytest.raises(MayBeTriedAgain, match=r"nowhere\.invalid has no address"):
        await fetch(a_client(), "http://nowhere.invalid/")


async def test_names_that_hang_hold_none_of_the_threads_that_pages_use():
    """The event loop has a handful of threads for look-ups, and pages need them."""
    names = LookUps()
    seen = await asyncio.gather(*(names("localhost", 80) for _ in range(4)))
    names.close()

    assert all("127.0.0.1" in found or "::1" in found for found in seen)
    threads = {thread.name for thread in names._threads._threads}
    assert threads
    assert all(name.startswith("look-up") for name in threads)


async def test_targets_that_an_operator_has_named_elsewhere_are_allowed(server: WebServer):
    plain = a_client()

    answer = await fetch(plain.allowing((server.target,)), server.url)

    assert answer.text == "fine"
    assert "a loopback address" in await refusal_of(plain, server.url)


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


@pytest.mark.parametrize(
    ("reply", "body"),
    [
        (with_json('{"a": [1]}'), {"a": [1]}),
        (with_json("not json"), "not json"),
        (Reply(body=b' {"a": 1}'), {"a": 1}),
        (Reply(body=b"007"), "007"),
        (with_json("[" * 50_000), "[" * 50_000),
        (with_json("[" * 500 + "]" * 500), "[" * 500 + "]" * 500),
        (
            Reply(
                body="grün".encode("latin-1"), headers=(("content-type", "t/p; charset=latin1"),)
            ),
            "grün",
        ),
        (Reply(body=b"gr\xfcn", headers=(("content-type", "t/p; charset=wat"),)), "gr�n"),
    ],
)
async def test_a_body_is_json_where_it_is_and_text_elsewhere(reply: Reply, body: object):
    with web_server(saying(reply)) as server:
        answer = await fetch(a_client(server.target), server.url)

    assert answer.body() == body
