"""Http steps: what is sent, which answers are a success, and what is kept of them."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from activities.automation.errors import CallFailed, MayBeTriedAgain, WillNotSucceed
from domain.incident.step_effects import LONGEST_OUTPUT
from domain.plan_steps import AuthPlan, OutPlan
from tests.activities.calling import BEARER, TOKEN, a_call, failed, made
from tests.receivers import Reply
from tests.web_server import WebServer, saying, web_server, with_json


@pytest.fixture
def server() -> Iterator[WebServer]:
    """A server that answers `{"ok": true}` until a test says otherwise."""
    with web_server(saying(with_json('{"ok": true}'))) as one:
        yield one


async def test_a_good_answer_gives_its_outputs_and_its_text(server: WebServer):
    server.answering = saying(with_json('{"total": 2, "items": [{"sha": "c0ffee"}]}', ETag="e1"))

    result = await made(
        server,
        count=OutPlan(path="body.total", type="int"),
        latest=OutPlan(path="body.items[0].sha", type="string"),
        status=OutPlan(path="status", type="int"),
        etag=OutPlan(path="headers.etag", type="string"),
    )

    assert result.outcome == "ok"
    assert result.values == {"count": 2, "latest": "c0ffee", "status": 200, "etag": "e1"}
    assert result.output == '{"total": 2, "items": [{"sha": "c0ffee"}]}'
    assert result.detail.startswith("200 in ")
    assert result.detail.endswith(" ms")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
async def test_every_method_is_sent(server: WebServer, method: str):
    await made(server, a_call(server, method=method))

    assert server.received[0].method == method


async def test_a_json_body_is_sent_as_json(server: WebServer):
    await made(server, a_call(server, method="POST", json_body={"region": "eu", "n": [1, None]}))

    assert server.received[0].json() == {"region": "eu", "n": [1, None]}
    assert server.received[0].headers["content-type"] == "application/json"


async def test_a_text_body_is_sent_with_the_type_that_its_author_gives(server: WebServer):
    plain = a_call(server, method="POST", body="grün")
    typed = a_call(server, method="POST", body="<a/>", headers={"Content-Type": "text/xml"})

    await made(server, plain)
    await made(server, typed)

    assert [one.headers["content-type"] for one in server.received] == [
        "text/plain; charset=utf-8",
        "text/xml",
    ]
    assert server.received[0].body == "grün".encode()


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        (BEARER, "authorization", f"Bearer {TOKEN}"),
        (
            AuthPlan(scheme="basic", secret="deploy_token", user="ann"),
            "authorization",
            "Basic " + base64.b64encode(f"ann:{TOKEN}".encode()).decode(),
        ),
        (AuthPlan(scheme="header", secret="deploy_token", header="X-Api-Key"), "x-api-key", TOKEN),
    ],
)
async def test_a_call_says_who_it_is_as_its_author_has_chosen(
    server: WebServer, auth: AuthPlan, header: str, value: str
):
    await made(server, a_call(server, auth=auth))

    assert server.received[0].headers[header] == value


async def test_the_idempotency_key_is_a_header(server: WebServer):
    await made(server, a_call(server, method="POST", idempotency_key="INC-1-eu"))

    assert server.received[0].headers["idempotency-key"] == "INC-1-eu"


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"Host": "inner"}, "the header host cannot be set by a playbook"),
        ({"Content-Length": "5"}, "the header content-length cannot be set by a playbook"),
        ({"Transfer-Encoding": "chunked"}, "the header transfer-encoding cannot be set"),
        (
            {"authorization": "Bearer x"},
            "the header authorization cannot be set by a playbook; ",
        ),
        ({"X-Note": "a\r\nHost: inner"}, "the header x-note has a line break"),
        ({"X-Note: x": "a"}, "'X-Note: x' is no name of a header"),
        ({"X-Note": "grün"}, "the header x-note has characters that no header carries"),
    ],
)
async def test_a_header_that_is_not_a_playbooks_to_set_is_refused_unsent(
    server: WebServer, headers: dict[str, str], said: str
):
    failure = await failed(server, a_call(server, headers=headers))

    assert isinstance(failure, WillNotSucceed)
    assert failure.detail.startswith(said)
    assert server.received == []


@pytest.mark.parametrize(
    ("status", "expect", "kind"),
    [
        (204, (), None),
        (404, (200, 404), None),
        (503, (503,), None),
        (302, (302,), None),
        (204, (200,), WillNotSucceed),
        (400, (), WillNotSucceed),
        (409, (), WillNotSucceed),
        (304, (), WillNotSucceed),
        (408, (), MayBeTriedAgain),
        (425, (), MayBeTriedAgain),
        (429, (), MayBeTriedAgain),
        (500, (200,), MayBeTriedAgain),
        (503, (), MayBeTriedAgain),
    ],
)
async def test_what_was_expected_is_a_success_and_what_may_pass_is_told_apart(
    server: WebServer, status: int, expect: tuple[int, ...], kind: type[CallFailed] | None
):
    server.answering = saying(Reply(status=status, body=b""))
    call = a_call(server, expect=expect)

    if kind is None:
        assert (await made(server, call)).outcome == "ok"
        return
    failure = await failed(server, call)

    assert type(failure) is kind
    assert failure.detail.startswith(f"{server.target} answered {status}")
    assert not failure.may_have_happened


async def test_a_refusal_shows_the_servers_words_and_keeps_its_output(server: WebServer):
    server.answering = saying(with_json('{"error": "no such\\n region"}', status=422))

    failure = await failed(server)

    said = '{"error": "no such\\n region"}'
    assert failure.detail == f"{server.target} answered 422: {said}"
    assert failure.output == said


async def test_a_redirected_post_says_what_to_do(server: WebServer):
    server.answering = saying(Reply(status=307, headers=(("location", "/other"),)))

    failure = await failed(server, a_call(server, method="POST"))

    assert failure.detail == (
        f"{server.target} answered 307; a POST follows no redirect: give the final url"
    )


@pytest.mark.parametrize(
    ("given", "wait_s"),
    [
        ("7", (7, 7)),
        ("99999999999", (300, 300)),
        (format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True), (300, 300)),
        (format_datetime(datetime.now(UTC) - timedelta(hours=2), usegmt=True), (0, 0)),
    ],
)
async def test_a_server_that_asks_for_patience_gets_it_up_to_five_minutes(
    server: WebServer, given: str, wait_s: tuple[int, int]
):
    server.answering = saying(Reply(status=429, headers=(("retry-after", given),)))

    failure = await failed(server)

    assert isinstance(failure, MayBeTriedAgain)
    assert failure.after is not None
    assert wait_s[0] <= failure.after.total_seconds() <= wait_s[1]


@pytest.mark.parametrize("given", ["", "soon", "-5", "²"])
async def test_a_wish_for_patience_that_cannot_be_read_is_none(server: WebServer, given: str):
    server.answering = saying(
        Reply(status=503, headers=(("retry-after", given.encode().decode("latin-1")),))
    )

    failure = await failed(server)

    assert isinstance(failure, MayBeTriedAgain)
    assert failure.after is None


async def test_a_missing_output_fails_the_call_and_keeps_the_answer(server: WebServer):
    failure = await failed(server, count=OutPlan(path="body.total", type="int"))

    assert isinstance(failure, WillNotSucceed)
    assert failure.detail == "no output 'count': body has no 'total', only ok"
    assert failure.output == '{"ok": true}'


async def test_a_cut_answer_gives_no_outputs_of_its_body_but_is_a_success_without(
    server: WebServer,
):
    server.answering = saying(with_json('{"a": "' + "x" * 1_100_000 + '"}'))

    without = await made(server, status=OutPlan(path="status", type="int"))
    failure = await failed(server, a=OutPlan(path="body.a", type="string"))

    assert without.detail.endswith(" ms, longer than 1 MiB")
    assert len(without.output.encode()) <= LONGEST_OUTPUT
    assert failure.detail == "no output 'a': the answer is longer than 1 MiB"


async def test_an_unknown_secret_fails_the_call_unsent(server: WebServer):
    auth = AuthPlan(secret="other")

    failure = await failed(server, a_call(server, auth=auth))

    assert isinstance(failure, WillNotSucceed)
    assert failure.detail.startswith("no secret 'other': WATCHBILL_SECRET_OTHER is not set")
    assert server.received == []
