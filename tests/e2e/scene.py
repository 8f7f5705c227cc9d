"""A copy of the product as real processes, with a small roster that real receivers hear.

Everybody in the roster (`first`, `second`, `manager`, `ann`, `bo`) has a webhook that is
a path of the receiver: `/first` and so on. `schedule:first` is first's, and alike.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from settings import Settings
from tests.processes import Processes, processes, settings_for
from tests.receivers import Received, WebhookReceiver

T = TypeVar("T")

PEOPLE = ("first", "second", "manager", "ann", "bo")
PATIENCE_S = 30.0
FROM = "from: 2024-01-01"

HOUSE = """\
language: 1
fallback: anything_else
"""

FALLBACK = """\
language: 1
name: anything_else
owner: team:storage
page: [schedule:first, schedule:second]
"""

PLAYBOOK = """\
language: 1
name: {name}
owner: team:storage
on_alert: {{ alertname: {alertname} }}
dedup: {{ key: "{{{{ labels.service }}}}", reopen_within: {reopen_within} }}
escalation:
  ack_within: {{ else: {ack_within} }}
  levels:
    - [schedule:first]
    - [schedule:second]
  repeat: {repeat}
  exhausted: {{ page: [user:manager], again_every: {{ else: never }} }}
resolve: {{ when: alerts.firing == 0, hold: {hold}, confirm: {{ else: nobody }} }}
{more}"""


def a_playbook(name: str, **fields: Any) -> str:
    """A playbook for alerts named like it in camel case, with these values."""
    alertname = "".join(part.capitalize() for part in name.split("_"))
    values = {
        "alertname": alertname,
        "ack_within": "1h",
        "repeat": 0,
        "reopen_within": "30m",
        "hold": "5m",
        "more": "",
    }
    return PLAYBOOK.format(name=name, **(values | fields))


def a_roster(url: str, people: tuple[str, ...] = PEOPLE, **contacts: str) -> str:
    """The roster; `contacts` replaces a person's contact line."""
    lines = ["language: 1", "users:"]
    for person in people:
        contact = contacts.get(person, f'{{ webhook: "{url}/{person}" }}')
        lines.append(f"  {person}: {{ name: {person.capitalize()}, contact: {contact} }}")
    lines.append("teams:")
    lines.append(f"  storage: {{ members: [{', '.join(people)}], manager: {people[-1]} }}")
    lines.append("schedules:")
    for person in people[:3]:
        lines += [
            f"  {person}:",
            "    tz: UTC",
            f'    rotate: {{ users: [{person}], every: week, hands_over: "monday 09:00", {FROM} }}',
        ]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Page:
    """A page as it reached the receiver; `at` is a real, aware moment."""

    person: str
    key: str
    level: str
    reference: str
    at: datetime
    body: dict[str, Any]


