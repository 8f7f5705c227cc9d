"""Measuring: what is asked of real servers, and what is told of their answers."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.automation.safe_http import safe_client
from activities.automation.secret_values import Secrets
from activities.fact_sources import Sources
from activities.facts import FactActivities
from activities.prometheus import Prometheus
from domain.incident.step_effects import Measured, MeasureFacts, Reading, Watched
from domain.ops import Ops, QueryServer, QuerySpec
from domain.plan_facts import FactPlan, HttpSource
from domain.plan_steps import AuthPlan
from domain.values import Value, ValueType
from settings import Settings
from tests.prometheus import PrometheusServer, prometheus_server, queries, refused
from tests.receivers import Reply, WebhookReceiver, free_port

SPEED = 50.0
"""So fast that two seconds of the product are 40 ms here."""

RATIO = FactPlan(
    type="double",
    query="ratio",
    every=timedelta(seconds=2),
    max_age=timedelta(minutes=5),
    marks=(0.05, 0.25),
)
START = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[PrometheusServer]:
    """A server of Prometheus' shape."""
    with prometheus_server() as server:
        yield server


class Lab:
    """The activity of one worker, around one file of queries."""

    def __init__(self, folder: Path, ops: Ops, shared_for_s: float = 0, **settings: Any) -> None:
        self.ops = ops
        given = Settings(data_dir=folder, **settings)
        http, secrets = safe_client(given), Secrets(given, {"WATCHBILL_SECRET_PROM": "hush-hush"})
        prometheus = Prometheus(lambda: self.ops, http, secrets, shared_for_s)
        self.activity = FactActivities(Sources(prometheus, http, secrets))
        self.beats: list[Any] = []

    async def once(self, kind: ValueType = "double", **labels: str) -> Reading:
        """The query `ratio` asked once, as a fact of this type."""
        fact = FactPlan(type=kind, query="ratio", max_age=timedelta(0))
        told = await self.run(asked(fact, labels=labels, once=True, at=START))
        return told.readings[0]

    async def run(
        self, given: MeasureFacts, environment: ActivityEnvironment | None = None
    ) -> Measured:
        """The activity, to its end."""
        around = environment or ActivityEnvironment()
        around.on_heartbeat = lambda *details: self.beats.append(details)
        async with asyncio.timeout(20):
            return await around.run(self.activity.measure_facts, given)


def asked(fact: FactPlan = RATIO, **more: Any) -> MeasureFacts:
    """Measure the fact `f`."""
    given: dict[str, Any] = {"id": "m1", "summary": "Measure f", "facts": {"f": fact}}
    given["speed"] = SPEED
    return MeasureFacts(**(given | more))


@pytest.fixture
async def lab(tmp_path: Path, server: PrometheusServer) -> Lab:
    """A worker whose query `ratio` is `ratio` on the server."""
    return Lab(tmp_path, queries(server.url, ratio="ratio"))


# -- what an answer means ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "kind", "value"),
    [
        (0.25, "double", 0.25),
        ("7", "int", 7),
        ("1", "bool", True),
        ("0.5", "string", "0.5"),
        ("1e3", "int", 1000),
    ],
)
async def test_one_series_is_one_value_of_the_facts_type(
    lab: Lab, server: PrometheusServer, result: Any, kind: ValueType, value: Value
) -> None:
    server.results["ratio"] = result

    assert (await lab.once(kind)).value == value


async def test_a_scalar_is_one_value(lab: Lab, server: PrometheusServer) -> None:
    body = b'{"status": "success", "data": {"resultType": "scalar", "result": [1, "0.5"]}}'
    server.results["ratio"] = Reply(200, body)

    assert (await lab.once()).value == 0.5


