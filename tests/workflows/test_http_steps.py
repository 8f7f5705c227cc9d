"""Http steps on a real engine: retried with one key, refused, given up, let go."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from domain.incident.view import StepView
from domain.plan_steps import HttpStep, OutPlan, RetryPlan
from tests.incident.plans import a_plan
from tests.receivers import Reply
from tests.stage import Stage, Story, an_alert
from tests.waiting import seen, until
from tests.web_server import WebServer, saying, web_server, with_json

pytestmark = pytest.mark.engine

BUSY = Reply(status=503, body=b"busy")
DONE = with_json('{"moved": 3}')


@pytest.fixture
def server() -> Iterator[WebServer]:
    """A server that a test tells what to say."""
    with web_server(saying(DONE)) as one:
        yield one


async def opened(stage: Stage, url: str, **fields: Any) -> Story:
    """An open incident whose one step asks this address."""
    given = {"id": "move", "url": url, "method": "POST", "timeout": timedelta(seconds=20)}
    step = HttpStep.model_validate(given | fields)
    story = stage.story(a_plan(steps=(step,)))
    await story.fire(an_alert("a1", severity="sev2"))
    return story


async def ended(story: Story, *states: str) -> StepView:
    """The step, once it is in one of these states."""
    view = await seen(story.view, lambda view: view.steps[0].state in states)
    return view.steps[0]


async def test_each_try_carries_the_same_idempotency_key(stage: Stage, server: WebServer) -> None:
    server.answering = saying(BUSY, BUSY, DONE)

    story = await opened(
        stage,
        f"{server.url}/move",
        idempotency_key="{{ incident.id }}-eu",
        retry=RetryPlan(attempts=3, backoff=timedelta(milliseconds=50)),
        out={"moved": OutPlan(path="body.moved", type="int")},
    )
    step = await ended(story, "done")

    keys = [one.headers["idempotency-key"] for one in server.received]
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert keys[0].endswith("-eu")
    assert step.results["moved"] == 3


async def test_a_server_that_asks_for_patience_is_asked_again_after_it(
    stage: Stage, server: WebServer
) -> None:
    busy = Reply(status=429, body=b"", headers=(("retry-after", "1"),))
    server.answering = saying(busy, DONE)

    retry = RetryPlan(attempts=2, backoff=timedelta(milliseconds=10))
    story = await opened(stage, server.url, retry=retry, idempotency_key="k")
    await ended(story, "done")

    first, second = server.received
    assert second.at - first.at >= 1.0


async def test_what_will_not_succeed_is_not_tried_again(stage: Stage, server: WebServer) -> None:
    server.answering = saying(with_json('{"error": "no such region"}', 422))

    retry = RetryPlan(attempts=3, backoff=timedelta(milliseconds=10))
    story = await opened(stage, server.url, retry=retry, idempotency_key="k")
    step = await ended(story, "failed")

    assert len(server.received) == 1
    assert 'answered 422: {"error": "no such region"}' in step.detail


async def test_a_refused_address_fails_the_step_and_says_how_to_allow_it(stage: Stage) -> None:
    story = await opened(stage, "http://169.254.169.254/latest/meta-data", method="GET")

    step = await ended(story, "failed")

    assert "169.254.169.254 is a link-local address" in step.detail
    assert "WATCHBILL_HTTP_ALLOW=169.254.169.254:80" in step.detail


async def test_a_request_that_hangs_is_let_go_when_the_incident_is_resolved(
    stage: Stage, server: WebServer
) -> None:
    server.answering = saying(Reply(hang=True))
    story = await opened(stage, server.url, timeout=timedelta(minutes=5))
    await until(lambda: len(server.received) == 1)

    await story.say("first", "acknowledge")
    await story.say("first", "resolve", reason="mended by hand")
    step = await ended(story, "cancelled")

    assert step.state == "cancelled"
