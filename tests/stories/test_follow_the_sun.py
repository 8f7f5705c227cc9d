"""Follow the sun: four days, three zones, and a role that is handed on at each shift's end.

Times are Berlin's. Its clocks go back in the night to Sunday, so that Tokyo's shift is an
hour longer then, and longer than the playbook lets one person work.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from domain.incident.view import IncidentView, Phase
from tests.stage import Stage, Story, an_alert
from tests.stories.conftest import Write
from tests.stories.people import HOUSE, a_roster, a_user

pytestmark = pytest.mark.engine

PLAYBOOK = """
language: 1
name: sync_behind
owner: team:shop
timezone: Europe/Berlin
on_alert: { alertname: SyncBehind }
escalation: { levels: [[schedule:sun]], ack_expires: never }
handoff: { max_shift: { SEV1: 8h, SEV2: 8h30m, else: never }, warn_before: 30m }
"""
DAYS = "[mon, tue, wed, thu, fri, sat, sun]"
SUN = f"""
  sun:
    tz: Europe/Berlin
    coverage: always
    layers:
      - {{ users: [tokyo], days: {DAYS}, between: ["01:00", "09:00"] }}
      - {{ users: [berlin], days: {DAYS}, between: ["09:00", "17:00"] }}
      - {{ users: [new_york], days: {DAYS}, between: ["17:00", "01:00"] }}
