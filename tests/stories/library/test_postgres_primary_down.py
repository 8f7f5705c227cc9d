"""A PostgreSQL cluster has no primary: fenced, approved, promoted; also when called."""

from datetime import UTC, datetime

import pytest

from domain.incident.view import Phase
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
NO_LEADER = an_alert_of("PatroniHasNoLeader", scope="pay", severity="critical")


def the_primary_is_gone(library: Library) -> None:
    """It cannot be reached; a replica is two kilobytes behind."""
    status = {"old_primary_reachable": False, "candidate": "pay-2", "candidate_lag_bytes": 2048}
    library.tools.prints("pg-ops status", status)
    library.tools.prints("pg-ops lag", {"lag_bytes": 0})
    library.town.measured = {"postgres_clusters_without_primary": ["pay"]}


async def test_the_old_primary_is_fenced_before_another_is_promoted(library: Library) -> None:
    """In this order and no other: fence, lag, approval, promote, repoint."""
    the_primary_is_gone(library)
    story = library.story("postgres_primary_down", TUESDAY_1_AM)

    await story.fire(NO_LEADER)
    assert (await story.view()).title == "PostgreSQL cluster pay has no primary"
    assert paged(story, "Tue 01:00") == {"tomas", "cleo"}
    await story.until("01:02")
    await story.say("tomas", "acknowledge")
    await story.say("cleo", "accept_role", role="incident_commander")
    await tick(story, "tomas", "down_or_unreachable")
    choice = step_of(await story.view(), "choose")
    assert [one.id for one in choice.options if one.suggested] == ["promote"]
    await decide(story, "cleo", "choose", "promote")
    assert [one.split()[1] for one in library.tools.ran()] == ["status", "fence", "lag"]
    await story.say("tomas", "step_approve", step="approve_promotion")
    assert library.tools.ran()[-2:] == [
        "pg-ops promote --cluster pay --replica pay-2",
        "pg-ops repoint --cluster pay --primary pay-2",
    ]

    library.town.measured = {"postgres_clusters_without_primary": []}
    await story.until("01:05")
    await story.until("01:10")
    await tick(story, "tomas", "verify")
    await story.fire(resolved(NO_LEADER))
    await story.until("01:30")
    await story.say("cleo", "confirm")

    view = await story.view()
    assert view.phase is Phase.RESOLVED
    assert states(view, "fence", "promote", "repoint", "writable") == dict.fromkeys(
        ("fence", "promote", "repoint", "writable"), "done"
    )


async def test_nothing_is_promoted_while_the_old_primary_is_not_fenced(library: Library) -> None:
    """Two primaries are worse than none."""
    the_primary_is_gone(library)
    library.tools.fails("pg-ops fence")
    story = library.story("postgres_primary_down", TUESDAY_1_AM)

    await story.fire(NO_LEADER)
    await story.until("01:02")
    await story.say("tomas", "acknowledge")
    await story.say("cleo", "accept_role", role="incident_commander")
    await tick(story, "tomas", "down_or_unreachable")
    await decide(story, "cleo", "choose", "promote")

    assert [one.split()[1] for one in library.tools.ran()] == ["status", "fence"]
    assert states(await story.view(), "fence", "approve_promotion", "promote") == {
        "fence": "failed",
        "approve_promotion": "pending",
        "promote": "pending",
    }
