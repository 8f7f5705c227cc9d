"""The pager is broken: only telephones ring, and people watch until pages come again."""

from datetime import UTC, datetime

import pytest

from domain.incident.input import Declaration
from domain.incident.view import Phase
from domain.severity import Severity
from tests.stories.library.conftest import Library
from tests.stories.library.telling import decide, states, step_of, tick
from tests.stories.library.town import a_json

pytestmark = pytest.mark.engine

TUESDAY_1_AM = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
DECLARED = Declaration(
    title="No page since midnight", actor="user:nora_eng_director", actor_name="Nora"
)


async def test_a_broken_pager_is_told_by_telephone_alone(library: Library) -> None:
    """No push, no mail: what is broken cannot carry the news."""
    library.town.replies["/v1/health"] = a_json({"healthy": False})
    library.town.replies["/api/v2/status"] = a_json({"cluster": {"status": "ready"}})
    story = library.story("pager_broken", TUESDAY_1_AM)

    await story.declare(DECLARED)
    await story.until("01:02")
    await story.say("duty_phone_one", "acknowledge")
    await story.say("duty_phone_one", "fact_set", fact="pages_missed", value=True)
    view = await story.view()
    assert view.severity is Severity.SEV1
    assert story.pages()[0] == ("Tue 01:00", "duty_phone_one", "phone")
    assert ("Tue 01:02", "duty_phone_director", "phone") in story.pages()
    await story.say("duty_phone_one", "confirm")
    await tick(story, "duty_phone_one", "is_it_the_pager", "human_watch")
    choice = step_of(await story.view(), "choose")
    assert [one.id for one in choice.options if one.suggested] == ["provider"]
    await decide(story, "duty_phone_one", "choose", "provider")
    assert library.tools.ran() == ["pager-ops switch-provider --to standby"]

    await story.until("01:20")
    await story.say("duty_phone_one", "fact_set", fact="test_page_arrived", value=True)
    await story.say("duty_phone_one", "step_answer", step="missed", answer=2)
    await tick(story, "duty_phone_one", "stand_down")
    await story.say("duty_phone_one", "resolve", because="two people got a test page")

    view = await story.view()
    assert view.phase is Phase.RESOLVED
    assert states(view, "switch_provider", "pages_again", "missed", "stand_down") == dict.fromkeys(
        ("switch_provider", "pages_again", "missed", "stand_down"), "done"
    )
    assert {one.how for one in story.reached} == {"phone"}
