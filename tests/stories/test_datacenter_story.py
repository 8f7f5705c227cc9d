"""The story of the data centres: 27 hours, three commanders, one incident."""

import pytest

from domain.incident.view import Phase
from tests.stage import Stage
from tests.stories.datacenter import play

pytestmark = pytest.mark.engine


def sorted_by_moment(*reached: tuple[str, str, str]) -> list[tuple[str, str, str]]:
    """As the stage sorts what reached somebody at the same moment."""
    return sorted(reached)


async def test_three_data_centres_one_incident_three_commanders(stage: Stage) -> None:
    """Every receiver and every time of the story is exact."""
    story = await play(stage)

    view = await story.view()
    assert view.phase is Phase.RESOLVED
    assert view.alerts.total == 3
    assert story.pages() == sorted_by_moment(
        ("Wed 03:00", "oncall", "push"),
        ("Wed 03:01", "oncall@example.org", "mail"),
        ("Wed 03:10", "oncall", "notice"),
        ("Wed 03:12", "lead", "push"),
        ("Wed 03:14", "datacenter-news@example.org", "mail"),
        ("Wed 03:40", "oncall", "notice"),
        ("Wed 03:40", "lead", "notice"),
        ("Wed 03:40", "expert", "push"),
        ("Wed 03:40", "datacenter-news@example.org", "mail"),
        ("Wed 17:16", "night_lead", "push"),
        ("Wed 17:22", "datacenter-news@example.org", "mail"),
        ("Thu 06:05", "night_lead", "notice"),
        ("Thu 06:07", "datacenter-news@example.org", "mail"),
    )
    timeline = await story.timeline()
    held = [
        entry.text
        for entry in timeline
        if entry.kind == "role.held" and entry.data["role"] == "incident_commander"
    ]
    assert [text.split(" incident")[0] for text in held] == [
        "Oncall acts as",
        "Lead holds",
        "Night Lead holds",
    ]
    severities = [entry.text for entry in timeline if entry.kind == "severity"]
    assert len(severities) == 2
    assert severities[1].startswith("SEV2 → SEV1")
