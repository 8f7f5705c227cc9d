"""etcd has lost its quorum: a snapshot first, two yeses, and only then the restore."""

from datetime import UTC, datetime

import pytest

from domain.incident.view import Phase
from domain.severity import Severity
from tests.stage import Refused
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
QUORUM = an_alert_of("etcdInsufficientMembers", job="etcd", severity="critical")


def two_of_three_are_lost(library: Library) -> None:
    """One member survives, and it has no leader."""
    status = {"healthy": 1, "lost": ["etcd-2", "etcd-3"], "survivor": "etcd-1"}
    library.tools.prints("etcd-ops status", status)
    library.tools.prints("etcd-ops snapshot", {"file": "snapshots/e1.db", "revision": 4711})
    library.town.measured = {"etcd_members": 3, "etcd_members_up": 1, "etcd_has_leader": 0}


async def test_a_restore_waits_for_a_snapshot_and_for_two_yeses(library: Library) -> None:
    """Nothing that cannot be taken back is done on one person's word."""
    two_of_three_are_lost(library)
    story = library.story("etcd_members_lost", TUESDAY_1_AM)

    await story.fire(QUORUM)
    assert (await story.view()).severity is Severity.SEV1
    assert paged(story, "Tue 01:00") == {"jon", "cleo", "dev", "lena"}
    await story.until("01:03")
    await story.say("jon", "acknowledge")
    await story.say("cleo", "accept_role", role="incident_commander")
    await story.say("lena", "accept_role", role="storage_expert")
    await tick(story, "jon", "check_quorum")
    assert library.tools.ran()[-1] == "etcd-ops snapshot --member etcd-1 --output json"
    choice = step_of(await story.view(), "choose")
    assert [one.id for one in choice.options if one.suggested] == ["restore"]

    await decide(story, "cleo", "choose", "restore")
    with pytest.raises(Refused):
        await story.say("cleo", "step_approve", step="approve_restore")
    await story.say("lena", "step_approve", step="approve_restore")
    assert not any("restore" in one for one in library.tools.ran())
    await story.say("rosa", "step_approve", step="approve_restore")
    assert library.tools.ran()[-1] == "etcd-ops restore --snapshot snapshots/e1.db --wait"

    library.town.measured = {"etcd_members": 3, "etcd_members_up": 3, "etcd_has_leader": 1}
    await tick(story, "jon", "after_restore")
    await story.until("01:06")
    await story.until("01:18")
    await tick(story, "jon", "verify")
    await story.fire(resolved(QUORUM))
    await story.until("01:34")
    await story.say("cleo", "confirm")

    view = await story.view()
    assert view.phase is Phase.RESOLVED
    assert set(states(view).values()) <= {"done", "pending"}


async def test_nothing_goes_on_when_no_snapshot_can_be_taken(library: Library) -> None:
    """A failed snapshot holds everything behind it until a person says."""
    two_of_three_are_lost(library)
    library.tools.fails("etcd-ops snapshot")
    story = library.story("etcd_members_lost", TUESDAY_1_AM)

    await story.fire(QUORUM)
    await story.until("01:03")
    await story.say("jon", "acknowledge")
    await tick(story, "jon", "check_quorum")
    assert states(await story.view(), "snapshot", "choose") == {
        "snapshot": "failed",
        "choose": "pending",
    }
    library.tools.fails("etcd-ops snapshot", 0)
    await story.say("jon", "step_retry", step="snapshot")

    assert states(await story.view(), "snapshot", "choose") == {
        "snapshot": "done",
        "choose": "running",
    }
