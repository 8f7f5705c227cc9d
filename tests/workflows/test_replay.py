"""Incidents that run through an upgrade go on: what was recorded still replays.

A change of workflow code that fails here needs `workflow.patched`. Only while nothing
has been released may the histories be recorded anew instead: `make histories`.
"""

import json
import os
import re
import subprocess
import sys

import pytest

from tests.histories.recording import FOLDER
from tests.histories.replay import failure_of, recorded
from tests.histories.stories import OWN, SHIPPED
from tests.processes import ROOT

AT_MOST = 2_000_000

ENGINE = "history-service"
"""Who hands on a signal from one workflow to another: the engine itself."""


@pytest.mark.parametrize("seed", ["0", "42"])
def test_every_recorded_history_replays_under_another_order_of_sets(seed: str) -> None:
    """A set of strings iterated in a workflow breaks only in another process."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.histories.replay"],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == dict.fromkeys(recorded(), "")


async def test_an_effect_that_is_no_more_the_same_is_noticed() -> None:
    """The test of the test: pages that were sent under other keys do not replay."""
    text = recorded()["holder_gone.1.json"].replace("/push", "/sms")

    failure = await failure_of("holder_gone", text)

    assert "TMPRL1100" in failure


def test_every_story_is_recorded_and_all_of_it_is_small() -> None:
    names = {name.partition(".")[0] for name in recorded()}

    assert names == {*SHIPPED, *OWN}
    assert sum(file.stat().st_size for file in FOLDER.glob("*.json")) < AT_MOST


def test_recordings_name_neither_a_process_nor_its_machine() -> None:
    for name, text in recorded().items():
        assert set(re.findall(r'"identity": ?"([^"]*)"', text)) <= {"recorder", ENGINE}, name
        assert not re.search(r'"\d+@', text), name
