"""Measuring in real processes outlives the worker that did it."""

from collections.abc import Iterator

import pytest

from tests.e2e.scene import Scene, a_playbook, until
from tests.prometheus import PrometheusServer, prometheus_server

pytestmark = [pytest.mark.engine, pytest.mark.kill]

QUERIES = """\
language: 1
servers: {{ main: {{ url: "{url}" }} }}
queries: {{ ratio: {{ query: ratio }} }}
"""

FACTS = """\
facts:
  ratio: { type: double, query: prometheus:ratio, every: 1s, max_age: 20s }
severity:
  default: SEV3
  rules:
    - set: SEV1
      when: facts.ratio >= 0.25
"""


@pytest.fixture
def server() -> Iterator[PrometheusServer]:
    """A server of Prometheus' shape."""
    with prometheus_server() as server:
        yield server


def test_a_worker_killed_while_it_measures_is_followed_by_another_that_goes_on(
    scene: Scene, server: PrometheusServer
) -> None:
    server.results["ratio"] = 0.01
    scene.write("ops/queries.yaml", QUERIES.format(url=server.url))
    scene.write("error_ratio.yaml", a_playbook("error_ratio", more=FACTS))
    scene.start()
    reference = scene.open("ErrorRatio")
    until(lambda: [one["value"] for one in scene.seen(reference)["facts"]] == [0.01])

    scene.copy.kill("worker")
    server.results["ratio"] = 0.31
    scene.copy.start("worker")
    until(lambda: scene.seen(reference)["severity"] == "SEV1")

    (fact,) = scene.seen(reference)["facts"]
    assert (fact["value"], fact["stale"]) == (0.31, False)
    assert "fact.stale" not in [entry["kind"] for entry in scene.whole_timeline(reference)]