"""
ZONES = {"berlin": "Europe/Berlin", "new_york": "America/New_York", "tokyo": "Asia/Tokyo"}
FOLDER = {
    "house.yaml": HOUSE,
    "roster/shop.yaml": a_roster(
        "".join(a_user(name, zone) for name, zone in ZONES.items()) + a_user("manager"),
        SUN,
        "berlin, new_york, tokyo, manager",
    ),
    "sync_behind.yaml": PLAYBOOK,
}
FRIDAY_10_AM = datetime(2026, 10, 23, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
FRI, SAT, SUNDAY, MON, TUE = range(5)


def holder(view: IncidentView) -> str:
    """Who works on it; the same person acts as commander, always."""
    (works,), (commands,) = view.roles["operations_lead"], view.roles["incident_commander"]
    assert (commands.person, commands.acting) == (works.person, True)
    return works.person


async def accept(story: Story, who: str) -> None:
    """The role changes hands."""
    assert holder(await story.view()) != who
    await story.say(who, "accept_role", role="operations_lead")
    assert holder(await story.view()) == who


async def friday_and_saturday(story: Story) -> None:
    """Accepted at once, declined and offered again, expired and offered again."""
    await story.fire(an_alert("a1", alertname="SyncBehind", severity="critical"))
    await story.say("berlin", "acknowledge")
    await story.say("berlin", "note", type="action", text="Restarted the consumer.")
    await story.until("17:01", FRI)
    assert holder(await story.view()) == "berlin"
    await accept(story, "new_york")
    await story.until("01:01", SAT)
    await story.say("tokyo", "decline_role", role="operations_lead", reason="on a train")
    assert holder(await story.view()) == "new_york"
    await story.until("02:01", SAT)
    await accept(story, "tokyo")
    await story.until("09:10", SAT)
    assert (holder(await story.view()), (await story.view()).offers) == ("tokyo", ())
    await story.until("10:11", SAT)
    await accept(story, "berlin")
    await story.until("17:00", SAT)
    await accept(story, "new_york")


async def sunday(story: Story) -> None:
    """A night of nine hours is longer than `max_shift`; then it is mitigated."""
    await story.until("01:00", SUNDAY)
    await accept(story, "tokyo")
    await story.until("08:31", SUNDAY)
    await accept(story, "berlin")
    await story.until("12:00", SUNDAY)
    await story.say("berlin", "mitigate")
    await story.until("17:10", SUNDAY)
    assert holder(await story.view()) == "berlin"


async def monday_and_tuesday(story: Story) -> None:
    """Quiet ones: accepted, declined at SEV3 and not offered again that night."""
    await story.until("01:05", MON)
    await accept(story, "tokyo")
    await story.until("09:03", MON)
    await accept(story, "berlin")
    await story.fire(an_alert("a2", alertname="SyncBehind", severity="critical"))
    await story.say("berlin", "severity", severity="SEV3", reason="a slow day")
    await story.until("17:02", MON)
    await story.say("new_york", "decline_role", role="operations_lead")
    await story.until("01:05", TUE)
    await accept(story, "tokyo")
    await story.until("08:00", TUE)
    over = [
        an_alert(name, status="resolved", alertname="SyncBehind", severity="critical")
        for name in ("a1", "a2")
    ]
    await story.fire(*over)
    await story.until("08:06", TUE)
    await story.say("tokyo", "confirm")


LOUD = [
    ("Fri 10:00", "berlin", "push"),
    ("Fri 16:30", "berlin", "notice"),
    ("Fri 17:00", "new_york", "push"),
    ("Fri 17:01", "new_york", "sms"),
    ("Fri 17:01", "berlin", "notice"),
    ("Sat 00:30", "new_york", "notice"),
    ("Sat 01:00", "tokyo", "push"),
    ("Sat 01:01", "tokyo", "sms"),
    ("Sat 01:01", "new_york", "notice"),
    ("Sat 02:01", "tokyo", "push"),
    ("Sat 02:01", "new_york", "notice"),
    ("Sat 08:30", "tokyo", "notice"),
    ("Sat 09:00", "berlin", "push"),
    ("Sat 09:01", "berlin", "sms"),
    ("Sat 09:02", "berlin", "phone"),
    ("Sat 09:10", "berlin", "notice"),
    ("Sat 09:10", "tokyo", "notice"),
    ("Sat 10:10", "berlin", "push"),
    ("Sat 10:11", "berlin", "sms"),
    ("Sat 10:11", "tokyo", "notice"),
    ("Sat 16:30", "berlin", "notice"),
    ("Sat 17:00", "new_york", "push"),
    ("Sat 17:00", "berlin", "notice"),
    ("Sun 00:30", "new_york", "notice"),
    ("Sun 01:00", "tokyo", "push"),
    ("Sun 01:00", "new_york", "notice"),
    ("Sun 08:00", "tokyo", "notice"),
    ("Sun 08:30", "berlin", "push"),
    ("Sun 08:31", "berlin", "sms"),
    ("Sun 08:31", "tokyo", "notice"),
]
QUIET = [
    ("Sun 16:30", "berlin", "notice"),
    ("Sun 17:00", "new_york@example.org", "mail"),
    ("Sun 17:10", "berlin", "notice"),
    ("Sun 17:10", "new_york", "notice"),
    ("Mon 01:00", "tokyo@example.org", "mail"),
    ("Mon 01:05", "berlin", "notice"),
    ("Mon 08:30", "tokyo", "notice"),
    ("Mon 09:00", "berlin@example.org", "mail"),
    ("Mon 09:03", "tokyo", "notice"),
    ("Mon 09:03", "berlin", "notice"),
    ("Mon 16:30", "berlin", "notice"),
    ("Mon 17:00", "new_york@example.org", "mail"),
    ("Mon 17:02", "berlin", "notice"),
    ("Tue 01:00", "tokyo@example.org", "mail"),
    ("Tue 01:05", "berlin", "notice"),
    ("Tue 08:05", "tokyo", "notice"),
]


async def play(stage: Stage) -> Story:
    """The whole story, over several runs of its workflow."""
    story = stage.story(stage.plans["sync_behind"], FRIDAY_10_AM)
    story.continue_as_new_after = 150
    await friday_and_saturday(story)
    await sunday(story)
    await monday_and_tuesday(story)
    return story


async def test_a_role_follows_the_sun_over_four_days_and_wakes_nobody_once_mitigated(
    write: Write,
) -> None:
    """Every receiver and every time is exact: accepted, declined, expired, `max_shift`."""
    story = await play(await write(FOLDER))

    view = await story.view()
    assert view.phase is Phase.RESOLVED
    assert story.handle is not None
    assert (await story.workflow.describe()).run_id != story.handle.first_execution_run_id
    assert story.pages() == sorted(LOUD + QUIET)
    offers = [entry for entry in await story.timeline() if entry.kind.startswith("offer.")]
    ended = [entry.kind.partition(".")[2] for entry in offers if entry.kind != "offer.made"]
    assert ended == [
        "accepted",
        "declined",
        "accepted",
        "expired",
        "accepted",
        "accepted",
        "accepted",
        "accepted",
        "expired",
        "accepted",
        "accepted",
        "declined",
        "accepted",
    ]
    texts = [entry.text for entry in offers if entry.kind == "offer.made"]
    assert texts[0] == "Berlin's shift has ended: operations lead is offered to New York."
    assert texts[7] == "Tokyo has held it for 8 h 30 min: operations lead is offered to Berlin."
    handed = next(entry for entry in offers if entry.kind == "offer.made")
    assert "Restarted the consumer." in handed.data["summary.state_now"]