@pytest.mark.parametrize(
    ("result", "why"),
    [
        ([], "the query returns nothing"),
        ([{"a": "1"}, {"a": "2"}], "the query returns 2 series, and one is wanted"),
        ("NaN", "the query gives NaN"),
        ("+Inf", "'+Inf' is no number"),
        (refused("parse error: unexpected <eof>"), "parse error: unexpected <eof>"),
        (Reply(502, b"<html>"), "answered 502, not as Prometheus does"),
        (Reply(200, b'{"status": "success", "data": {}}'), "the answer has no result"),
        (
            Reply(200, b'{"status":"success","data":{"resultType":"matrix","result":[]}}'),
            "the query returns a matrix, and one value is wanted",
        ),
    ],
)
async def test_what_is_no_value_says_why(
    lab: Lab, server: PrometheusServer, result: Any, why: str
) -> None:
    server.results["ratio"] = result

    reading = await lab.once()

    assert (reading.value, reading.stale) == (None, True)
    assert why in reading.why


async def test_a_list_is_the_distinct_values_of_a_label_and_no_series_an_empty_one(
    lab: Lab, server: PrometheusServer
) -> None:
    lab.ops = queries(server.url, ratio=QuerySpec(server="main", query="down == 1", list="region"))
    server.results["down == 1"] = [{"region": "us"}, {"region": "eu"}, {"region": "us"}]
    assert (await lab.once("list")).value == ("eu", "us")

    lab.ops = queries(server.url, ratio=QuerySpec(server="main", query="up == 0", list="region"))
    assert (await lab.once("list")).value == ()


async def test_a_server_that_is_not_there_says_so(tmp_path: Path) -> None:
    lab = Lab(tmp_path, queries(f"http://127.0.0.1:{free_port()}", ratio="ratio"))

    assert "no connection" in (await lab.once()).why


async def test_a_query_that_was_removed_says_so_at_once(lab: Lab) -> None:
    lab.ops = Ops()

    assert (await lab.once()).why == "ops/queries.yaml has no query 'ratio'"


async def test_labels_stand_in_the_query_as_data(lab: Lab, server: PrometheusServer) -> None:
    lab.ops = queries(server.url, ratio='up{job="{{ labels.job }}"}')
    server.results['up{job="a\\x22b"}'] = 1

    assert (await lab.once(job='a"b')).value == 1
    assert (await lab.once()).why == "label 'job' is missing"


async def test_a_long_query_is_posted(lab: Lab, server: PrometheusServer) -> None:
    query = " + ".join(f"metric_number_{number}" for number in range(300))
    lab.ops = queries(server.url, ratio=query)
    server.results[query] = 3

    assert (await lab.once()).value == 3
    assert server.received()[0].method == "POST"


async def test_the_servers_secret_goes_along_and_into_no_text(
    lab: Lab, server: PrometheusServer
) -> None:
    auth = AuthPlan(secret="secret:prom")
    lab.ops = queries(server.url, ratio="ratio").model_copy(
        update={"servers": {"main": QueryServer(url=server.url, auth=auth)}}
    )
    server.results["ratio"] = refused("who is hush-hush?", 403)

    reading = await lab.once()

    assert server.received()[0].headers["authorization"] == "Bearer hush-hush"
    assert "hush" not in reading.why


async def test_a_json_answer_is_read_at_its_path(
    tmp_path: Path, hooks: WebhookReceiver, server: PrometheusServer
) -> None:
    hooks.replies["/depth"] = Reply(200, b'{"queue": {"depth": "12"}}')
    source = HttpSource(url=f"{hooks.url}/depth", path="body.queue.depth")
    fact = FactPlan(type="int", http=source, max_age=timedelta(0))
    lab = Lab(tmp_path, Ops(), http_allow="127.0.0.1")

    told = await lab.run(asked(fact, once=True))
    assert told.readings[0].value == 12

    hooks.replies["/depth"] = Reply(500)
    told = await lab.run(asked(fact, once=True))
    assert "answered 500" in told.readings[0].why


async def test_a_json_source_reaches_no_private_target_unless_allowed(
    tmp_path: Path, hooks: WebhookReceiver
) -> None:
    source = HttpSource(url=f"{hooks.url}/depth", path="body.depth")
    lab = Lab(tmp_path, Ops())

    told = await lab.run(asked(FactPlan(type="int", http=source, max_age=timedelta(0)), once=True))

    assert "loopback" in told.readings[0].why
    assert hooks.received() == []


# -- when something is told -------------------------------------------------------------


async def test_it_ends_with_the_first_value(lab: Lab, server: PrometheusServer) -> None:
    server.results["ratio"] = 0.01

    told = await lab.run(asked())

    assert [(one.fact, one.value) for one in told.readings] == [("f", 0.01)]
    assert told.watched["f"].read_at is not None


