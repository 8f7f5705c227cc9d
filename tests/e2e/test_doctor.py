"""`watchbill doctor` on a running copy: well, and with a part missing."""

import json
import subprocess
import sys
from typing import Any

import pytest

from cli.environment import environment_for
from tests.e2e.scene import Scene
from tests.processes import ROOT

pytestmark = pytest.mark.engine


def doctor(scene: Scene, *options: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Its exit status, and what it found by name."""
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "doctor", "--json", *options],
        cwd=ROOT,
        env=environment_for(scene.copy.settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, {each["name"]: each for each in json.loads(done.stdout)}


def test_the_doctor_finds_nothing_to_mend_on_a_running_copy_and_names_a_missing_part(
    scene: Scene,
):
    scene.start()

    status, well = doctor(scene)
    scene.copy.stop("api")
    after, ill = doctor(scene)

    assert status == 0
    assert well["engine"]["state"] == well["search attributes"]["state"] == "ok"
    assert well["workers on watchbill-paging"]["state"] == "ok"
    assert well["workers on watchbill-automation"]["state"] == "ok"
    assert well["API"]["state"] == well["clock"]["state"] == well["ledger"]["state"] == "ok"
    assert well["public address"]["state"] == "warning"
    assert after == 1
    assert ill["API"]["state"] == "failure"
    assert "watchbill api" in ill["API"]["mend"]


def test_with_page_the_doctors_own_phone_proves_the_last_step(scene: Scene):
    """The receiver has the test page, and the findings say so."""
    scene.start()

    status, found = doctor(scene, "--page", "--as", "first")

    assert status == 0
    assert found["test page"]["state"] == "ok"
    assert found["test page"]["detail"] == "webhook: delivered"
    (page,) = [one.json() for one in scene.hooks.received("/first")]
    assert page["reference"].startswith("TEST-")
