"""The town around the library's stories: one server plays every machine that answers HTTP.

It plays a deploy service, a status page, a router, a Prometheus, a push server and an
Alertmanager. Prometheus answers by the name of the query, found by its text in
`ops/queries.yaml`, so the PromQL that reaches it is the shipped one.
"""

import json
import re
from urllib.parse import parse_qs, urlsplit

from domain.ops import Ops
from tests.receivers import Received, Reply, WebhookReceiver

Measured = float | bool | list[str] | None
"""What a query finds: one number, the labels' values of several results, or nothing."""


class Town(WebhookReceiver):
    """`replies` maps a path without its query; `measured` says what each query finds."""

    def __init__(self) -> None:
        super().__init__()
        self.measured: dict[str, Measured] = {}
        self._queries: list[tuple[str, re.Pattern[str], str]] = []

    def learn(self, ops: Ops) -> None:
        """Know the queries by their text, whatever labels stand in it."""
        for name, spec in ops.queries.items():
            parts = re.split(r"\{\{.*?\}\}", spec.query.strip())
            pattern = re.compile("[^{}]*?".join(map(re.escape, parts)), re.DOTALL)
            self._queries.append((name, pattern, spec.list or ""))

    def keep(self, one: Received) -> Reply:
        """Take a request in; measure, or answer as the path says."""
        super().keep(one)
        asked = urlsplit(one.path)
        if asked.path != "/api/v1/query":
            return self.replies.get(asked.path, Reply())
        text = asked.query or one.body.decode()
        return self._measure(parse_qs(text)["query"][0].strip())

    def _measure(self, query: str) -> Reply:
        for name, pattern, label in self._queries:
            if pattern.fullmatch(query):
                return _vector(self.measured.get(name), label)
        body = {"status": "error", "errorType": "bad_data", "error": f"unknown query: {query}"}
        return Reply(status=400, body=json.dumps(body).encode())


def _vector(found: Measured, label: str) -> Reply:
    if found is None:
        results = []
    elif isinstance(found, list):
        results = [{"metric": {label: each}, "value": [0, "1"]} for each in found]
    else:
        results = [{"metric": {}, "value": [0, str(float(found))]}]
    data = {"status": "success", "data": {"resultType": "vector", "result": results}}
    return Reply(body=json.dumps(data).encode())


def a_json(value: object, status: int = 200) -> Reply:
    """A JSON answer."""
    return Reply(status=status, body=json.dumps(value).encode())
