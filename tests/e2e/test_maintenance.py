"""Maintenance through real processes, also while a worker is dead."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.scene import Scene, a_playbook, an_alert, until

pytestmark = [pytest.mark.engine, pytest.mark.kill]


def begin(scene: Scene, seconds: float) -> dict[str, Any]:
    """Maintenance of the service `diskfull` from now on."""
    end = datetime.now(UTC) + timedelta(seconds=seconds)
    body = {"service": "diskfull", "until": end.isoformat(), "reason": "db upgrade"}
    answer = scene.http.post("/v1/maintenance", json=body, headers={"X-Watchbill-Actor": "manager"})
    assert answer.status_code == 200, answer.text
    window: dict[str, Any] = answer.json()["window"]
    return window


def suppressed(scene: Scene, **labels: str) -> str:
    """The reference of the incident that this alert opens under maintenance."""
    became = scene.post(an_alert("DiskFull", **labels))["alerts"][0]
    assert became["outcome"] == "suppressed", became
    return str(became["reference"])


def a_running(scene: Scene) -> Scene:
    """The scene with one playbook for `DiskFull`."""
    scene.write("disk_full.yaml", a_playbook("disk_full", hold="0s"))
    scene.start()
    return scene


def listed(scene: Scene, phase: str) -> list[str]:
    """The references of a list."""
    items = scene.http.get("/v1/incidents", params={"phase": phase}).json()["items"]
    return [str(one["reference"]) for one in items]


def test_a_window_that_ends_while_no_worker_runs_pages_once_at_its_return(scene: Scene) -> None:
    a_running(scene)
    window = begin(scene, 4)
    reference = suppressed(scene)
    scene.until_phase(reference, "suppressed")

    scene.copy.kill("worker")
    ends = datetime.fromisoformat(window["ends_at"])
    until(lambda: datetime.now(UTC) > ends + timedelta(seconds=6))
    meanwhile = scene.pages(reference)
    scene.copy.start("worker")
    scene.until_paged(reference, "first")
    scene.say("first", reference, "acknowledge")

    kinds = [one["kind"] for one in scene.whole_timeline(reference)]
    assert meanwhile == []
    assert [page.person for page in scene.pages(reference)] == ["first"]
    assert kinds.count("triggered") == 1
    assert "late" in kinds


def test_what_resolves_before_the_end_never_pages_and_an_early_end_pages_at_once(
    scene: Scene,
) -> None:
    a_running(scene)
    window = begin(scene, 3600)
    first = suppressed(scene, fingerprint="f1")
    held = until(lambda: listed(scene, "suppressed") or None)
    open_now = listed(scene, "open")
    scene.post(an_alert("DiskFull", status="resolved", fingerprint="f1"))
    closed = scene.until_phase(first, "closed")
    scene.post(an_alert("DiskFull", fingerprint="f2"))
    second = str(until(lambda: next(iter(listed(scene, "suppressed")), None)))
    repeat = scene.post(an_alert("DiskFull", fingerprint="f2"))["alerts"][0]

    scene.http.post(f"/v1/maintenance/{window['id']}/renew", json={"for": "2h"})
    moved = until(lambda: _later(scene, second, window["ends_at"]))
    ended = scene.http.post(f"/v1/maintenance/{window['id']}/end").json()
    pages = scene.until_paged(second, "first")

    assert open_now == []
    assert held == [first]
    assert scene.pages(first) == []
    assert closed["phase"] == "closed"
    assert repeat["outcome"] == "suppressed"
    assert moved
    assert "what still fires pages now" in ended["sentence"]
    assert len(pages) == 1


def _later(scene: Scene, reference: str, than: str) -> bool:
    due = scene.due(reference, "maintenance")
    return due > datetime.fromisoformat(than) + timedelta(minutes=30)
