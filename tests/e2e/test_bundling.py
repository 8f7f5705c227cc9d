"""Forty incidents page one person across two worker processes; workers die while pages gather."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.scene import Scene, a_playbook, a_roster, a_scene, an_alert, until
from tests.processes import Processes, processes
from tests.receivers import Received, WebhookReceiver

pytestmark = [pytest.mark.engine, pytest.mark.kill]

WINDOW_S = 40.0


def with_person(scene: Scene, seconds: float) -> Scene:
    """The scene with a playbook for `DiskFull`; `first` has push, and `/sms` so much later."""
    hooks = scene.hooks
    contact = f'{{ push: "{hooks.ntfy}/push", webhook: "{hooks.url}/sms" }}'
    rules = f"notify: {{ high: [push, {{ after: {seconds:.0f}s, via: webhook }}] }}"
    scene.write("roster/storage.yaml", a_roster(hooks.url, first=f"{contact}, {rules}"))
    scene.write("disk_full.yaml", a_playbook("disk_full"))
    return scene


@pytest.fixture
def two_workers(tmp_path: Path, hooks: WebhookReceiver) -> Iterator[Scene]:
    """A running copy with a second worker process beside the first."""
    with a_scene(tmp_path, hooks, bundle_window_s=WINDOW_S, link_secret="shared") as scene:
        with_person(scene, WINDOW_S).start()
        own = scene.copy.settings
        with processes(
            own.model_copy(
                update={"data_dir": tmp_path / "second", "ledger_url": own.ledger_address}
            )
        ) as second:
            second.start("worker")
            yield scene


def title(page: Received) -> str:
    """What a push says, without severity and reference."""
    return page.headers["title"].split("] ")[1].rpartition(" (")[0]


def disks(scene: Scene, count: int) -> list[str]:
    """The references of so many incidents, opened by one request."""
    alerts = [
        an_alert("DiskFull", service=f"db-{number}", summary=f"Disk full db-{number}")
        for number in range(count)
    ]
    return [str(one["reference"]) for one in scene.post(*alerts)["alerts"]]


@pytest.mark.timeout(300)
def test_forty_incidents_are_one_push_at_once_one_bundle_one_text_and_one_answer(
    two_workers: Scene,
) -> None:
    """Durable and across processes; the link on the bundle acknowledges all of them."""
    scene = two_workers
    disks(scene, 40)
    first, bundle = scene.hooks.wait_for(2, path="/push", timeout_s=120)
    (text,) = scene.hooks.wait_for(1, path="/sms", timeout_s=120)
    tapped = scene.http.post(f"{bundle.headers['click']}/acknowledge")
    found = scene.http.get("/v1/incidents", params={"phase": "acknowledged", "limit": 100})

    assert re.fullmatch(r"Disk full db-\d+", title(first))
    assert re.fullmatch(r"Disk full db-\d+ \+39 more", title(bundle)), "any may lead it"
    assert re.fullmatch(r"Disk full db-\d+ \+39 more", text.json()["headline"])
    assert tapped.status_code == 200
    assert "All 40 incidents are acknowledged." in tapped.text
    until(lambda: len(_acknowledged(scene)) == 40, lambda: found.text, patience_s=60)
    assert len(scene.hooks.received("/push")) == 2
    assert len(scene.hooks.received("/sms")) == 1


def _acknowledged(scene: Scene) -> list[object]:
    params = {"phase": "acknowledged", "limit": 100}
    items: list[object] = scene.http.get("/v1/incidents", params=params).json()["items"]
    return items


@pytest.fixture
def one_worker(tmp_path: Path, hooks: WebhookReceiver) -> Iterator[Scene]:
    """A copy whose pages gather; nothing runs yet."""
    with a_scene(tmp_path, hooks, bundle_window_s=6.0) as scene:
        yield with_person(scene, 60)


def test_a_worker_killed_while_pages_gather_costs_none_of_them(one_worker: Scene) -> None:
    """The window ends while no worker runs: the bundle leaves when one returns."""
    scene = one_worker
    scene.start()
    references = disks(scene, 4)
    (first,) = scene.hooks.wait_for(1, path="/push")
    for reference in references:
        until(lambda reference=reference: _is_paged(scene, reference))

    copy: Processes = scene.copy
    copy.kill("worker")
    copy.start("worker")
    _, bundle = scene.hooks.wait_for(2, path="/push", timeout_s=80)

    assert title(bundle).endswith(" +3 more")
    assert title(first) in [f"Disk full db-{number}" for number in range(4)]
    for reference in references:
        until(lambda reference=reference: _state(scene, reference) == "delivered")
    assert len(scene.hooks.received("/push")) == 2


def _is_paged(scene: Scene, reference: str) -> bool:
    return _state(scene, reference) in ("gathered", "delivered")


def _state(scene: Scene, reference: str) -> str:
    paged = scene.seen(reference)["paged"]
    return str(paged[0]["state"]) if paged else ""
