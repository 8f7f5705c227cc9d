"""A folder that is edited, broken and mended while incidents run."""

from typing import Any

import pytest

from tests.e2e.in_service import plan_hash, serve
from tests.e2e.scene import Scene, a_playbook, until

pytestmark = pytest.mark.engine

BROKEN = "language: 1\nname: broken_later\nescalation: [\n"


def test_a_running_incident_keeps_its_version_and_a_new_one_gets_the_edited_playbook(
    shared: Scene,
) -> None:
    first_text = a_playbook("edited", more="version: 1\n")
    serve(shared, edited=first_text)
    before = shared.open("Edited", service="old")
    old_hash = plan_hash(shared, "edited")

    serve(shared, edited=first_text.replace("version: 1", "version: 2\ntitle: Edited"))
    after = shared.open("Edited", service="new")
    shared.post({"status": "firing", **more_of("Edited", service="old")})

    old, new = shared.seen(before), shared.seen(after)
    assert (old["playbook_version"], old["plan_sha256"]) == (1, old_hash)
    assert (new["playbook_version"], new["plan_sha256"]) == (2, plan_hash(shared, "edited"))
    assert old["alerts"]["total"] == 2
    assert (old["title"], new["title"]) == ("Edited is down", "Edited")
    assert new["plan_sha256"] != old_hash


def more_of(alertname: str, service: str) -> dict[str, Any]:
    """Another alert of the same incident."""
    return {
        "labels": {"alertname": alertname, "service": service, "host": "b"},
        "annotations": {},
        "startsAt": "2026-11-22T03:01:00Z",
        "fingerprint": f"another-{alertname}",
    }


def test_a_broken_file_and_a_restart_leave_its_last_good_plan_in_service(scene: Scene) -> None:
    """API and worker are restarted on the broken file; health and metrics are loud."""
    scene.write("broken_later.yaml", a_playbook("broken_later", hold="1s", reopen_within="1s"))
    scene.write("sound.yaml", a_playbook("sound"))
    scene.start()
    good = plan_hash(scene, "broken_later"), plan_hash(scene, "sound")
    running = scene.open("BrokenLater", service="before")

    scene.write("broken_later.yaml", BROKEN)
    until(lambda: broken_files(scene) == 1)
    for name in ("api", "worker"):
        assert scene.copy.stop(name) == 0  # type: ignore[arg-type]
    scene.copy.start("worker", "api")

    assert (plan_hash(scene, "broken_later"), plan_hash(scene, "sound")) == good
    again = scene.open("BrokenLater", service="after")
    scene.until_paged(again, "first")
    scene.until_paged(scene.open("Sound"), "first")
    assert scene.seen(again)["plan_sha256"] == good[0]
    assert scene.seen(running)["phase"] == "triggered"
    assert broken_files(scene) == 1
    ready = scene.http.get("/readyz")
    (said,) = [one for one in ready.json()["checks"] if one["name"] == "broken file"]
    assert ready.status_code == 200
    assert "broken_later.yaml" in said["detail"]
    assert "last good" in said["detail"]
    serve(scene, broken_later=a_playbook("broken_later", more="version: 2\n"))
    assert broken_files(scene) == 0


def broken_files(scene: Scene) -> int:
    """How many files do not compile, as the metrics say."""
    lines = scene.http.get("/metrics").text.splitlines()
    name = "watchbill_catalog_broken_files "
    return next(int(float(one.removeprefix(name))) for one in lines if one.startswith(name))
