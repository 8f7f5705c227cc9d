"""An access key has leaked: contained at once and side by side, told to few, deleted last."""

from datetime import UTC, datetime

import pytest

from domain.incident.view import Phase
from domain.severity import Severity
from tests.stories.library.conftest import Library
from tests.stories.library.telling import an_alert_of, mailed, paged, resolved, states, tick

pytestmark = pytest.mark.engine

TUESDAY_1_AM = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
KEY = "AKIAEXAMPLE000000000"
LEAK = an_alert_of("LeakedAccessKey", access_key_id=KEY, repository="shop", severity="critical")


async def test_a_key_is_contained_from_three_sides_and_deleted_a_day_later(
    library: Library,
) -> None:
    """Nobody outside the security team hears of it, and what uses the key gets a new one."""
    uses = {"calls": 12, "dependents": ["billing-export", "image-resizer", "backup"]}
    library.tools.prints("cloud-keys uses", uses)
    story = library.story("leaked_access_key", TUESDAY_1_AM)

    await story.fire(LEAK)
    assert (await story.view()).severity is Severity.SEV2
    assert paged(story, "Tue 01:00") == {"sana", "pavel"}
    await story.until("01:02")
    await story.say("sana", "acknowledge")
    await story.say("pavel", "accept_role", role="incident_commander")
    await story.say("sana", "step_answer", step="which_key", answer=KEY)
    ran = library.tools.ran()
    assert sorted(one.split()[1] for one in ran) == ["deactivate", "revoke-sessions", "uses"]
    await tick(story, "sana", "take_it_down")
    rotated = [one for one in library.tools.ran() if one.split()[1] == "rotate"]
    assert sorted(one.split()[-1] for one in rotated) == sorted(uses["dependents"])

    await story.say("sana", "fact_set", fact="strangers_used_it", value=True)
    await story.say("sana", "fact_set", fact="personal_data", value=True)
    await tick(story, "sana", "persistence")
    view = await story.view()
    assert view.severity is Severity.SEV1  # strangers, and personal data: counsel is rung up
    assert {"gwen", "counsel"} <= {one.person for one in view.paged}
    await story.say("counsel", "accept_role", role="privacy_counsel")
    await tick(story, "counsel", "notify_whom")
    await story.until("01:30")
    await story.say("pavel", "mitigate")
    await story.until("02:00", day=1)
    assert not any(one.split()[1] == "delete" for one in library.tools.ran())
    await story.say("gwen", "step_approve", step="approve_delete")
    assert library.tools.ran()[-1] == f"cloud-keys delete --key-id {KEY} --only-inactive"
    await story.fire(resolved(LEAK))
    await story.until("04:00", day=1)
    await story.say("pavel", "confirm")

    view = await story.view()
    assert view.phase is Phase.RESOLVED
    assert set(states(view).values()) == {"done"}
    assert "need to know" in mailed(story)
    outsiders = {one.whom for one in story.reached} - {
        "sana", "pavel", "gwen", "counsel", "security-incident@example.org",
        "privacy-counsel@example.org",
    }  # fmt: skip
    assert outsiders == set()
