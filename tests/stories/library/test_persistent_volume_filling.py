"""A volume fills up: expand, clean or move, with what each costs."""

from datetime import UTC, datetime

import pytest

from domain.incident.view import Phase
from domain.severity import Severity
from tests.stories.library.conftest import Library
from tests.stories.library.telling import (
    an_alert_of,
    decide,
    paged,
    resolved,
    states,
    step_of,
    tick,
)

pytestmark = pytest.mark.engine

TUESDAY_1_AM = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
FULL = an_alert_of(
    "KubePersistentVolumeFillingUp",
    namespace="shop",
    persistentvolumeclaim="data-orders-0",
    severity="critical",
)


async def test_an_expandable_volume_is_expanded_to_the_size_that_was_asked(
    library: Library,
) -> None:
    """Under 2 TB nobody has to approve the cost."""
    library.town.measured = {"volume_free_ratio": 0.02, "volume_hours_left": 3}
    usage = {"gib": 200, "expandable": True, "largest": "wal"}
    library.tools.prints("kube-ops volume-usage", usage)
    story = library.story("persistent_volume_filling", TUESDAY_1_AM)

    await story.fire(FULL)
    assert (await story.view()).severity is Severity.SEV2
    assert paged(story, "Tue 01:00") == {"lena"}
    await story.until("01:05")
    await story.say("lena", "acknowledge")
    await tick(story, "lena", "first_look")
    choice = step_of(await story.view(), "choose")
    assert choice.question == "2 % is free. Expand, clean up or move?"
    assert [(one.id, one.suggested, one.reversible) for one in choice.options] == [
        ("expand", True, False),
        ("clean", False, False),
        ("move", False, True),
    ]

    await decide(story, "lena", "choose", "expand")
    await story.say("lena", "step_answer", step="new_size", answer=400)
    assert library.tools.ran()[-1] == (
        "kube-ops expand-claim --namespace shop --claim data-orders-0 --gib 400 --wait"
    )
    library.town.measured = {"volume_free_ratio": 0.51, "volume_hours_left": 1000}
    await story.fire(resolved(FULL))
    await story.until("01:10")
    await story.until("01:30")

    view = await story.view()
    assert view.phase is Phase.RESOLVED
    assert states(view, "approve_cost", "expand", "room") == {
        "approve_cost": "skipped",
        "expand": "done",
        "room": "done",
    }