async def test_what_has_not_changed_is_asked_again_and_told_to_nobody(
    lab: Lab, server: PrometheusServer
) -> None:
    server.results["ratio"] = 0.01
    running = asyncio.create_task(lab.run(asked(known={"f": 0.02})))
    await server.expect(20)
    assert not running.done()

    server.results["ratio"] = 0.3
    assert [one.value for one in (await running).readings] == [0.3]


async def test_facts_that_change_together_are_told_together(
    lab: Lab, server: PrometheusServer
) -> None:
    lab.ops = queries(server.url, ratio="ratio", other="other")
    server.results |= {"ratio": 0.1, "other": 2}
    other = RATIO.model_copy(update={"query": "other"})

    told = await lab.run(asked(facts={"f": RATIO, "g": other}))

    assert {one.fact for one in told.readings} == {"f", "g"}


async def test_a_source_that_fails_leaves_the_others_alone(
    lab: Lab, server: PrometheusServer
) -> None:
    lab.ops = queries(server.url, ratio="ratio", other="other")
    server.results |= {"ratio": Reply(hang=True), "other": 2}
    other = RATIO.model_copy(update={"query": "other"})

    told = await lab.run(asked(facts={"f": RATIO, "g": other}))

    assert [one.fact for one in told.readings] == ["g"]


async def test_another_measurement_goes_on_counting_the_age(
    lab: Lab, server: PrometheusServer
) -> None:
    """The source had failed for long when another fact changed."""
    long_ago = datetime.now(UTC) - timedelta(minutes=1)

    told = await lab.run(asked(known={"f": 0.1}, watched={"f": Watched(good_at=long_ago)}))

    (reading,) = told.readings
    assert (reading.stale, reading.why) == (True, "the query returns nothing")
    assert reading.at == long_ago


async def test_a_try_after_a_worker_died_goes_on_where_the_last_beat_stood(
    lab: Lab, server: PrometheusServer
) -> None:
    import dataclasses

    long_ago = datetime.now(UTC) - timedelta(minutes=1)
    environment = ActivityEnvironment()
    stood = {"f": {"good_at": long_ago.isoformat()}}
    environment.info = dataclasses.replace(environment.info, heartbeat_details=[stood])

    told = await lab.run(asked(known={"f": 0.1}), environment)

    assert told.readings[0].at == long_ago


async def test_it_beats_from_the_start(lab: Lab, server: PrometheusServer) -> None:
    server.results["ratio"] = 0.01

    await lab.run(asked())

    assert lab.beats[0][0].keys() == {"f"}


async def test_a_worker_that_stops_hands_it_to_another_at_once(
    lab: Lab, server: PrometheusServer
) -> None:
    environment = ActivityEnvironment()
    running = asyncio.create_task(lab.run(asked(known={"f": 0.0}), environment))
    await server.expect(1)

    environment.worker_shutdown()

    with pytest.raises(ApplicationError, match="another goes on") as caught:
        await running
    assert not caught.value.non_retryable


async def test_the_same_question_of_many_incidents_is_asked_once(
    tmp_path: Path, server: PrometheusServer
) -> None:
    lab = Lab(tmp_path, queries(server.url, ratio="ratio"), shared_for_s=10)
    server.results["ratio"] = 0.5

    told = await asyncio.gather(*(lab.run(asked()) for _ in range(50)))

    assert {one.value for each in told for one in each.readings} == {0.5}
    assert server.asked("ratio") == 1


async def test_a_stepped_clock_decides_on_age_and_hold(lab: Lab, server: PrometheusServer) -> None:
    held = RATIO.model_copy(update={"hold": timedelta(minutes=5), "max_age": timedelta(minutes=3)})
    server.results["ratio"] = 0.3
    first = await lab.run(asked(held, known={"f": 0.1}, once=True, at=START))
    assert first.readings == ()

    later = START + timedelta(minutes=5)
    second = await lab.run(
        asked(held, known={"f": 0.1}, watched=first.watched, once=True, at=later)
    )
    assert [one.value for one in second.readings] == [0.3]
