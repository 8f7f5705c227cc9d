"""What of an answer's body is read, and as what."""

import gzip
from collections.abc import Iterator

import pytest

from activities.automation.bounded_body import LONGEST_BODY
from tests.activities.asking import OK, a_client, fetch, refusal_of
from tests.receivers import Reply
from tests.web_server import WebServer, saying, web_server, with_json


@pytest.fixture
def server() -> Iterator[WebServer]:
    """A server that says fine."""
    with web_server(lambda _one: OK) as one:
        yield one


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
