"""A real Prometheus is asked by real processes, and the severity follows what it says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.in_service import serve
from tests.e2e.scene import Scene, a_playbook, until
from tests.prometheus import Exporter, running_exporter, running_prometheus

pytestmark = [pytest.mark.engine, pytest.mark.prometheus]

QUERIES = """\
language: 1
servers:
  main: {{ url: "{url}" }}
queries:
  error_ratio: {{ query: 'sum(failed{{job="{{{{ labels.job }}}}"}}) / sum(asked)' }}
  regions_down: {{ query: "region_up == 0", list: region }}
"""

FACTS = """\
facts:
  error_ratio: { type: double, query: prometheus:error_ratio, every: 1s, max_age: 5s }
  regions_down: { type: list, query: prometheus:regions_down, every: 1s, max_age: 5s }
severity:
  default: SEV3
  rules:
    - set: SEV1
      when: facts.error_ratio >= 0.25
    - set: SEV2
      when: size(facts.regions_down) >= 1
"""

CALM = {"failed": 1, "asked": 100, 'region_up{region="eu"}': 1, 'region_up{region="us"}': 1}


@pytest.fixture
def exporter() -> Iterator[Exporter]:
    """A program with metrics, all well."""
    with running_exporter() as exporter:
        exporter.metrics = CALM
        yield exporter


@pytest.fixture
def prometheus(exporter: Exporter, tmp_path: Path) -> Iterator[str]:
    """A Prometheus that scrapes the program."""
    with running_prometheus(tmp_path, exporter) as address:
        yield address


def facts(scene: Scene, reference: str) -> dict[str, object]:
    """What the incident knows, by name; a stale fact is its reason."""
    shown = scene.seen(reference)["facts"]
    return {one["name"]: one["why"] if one["stale"] else one["value"] for one in shown}


def test_the_severity_follows_what_a_real_prometheus_says_and_stale_is_said_when_it_is_gone(
    shared: Scene, exporter: Exporter, prometheus: str
) -> None:
    shared.write("ops/queries.yaml", QUERIES.format(url=prometheus))
    serve(shared, error_ratio=a_playbook("error_ratio", more=FACTS))

    reference = shared.open("ErrorRatio", job="app")
    shared.until_paged(reference, "first")
    until(lambda: facts(shared, reference) == {"error_ratio": 0.01, "regions_down": []})
    assert shared.seen(reference)["severity"] == "SEV3"

    exporter.metrics = CALM | {'region_up{region="us"}': 0}
    until(lambda: shared.seen(reference)["severity"] == "SEV2")
    assert facts(shared, reference)["regions_down"] == ["us"]

    exporter.metrics = CALM | {"failed": 31}
    until(lambda: shared.seen(reference)["severity"] == "SEV1")
    assert facts(shared, reference)["error_ratio"] == 0.31

    exporter.metrics = {}
    until(lambda: facts(shared, reference)["error_ratio"] == "the query returns nothing")
    assert shared.seen(reference)["severity"] == "SEV1"
    told = [one["text"] for one in shared.timeline(reference) if one["kind"] == "fact"]
    assert "Fact error_ratio: 0.01 → 0.31 (measured)." in told
