"""A secret that a server says back is in nothing that leaves a call."""

import base64
from collections.abc import Iterator

import pytest

from domain.incident.step_effects import LONGEST_DETAIL
from domain.plan_steps import OutPlan
from tests.activities.calling import BEARER, TOKEN, a_call, failed, made
from tests.receivers import Received, Reply
from tests.web_server import Answering, WebServer, saying, web_server, with_json


@pytest.fixture
def server() -> Iterator[WebServer]:
    """A server that answers `{"ok": true}` until a test says otherwise."""
    with web_server(saying(with_json('{"ok": true}'))) as one:
        yield one


def echoing(status: int) -> Answering:
    """A server that says back what it was sent, in many ways."""

    def answer(one: Received) -> Reply:
        given = one.headers["authorization"].removeprefix("Bearer ")
        packed = base64.b64encode(f"x:{given}".encode()).decode()
        filler = "y" * (LONGEST_DETAIL - 60)
        text = f'{{"you": "{given}", "{given}": "{packed}", "z": "{filler}{given}"}}'
        return with_json(text, status, X_Echo=given)

    return answer


OUT = {
    "you": OutPlan(path="body.you", type="string"),
    "echo": OutPlan(path="headers.x-echo", type="string"),
}


async def test_a_secret_that_a_server_says_back_is_in_nothing_that_leaves(server: WebServer):
    server.answering = echoing(200)

    result = await made(server, a_call(server, auth=BEARER), **OUT)

    assert result.values == {"you": "‹secret deploy_token›", "echo": "‹secret deploy_token›"}
    assert_clean(result.model_dump_json())


@pytest.mark.parametrize("status", [422, 500])
async def test_a_secret_in_a_servers_complaint_is_in_nothing_that_leaves(
    server: WebServer, status: int
):
    server.answering = echoing(status)

    failure = await failed(server, a_call(server, auth=BEARER))

    assert "‹secret deploy_token›" in failure.detail
    assert_clean(f"{failure!r} {failure.detail} {failure.output} {failure.__cause__}")


async def test_a_secret_in_a_missing_outputs_error_is_in_nothing_that_leaves(server: WebServer):
    server.answering = echoing(200)
    out = {
        "missing": OutPlan(path="body.nothing", type="string"),
        "wrong": OutPlan(path="body.z", type="int"),
    }

    for name, plan in out.items():
        failure = await failed(server, a_call(server, auth=BEARER), **{name: plan})
        assert_clean(f"{failure!r} {failure.detail} {failure.output}")


def assert_clean(text: str) -> None:
    """Neither the token nor its base64 is in the text, nor a good part of either."""
    assert TOKEN[:8] not in text
    assert base64.b64encode(TOKEN.encode()).decode()[:8] not in text
    assert base64.b64encode(f"x:{TOKEN}".encode()).decode()[4:12] not in text
