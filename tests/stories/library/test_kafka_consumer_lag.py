"""Kafka consumers fall behind: every group is looked at, and those behind get more hands."""

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
LAG = an_alert_of(
    "KafkaLagIsTooHigh",
    kafka_cluster="main",
    consumergroup="billing",
    topic="orders",
    severity="critical",
)
GROUPS = ["billing", "mail", "search"]


async def test_every_group_that_is_behind_gets_more_consumers(library: Library) -> None:
    """One group that cannot be scaled does not keep the others waiting."""
    library.town.measured = {"kafka_groups_behind": GROUPS, "kafka_minutes_behind": 42}
    library.tools.prints("kafka-ops group-state", {"members": 3, "state": "Stable"})
    story = library.story("kafka_consumer_lag", TUESDAY_1_AM)

    await story.fire(LAG)
    await story.until("01:01")
    await story.until("01:02")
    assert (await story.view()).severity is Severity.SEV2
    assert paged(story, "Tue 01:01") == {"arjun"}
    assert sorted(library.tools.ran()) == [
        f"kafka-ops group-state --group {group} --output json" for group in GROUPS
    ]
    await story.say("arjun", "acknowledge")
    await tick(story, "arjun", "first_look")
    choice = step_of(await story.view(), "choose")
    assert choice.question == "3 groups are up to 42 minutes behind. What helps?"
    await decide(story, "arjun", "choose", "more")
    assert sorted(library.tools.ran()[3:]) == [
        f"kafka-ops scale --group {group} --factor 2" for group in GROUPS
    ]

    library.town.measured = {"kafka_groups_behind": [], "kafka_minutes_behind": 0.2}
    await story.until("01:10")
    await story.until("01:25")
    await tick(story, "arjun", "verify")
    await story.fire(resolved(LAG))
    await story.until("01:40")
    await story.say("arjun", "confirm")

    view = await story.view()
    assert view.phase is Phase.RESOLVED
    assert states(view, "each_group", "each_scaled", "caught_up") == dict.fromkeys(
        ("each_group", "each_scaled", "caught_up"), "done"
    )
