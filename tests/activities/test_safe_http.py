"""Whom a request reaches, and how far redirects lead."""

import asyncio
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from activities.automation.checked_network import LookUps
from activities.automation.errors import MayBeTriedAgain
from activities.automation.http_words import Asked
from tests.activities.asking import OK, Names, a_client, fetch, refusal_of
from tests.receivers import Received, Reply
from tests.web_server import WebServer, saying, web_server


@pytest.fixture
def server() -> Iterator[WebServer]:
    """A server that says fine."""
    with web_server(lambda _one: OK) as one:
        yield one


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
