"""What stories make the engine do is what is written down: activities, timers, texts.

A replay notices neither a changed timer nor a changed text. `make histories` writes both
down anew, the histories and the `.txt` beside them; look at the difference.
"""

import os

import pytest

from tests.histories.recording import FOLDER, commands, commands_by_moment, runs_of, save
from tests.histories.stories import OWN, SHIPPED
from tests.stage import Stage, Story

pytestmark = pytest.mark.engine

RECORD = os.environ.get("RECORD_HISTORIES") == "1"


async def written_down(name: str, story: Story) -> tuple[str, str]:
    """The commands of this story as they were written down, and as they are."""
    runs = await runs_of(story)
    found = commands_by_moment(runs) if story.clock.stepped else commands(runs, story.clock.speed)
    file = FOLDER / f"{name}.txt"
    if RECORD:
        save(name, runs)
        file.write_text(found)
    if runs[-1].events[-1].HasField("workflow_task_completed_event_attributes"):
        await story.workflow.terminate()
    return file.read_text(), found


@pytest.mark.parametrize("name", SHIPPED)
async def test_shipped_playbook_does_what_is_written_down(name: str, shipped_stage: Stage) -> None:
    story = await SHIPPED[name](shipped_stage)

    was, found = await written_down(name, story)

    assert found == was


@pytest.mark.parametrize("name", OWN)
async def test_story_does_what_is_written_down(name: str, small_stage: Stage) -> None:
    story = await OWN[name](small_stage)

    was, found = await written_down(name, story)

    assert found == was
