"""A broken playbook file and a restart: it serves its last good plan, and says so."""

import re

import pytest

from tests.e2e.scene import Scene, a_playbook, until

pytestmark = pytest.mark.engine

BROKEN = "language: 1\nname: disk_full\npage: [schedule:nobody\n"


def broken_files(scene: Scene) -> float:
    """What the metrics say."""
    text = scene.http.get("/metrics").text
    found = re.search(r"^watchbill_catalog_broken_files (\S+)$", text, re.MULTILINE)
    assert found is not None
    return float(found[1])


def test_broken_file_serves_its_last_good_plan_over_a_restart_and_others_are_untouched(
    scene: Scene,
) -> None:
    """Behaviour 50."""
    scene.write("disk_full.yaml", a_playbook("disk_full"))
    scene.write("cert_expired.yaml", a_playbook("cert_expired"))
    scene.start()
    good = scene.seen(scene.open("DiskFull", service="before"))["plan_sha256"]

    scene.write("disk_full.yaml", BROKEN)
    until(lambda: broken_files(scene) == 1)
    for name in ("worker", "api"):
        scene.copy.stop(name)
        scene.copy.start(name)

    broken = scene.seen(scene.open("DiskFull", service="after"))
    other = scene.open("CertExpired")
    for reference in (broken["reference"], other):
        scene.until_paged(reference, "first")
    ready = scene.http.get("/readyz")
    checks = [one for one in ready.json()["checks"] if one["name"] == "broken file"]
    assert broken["plan_sha256"] == good
    assert ready.status_code == 200
    assert [one["ok"] for one in checks] == [False]
    assert "disk_full.yaml" in checks[0]["detail"]
    assert "last good" in checks[0]["detail"]
    assert broken_files(scene) == 1

    scene.write("disk_full.yaml", a_playbook("disk_full", ack_within="2h"))
    until(lambda: broken_files(scene) == 0)
    mended = scene.seen(scene.open("DiskFull", service="mended"))
    assert mended["plan_sha256"] != good
