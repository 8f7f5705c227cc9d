"""An incident followed live: a snapshot, then every entry once, resumable."""

import json
from collections.abc import Iterator
from typing import Any

import httpx

from tests.api.conftest import OPENED, REFERENCE, Api, a_view, an_entry

EVENTS = f"/v1/incidents/{REFERENCE}/events"


def _events(response: httpx.Response) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    """`(event, id, data)` of each event as it comes."""
    fields: dict[str, str] = {}
    for line in response.iter_lines():
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield fields["event"], fields.get("id"), json.loads(fields["data"])
            fields = {}


def test_a_watcher_gets_a_snapshot_then_each_entry_until_the_incident_closes(api: Api):
    api.record(a_view(seq=1), an_entry(1))
    with api.client() as client, client.stream("GET", EVENTS) as response:
        events = _events(response)
        snapshot = next(events)
        api.record(a_view(seq=2, phase="acknowledged"), an_entry(2, "Ann Berg is on it."))
        entry, change = next(events), next(events)
        api.record(a_view(seq=3, phase="closed", closed_at=OPENED), an_entry(3))
        rest = [event[:2] for event in events]

    assert response.headers["content-type"].startswith("text/event-stream")
    assert (snapshot[0], snapshot[1], snapshot[2]["reference"]) == ("snapshot", "1", REFERENCE)
    assert (entry[0], entry[1], entry[2]["text"]) == ("timeline", "2", "Ann Berg is on it.")
    assert (change[0], change[2]["phase"]) == ("incident", "acknowledged")
    assert rest == [("timeline", "3"), ("incident", None), ("closed", None)]


def test_a_watcher_who_comes_back_misses_nothing(api: Api):
    api.record(a_view(seq=4), *(an_entry(seq) for seq in range(1, 5)))
    headers = {"Last-Event-ID": "2"}
    with api.client() as client, client.stream("GET", EVENTS, headers=headers) as response:
        events = _events(response)
        seen = [next(events)[:2] for _ in range(3)]

    assert seen == [("snapshot", None), ("timeline", "3"), ("timeline", "4")]


def test_a_watcher_of_a_closed_incident_who_has_it_all_is_told_not_to_come_back(api: Api):
    api.record(a_view(seq=2, phase="closed", closed_at=OPENED), an_entry(1), an_entry(2))
    with api.client() as client:
        assert client.get(EVENTS, headers={"Last-Event-ID": "2"}).status_code == 204


def test_an_unknown_incident_cannot_be_followed(api: Api):
    with api.client() as client:
        assert client.get("/v1/incidents/INC-000000/events").status_code == 404
