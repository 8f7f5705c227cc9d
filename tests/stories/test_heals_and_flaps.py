"""Heals and flaps: one incident, one night, and nobody is woken to say that it is over."""

from datetime import UTC, datetime

import pytest

from domain.alert import Alert
from domain.incident.view import Phase
from tests.stage import an_alert
from tests.stories.conftest import Write
from tests.stories.people import HOUSE, a_roster, a_user, alone

pytestmark = pytest.mark.engine

PLAYBOOK = """
language: 1
name: queue_stuck
owner: team:shop
on_alert: { alertname: QueueStuck }
escalation: { levels: [[schedule:first], [schedule:second]] }
resolve: { hold: 5m, confirm: role:incident_commander, confirm_within: 1h }
"""
PEOPLE = ("first", "second", "manager")
FOLDER = {
    "house.yaml": HOUSE,
    "roster/shop.yaml": a_roster(
        "".join(a_user(name) for name in PEOPLE),
        "".join(alone(name, name) for name in PEOPLE[:2]),
        ", ".join(PEOPLE),
    ),
    "queue_stuck.yaml": PLAYBOOK,
}
TUESDAY_2_AM = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
FIRST, SECOND = "2026-11-24T02:00:00Z", "2026-11-24T02:20:00Z"


def queue_stuck(status: str, starts_at: str) -> Alert:
    """The alert, in one of its two episodes."""
    return an_alert(
        "queue", status=status, starts_at=starts_at, alertname="QueueStuck", severity="critical"
    )


async def test_it_heals_flaps_and_is_over_in_the_morning_without_waking_anybody(
    write: Write,
) -> None:
    """One incident: recovered before an ack, fires again, recovered at 02:30 for good."""
    stage = await write(FOLDER)
    story = stage.story(stage.plans["queue_stuck"], TUESDAY_2_AM)

    await story.fire(queue_stuck("firing", FIRST))
    await story.until("02:08")
    await story.fire(queue_stuck("resolved", FIRST))
    await story.until("02:13")
    assert (await story.view()).phase is Phase.RESOLVED
    await story.until("02:20")
    await story.fire(queue_stuck("firing", SECOND))
    assert (await story.view()).recovered_at is None
    await story.until("02:21")
    await story.say("first", "acknowledge")
    await story.until("02:30")
    await story.fire(queue_stuck("resolved", SECOND))
    await story.until("08:10")
    await story.say("first", "confirm")

    view = await story.view()
    assert view.phase is Phase.RESOLVED
    assert view.reopened == 1
    assert f"{view.recovered_at:%H:%M}" == "02:30"
    assert f"{view.resolved_at:%H:%M}" == "08:10"
    reminders = [(f"Tue 0{hour}:35", "first", "notice") for hour in range(2, 8)]
    assert story.pages() == sorted(
        [
            ("Tue 02:00", "first", "push"),
            ("Tue 02:01", "first", "sms"),
            ("Tue 02:02", "first", "phone"),
            ("Tue 02:08", "first", "notice"),
            ("Tue 02:20", "first", "push"),
            ("Tue 02:21", "first", "sms"),
            *reminders,
        ]
    )
