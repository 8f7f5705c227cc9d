"""The story of the data centres, as it is told: 27 hours, three commanders."""

from datetime import UTC, datetime

import pytest

from domain.alert import Alert
from tests.stage import Refused, Stage, Story, an_alert

WEDNESDAY_3_AM = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


def a_datacenter(name: str, status: str = "firing") -> Alert:
    """The alert of one data centre."""
    return an_alert(name, status=status, alertname="DatacenterDown", dc=name)


async def begin(story: Story) -> None:
    """Wednesday 03:00 to 03:14: the first two fall, and command is handed over."""
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


async def go_on(story: Story) -> None:
    """03:20 to 03:44: the third falls, and the expert joins."""
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


async def end(story: Story) -> None:
    """17:14 to Thursday 06:07: handed over for the night, mitigated, resolved."""
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
    await story.say(
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


async def play(stage: Stage) -> Story:
    """The whole story on a stage with the shipped playbooks."""
    story = stage.story(stage.plans["datacenter_down"], WEDNESDAY_3_AM)
    await begin(story)
    await go_on(story)
    await end(story)
    return story