class Scene:
    """One copy of the product, its folder of playbooks and its receiver."""

    def __init__(self, copy: Processes, folder: Path, hooks: WebhookReceiver) -> None:
        self.copy = copy
        self.folder = folder
        self.hooks = hooks
        self.http = httpx.Client(
            base_url=copy.api_url, headers={"Authorization": f"Bearer {copy.key}"}, timeout=30
        )
        self.write("house.yaml", HOUSE)
        self.write("anything_else.yaml", FALLBACK)
        self.write("roster/storage.yaml", a_roster(hooks.url))

    def write(self, path: str, text: str) -> None:
        """Put a file into the folder of playbooks, whole at once."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        unready = file.with_suffix(".part")
        unready.write_text(text)
        unready.replace(file)

    def start(self) -> None:
        """Engine, worker and API, ready."""
        self.copy.start("engine")
        self.copy.begin("worker")
        self.copy.start("api")
        self.copy.wait_until_ready("worker")

    # -- alerts -------------------------------------------------------------------

    def post(self, *alerts: dict[str, Any]) -> dict[str, Any]:
        """The answer to these alerts, sent as Alertmanager does."""
        answer = self.http.post("/v1/alerts/alertmanager", json=a_webhook(*alerts))
        assert answer.status_code == 202, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def open(self, alertname: str, **labels: str) -> str:
        """The reference of the incident that an alert of this name has opened."""
        answer = self.post(an_alert(alertname, **labels))["alerts"][0]
        assert answer["outcome"] == "opened", answer
        return str(answer["reference"])

    # -- incidents ----------------------------------------------------------------

    def incident(self, reference: str) -> dict[str, Any]:
        """The incident as the API has it."""
        answer = self.http.get(f"/v1/incidents/{reference}")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def seen(self, reference: str) -> dict[str, Any]:
        """The incident as its workflow has it, once that answers."""
        return until(lambda: fresh if (fresh := self.incident(reference))["fresh"] else None)

    def timeline(self, reference: str) -> list[dict[str, Any]]:
        """The record so far."""
        answer = self.http.get(f"/v1/incidents/{reference}/timeline", params={"limit": 1000})
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def whole_timeline(self, reference: str) -> list[dict[str, Any]]:
        """The record, once it has caught up with the incident."""

        def whole() -> list[dict[str, Any]] | None:
            view, items = self.seen(reference), self.timeline(reference)
            return items if items and items[-1]["seq"] == view["seq"] else None

        return until(whole)

    def until_phase(self, reference: str, phase: str) -> dict[str, Any]:
        """The incident, once it is in this phase."""

        def there() -> dict[str, Any] | None:
            found = self.incident(reference)
            return found if found["phase"] == phase else None

        return until(there)

    def due(self, reference: str, name: str = "level/escalation") -> datetime:
        """When this deadline is due, once the incident has it."""

        def found() -> datetime | None:
            for one in self.incident(reference)["deadlines"]:
                if one["name"] == name:
                    return datetime.fromisoformat(one["at"])
            return None

        return until(found)

    def say(
        self, who: str, reference: str, command: str, *, key: str | None = None, **body: Any
    ) -> httpx.Response:
        """A person's command over the API."""
        headers = {"X-Watchbill-Actor": who, "Idempotency-Key": key or uuid4().hex}
        return self.http.post(
            f"/v1/incidents/{reference}/{command}", json=body or None, headers=headers
        )

    # -- what reached people --------------------------------------------------------

    def pages(self, reference: str, person: str | None = None) -> list[Page]:
        """The pages of this incident, in order of arrival; one person's if given."""
        return [
            page
            for page in (_page(one) for one in self.hooks.received() if "webhook-id" in one.headers)
            if page.reference == reference
            and page.body["kind"] == "page"
            and person in (None, page.person)
        ]

    def until_paged(self, reference: str, person: str, count: int = 1) -> list[Page]:
        """The person's pages of this incident, once there are so many."""

        def paged() -> list[Page] | None:
            found = self.pages(reference, person)
            return found if len(found) >= count else None

        return until(paged, lambda: f"{person} of {reference}: {self.pages(reference)}")

    def histories(self, workflow_id: str) -> str:
        """Every event of the workflow as JSON, as the engine exports it."""
        import asyncio

        from temporalio.client import Client

        async def fetch() -> str:
            client = await Client.connect(self.copy.temporal_address)
            history = await client.get_workflow_handle(workflow_id).fetch_history()
            return history.to_json()

        return asyncio.run(fetch())


def until(
    look: Callable[[], T | None], why: Callable[[], str] = str, *, patience_s: float = PATIENCE_S
) -> T:
    """What `look` finds, as soon as it is not None and not False."""
    deadline = time.monotonic() + patience_s
    while True:
        found = look()
        if found is not None and found is not False:
            return found
        assert time.monotonic() < deadline, why() or "it never came"
        time.sleep(0.02)


def an_alert(alertname: str, *, status: str = "firing", **fields: str) -> dict[str, Any]:
    """One alert of Alertmanager; `fingerprint`, `starts_at` and `summary` are its own."""
    own = {name: fields.pop(name, None) for name in ("fingerprint", "starts_at", "summary")}
    labels = {"alertname": alertname, "service": alertname.lower(), **fields}
    return {
        "status": status,
        "labels": labels,
        "annotations": {"summary": own["summary"] or f"{alertname} is down"},
        "startsAt": own["starts_at"] or "2026-11-22T03:00:00Z",
        "fingerprint": own["fingerprint"] or f"fp-{json.dumps(labels, sort_keys=True)}",
    }


def a_webhook(*alerts: dict[str, Any]) -> dict[str, Any]:
    """A body of Alertmanager's webhook, version 4."""
    return {"version": "4", "status": "firing", "groupKey": "{}", "alerts": list(alerts)}


def _page(one: Received) -> Page:
    body = one.json()
    passed = time.monotonic() - one.at
    return Page(
        person=one.path.strip("/"),
        key=body["key"],
        level=body.get("level") or "",
        reference=body["reference"],
        at=datetime.fromtimestamp(time.time() - passed, UTC),
        body=body,
    )


@contextmanager
def a_scene(data_dir: Path, hooks: WebhookReceiver, **changes: object) -> Iterator[Scene]:
    """A copy with nothing running yet, all of it ended at the end."""
    settings: Settings = settings_for(
        data_dir / "data", playbooks=data_dir / "playbooks", send_timeout_s=2.0, **changes
    )
    with processes(settings) as copy:
        scene = Scene(copy, data_dir / "playbooks", hooks)
        try:
            yield scene
        finally:
            scene.http.close()
