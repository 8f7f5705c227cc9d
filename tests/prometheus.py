"""Prometheus: a server of its shape on loopback, and Debian's own as a real process."""

import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

from domain.ops import Ops, QueryServer, QuerySpec
from tests.programs import program
from tests.receivers import Received, Reply, WebhookReceiver, free_port

QUERY_PATH = "/api/v1/query"


class PrometheusServer(WebhookReceiver):
    """Answers queries as `results` says, by PromQL: a number, series, or a whole reply."""

    def __init__(self) -> None:
        super().__init__()
        self.results: dict[str, float | str | list[dict[str, str]] | Reply] = {}

    def keep(self, one: Received) -> Reply:
        """Take a request in, and answer it as Prometheus would."""
        super().keep(one)
        place = urlsplit(one.path)
        if place.path != QUERY_PATH:
            return Reply(404, b"404 page not found")
        form = parse_qs(one.body.decode() or place.query)
        query = form.get("query", [""])[0]
        result = self.results.get(query, [])
        if isinstance(result, Reply):
            return result
        return Reply(200, json.dumps({"status": "success", "data": _data(result)}).encode())

    def asked(self, query: str) -> int:
        """How often the query was asked."""
        found = (parse_qs(one.body.decode() or urlsplit(one.path).query) for one in self.received())
        return sum(form.get("query") == [query] for form in found)


def _data(result: float | str | list[dict[str, str]]) -> dict[str, object]:
    if isinstance(result, list):
        series = [{"metric": one, "value": [time.time(), "1"]} for one in result]
        return {"resultType": "vector", "result": series}
    sample = {"metric": {"job": "api"}, "value": [time.time(), str(result)]}
    return {"resultType": "vector", "result": [sample]}


def refused(error: str, status: int = 400) -> Reply:
    """What Prometheus answers to a query that it cannot evaluate."""
    body = {"status": "error", "errorType": "bad_data", "error": error}
    return Reply(status, json.dumps(body).encode())


@contextmanager
def prometheus_server() -> Iterator[PrometheusServer]:
    """A server that listens, and is stopped at the end."""
    server = PrometheusServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()


def queries(url: str, **named: str | QuerySpec) -> Ops:
    """The file `ops/queries.yaml` with one server and these queries."""
    specs = {
        name: one if isinstance(one, QuerySpec) else QuerySpec(server="main", query=one)
        for name, one in named.items()
    }
    return Ops(servers={"main": QueryServer(url=url)}, queries=specs)


class Exporter(WebhookReceiver):
    """A program with metrics; `metrics` is what it says now."""

    def __init__(self) -> None:
        super().__init__()
        self.metrics: Mapping[str, float] = {}

    def keep(self, one: Received) -> Reply:
        """Answer a scrape."""
        super().keep(one)
        lines = [f"{name} {value}\n" for name, value in self.metrics.items()]
        kind = (("content-type", "text/plain; version=0.0.4"),)
        return Reply(200, "".join(lines).encode(), kind)


@contextmanager
def running_exporter() -> Iterator[Exporter]:
    """An exporter that listens, and is stopped at the end."""
    exporter = Exporter()
    exporter.start()
    try:
        yield exporter
    finally:
        exporter.stop()


@contextmanager
def running_prometheus(folder: Path, exporter: Exporter) -> Iterator[str]:
    """The address of Debian's Prometheus, which scrapes the exporter five times a second."""
    port = free_port()
    target = exporter.url.removeprefix("http://")
    (folder / "prometheus.yml").write_text(
        "global: { scrape_interval: 200ms, scrape_timeout: 200ms }\n"
        f"scrape_configs: [{{ job_name: app, static_configs: [{{ targets: ['{target}'] }}] }}]\n"
    )
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(
            [
                str(program("prometheus")),
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'prometheus'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _until_ready(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _until_ready(address: str, process: "subprocess.Popen[bytes]") -> None:
    """Wait until it answers, or say that it has ended."""
    while process.poll() is None:
        try:
            if httpx.get(f"{address}/-/ready").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"prometheus ended with {process.returncode}")
