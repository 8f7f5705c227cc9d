"""Raise after ack: the acknowledgement stands, new roles are paged at once."""

from datetime import UTC, datetime

import pytest

from domain.incident.view import IncidentView
from tests.stage import Story, an_alert
from tests.stories.conftest import Write
from tests.stories.people import HOUSE, a_roster, a_user, alone

pytestmark = pytest.mark.engine

PLAYBOOK = """
language: 1
name: checkout_down
owner: team:shop
on_alert: { alertname: CheckoutDown }
urgency: high
escalation: { levels: [[schedule:first]] }
roles:
  incident_commander: { page: [schedule:commander, schedule:commander_backup], at: [SEV1] }
  communications_lead: { page: [schedule:comms], at: [SEV1] }
"""
PEOPLE = ("first", "commander", "commander_backup", "comms", "manager")
FOLDER = {
    "house.yaml": HOUSE,
    "roster/shop.yaml": a_roster(
        "".join(a_user(name) for name in PEOPLE),
        "".join(alone(name, name) for name in PEOPLE[:4]),
        ", ".join(PEOPLE),
    ),
    "checkout_down.yaml": PLAYBOOK,
}
TUESDAY_1_AM = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


async def begin(story: Story) -> None:
    """01:00 to 01:40: a SEV3 that somebody is on becomes a SEV1."""
    await story.fire(an_alert("a1", alertname="CheckoutDown", severity="warning"))
    await story.until("01:05")
    await story.say("first", "acknowledge")
    await story.until("01:40")
    await story.fire(an_alert("a2", alertname="CheckoutDown", severity="sev1"))


def commander(view: IncidentView) -> list[tuple[str, bool]]:
    """Who commands, and whether only for the time being."""
    return [(held.person, held.acting) for held in view.roles["incident_commander"]]


async def test_raise_after_ack_pages_new_roles_and_asks_the_holder_to_confirm(
    write: Write,
) -> None:
    """Every receiver and every time is exact; whoever works on it acts as commander."""
    stage = await write(FOLDER)
    story = stage.story(stage.plans["checkout_down"], TUESDAY_1_AM)

    await begin(story)
    assert commander(await story.view()) == [("first", True)]
    assert [ask.of for ask in (await story.view()).asks] == [("first",)]
    await story.until("01:42")
    await story.say("first", "confirm")
    await story.until("01:43")
    await story.say("comms", "accept_role", role="communications_lead")
    await story.until("01:46")
    assert commander(await story.view()) == [("first", True)]
    await story.say("commander_backup", "accept_role", role="incident_commander")
    await story.until("01:59")

    view = await story.view()
    assert commander(view) == [("commander_backup", False)]
    assert [held.person for held in view.roles["operations_lead"]] == ["first"]
    assert [held.person for held in view.roles["communications_lead"]] == ["comms"]
    assert view.asks == ()
    assert story.pages() == [
        ("Tue 01:00", "first", "push"),
        ("Tue 01:01", "first", "sms"),
        ("Tue 01:02", "first", "phone"),
        ("Tue 01:40", "commander", "push"),
        ("Tue 01:40", "comms", "push"),
        ("Tue 01:40", "first", "notice"),
        ("Tue 01:41", "commander", "sms"),
        ("Tue 01:41", "comms", "sms"),
        ("Tue 01:42", "commander", "phone"),
        ("Tue 01:42", "comms", "phone"),
        ("Tue 01:45", "commander_backup", "push"),
        ("Tue 01:46", "commander_backup", "sms"),
    ]
