"""The story of the data centres: 27 hours, three commanders, one incident."""

from datetime import UTC, datetime

import pytest

from domain.incident.view import Phase
from tests.stage import Refused, Stage, an_alert

pytestmark = pytest.mark.engine

WEDNESDAY_3_AM = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


def a_datacenter(name: str, status: str = "firing") -> object:
    """The alert of one data centre."""
    return an_alert(name, status=status, alertname="DatacenterDown", dc=name)


def sorted_by_moment(*reached: tuple[str, str, str]) -> list[tuple[str, str, str]]:
    """As the stage sorts what reached somebody at the same moment."""
    return sorted(reached)


async def test_three_data_centres_one_incident_three_commanders(stage: Stage) -> None:
    """Every receiver and every time of the story is exact."""
    plan = stage.plans["datacenter_down"]
    story = stage.story(plan, WEDNESDAY_3_AM)

    await story.fire(a_datacenter("dc1"))
    await story.until("03:03")
    await story.say("oncall", "acknowledge")
    await story.until("03:10")
    await story.fire(a_datacenter("dc2"))
    await story.until("03:12")
    offer = await story.say(
        "oncall",
        "offer_handoff",
        role="incident_commander",
        to="user:lead",
        summary={"state_now": "two of three data centres are down"},
    )
    assert [one.acting for one in (await story.view()).roles["incident_commander"]] == [True]
    await story.until("03:14")
    await story.say("lead", "accept_handoff", offer=offer.offer)
    await story.until("03:20")
    await story.say("lead", "note", type="decision", text="A third one down means users are hit.")
    await story.until("03:40")
    await story.fire(a_datacenter("dc3"))
    await story.until("03:42")
    await story.say("oncall", "confirm")
    await story.until("03:44")
    await story.say("expert", "acknowledge")
    for text in ("Tried to drain dc1: failed.", "Tried to fail over: failed."):
        await story.say("expert", "note", type="action", text=text)
    await story.until("17:14")
    with pytest.raises(Refused, match="state_now"):
        await story.say(
            "lead",
            "offer_handoff",
            role="incident_commander",
            to="user:night_lead",
            summary={"state_now": " "},
        )
    await story.until("17:16")
    offer = await story.say(
        "lead",
        "offer_handoff",
        role="incident_commander",
        to="user:night_lead",
        summary={"state_now": "power is back in dc1, cooling is not"},
    )
    await story.until("17:22")
    await story.say("night_lead", "accept_role", role="incident_commander")
    await story.until("02:10", day=1)
    await story.say("night_lead", "mitigate")
    await story.until("06:00", day=1)
    await story.fire(*(a_datacenter(name, "resolved") for name in ("dc1", "dc2", "dc3")))
    await story.until("06:07", day=1)
    await story.say("night_lead", "confirm")

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
