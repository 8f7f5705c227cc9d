"""A heartbeat from its first beat to its page and back, through real processes."""

from typing import Any

import pytest

from tests.e2e.in_service import opened_by, serve
from tests.e2e.scene import Scene, until

pytestmark = [pytest.mark.engine, pytest.mark.kill]

CANARY = """\
language: 1
name: canary_silent
owner: team:storage
triggers:
  - heartbeat: { name: payments_canary, missing_after: 10s }
  - heartbeat: { name: never_seen, missing_after: 5m }
severity: { default: SEV2 }
page: [schedule:first, schedule:second]
resolve: { when: alerts.firing == 0, hold: 0s, confirm: { else: nobody } }
"""


def state_of(scene: Scene, name: str) -> dict[str, Any]:
    """The heartbeat as the API lists it."""
    items = scene.http.get("/v1/heartbeats").json()["items"]
    found: dict[str, Any] = next(one for one in items if one["name"] == name)
    return found


def has_state(scene: Scene, name: str, state: str) -> bool:
    """Whether the heartbeat stands so."""
    return bool(state_of(scene, name)["state"] == state)


def test_beat_silence_page_beat_resolved(scene: Scene) -> None:
    scene.write("canary_silent.yaml", CANARY)
    scene.start()
    serve(scene)
    never = state_of(scene, "payments_canary")

    first = scene.http.post("/v1/heartbeats/payments_canary", json={"note": "all well"})
    beating = state_of(scene, "payments_canary")
    reference = str(until(lambda: opened_by(scene, "canary_silent")))
    pages = scene.until_paged(reference, "first")
    missing = state_of(scene, "payments_canary")
    second = scene.http.put("/v1/heartbeats/payments_canary")
    ended = scene.until_phase(reference, "resolved")

    assert never["state"] == "never"
    assert state_of(scene, "never_seen")["state"] == "never"
    assert (first.status_code, second.status_code) == (202, 202)
    assert beating["state"] == "beating"
    assert missing["state"] == "missing"
    assert has_state(scene, "payments_canary", "beating")
    assert pages[0].body["title"].startswith("Heartbeat payments_canary is missing")
    assert pages[0].at.isoformat() >= beating["missing_at"]
    assert ended["severity"] == "SEV2"
    assert ended["alerts"]["firing"] == 0


def test_beats_while_no_worker_runs_are_no_silence(scene: Scene) -> None:
    scene.write("canary_silent.yaml", CANARY)
    scene.start()
    due = beat(scene)["missing_at"]
    until(lambda: has_state(scene, "payments_canary", "beating"))

    scene.copy.kill("worker")
    while_away = state_of(scene, "payments_canary")
    last = until(lambda: one if (one := beat(scene))["received_at"] > due else None)
    scene.copy.start("worker")
    back = until(lambda: heard(scene, last["received_at"]))

    assert while_away["state"] == "unknown"
    assert back["state"] == "beating"
    assert opened_by(scene, "canary_silent") is None


def beat(scene: Scene) -> dict[str, Any]:
    """One beat, and what it is answered."""
    answer = scene.http.post("/v1/heartbeats/payments_canary")
    assert answer.status_code == 202, answer.text
    said: dict[str, Any] = answer.json()
    return said


def heard(scene: Scene, last: str) -> dict[str, Any] | None:
    """The heartbeat, once its workflow knows of this beat."""
    seen = state_of(scene, "payments_canary")
    return seen if seen["last_beat_at"] == last else None
