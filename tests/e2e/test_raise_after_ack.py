"""A raise whose commander is silent, and a worker that dies before the backup's turn."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.scene import Scene, a_playbook, a_roster, until

pytestmark = [pytest.mark.engine, pytest.mark.kill]

LATE = timedelta(seconds=5.5)
"""Later than the five seconds below which lateness is not worth an entry."""

PEOPLE = ("first", "second", "manager", "commander", "commander_backup", "comms")

ROLES = """\
severity: { default: SEV3 }
roles:
  incident_commander: { page: [user:commander, user:commander_backup], at: [SEV1] }
  communications_lead: { page: [user:comms], at: [SEV1] }
"""


def commander(view: dict[str, Any]) -> tuple[str, bool]:
    """Who commands, and whether only acting."""
    (held,) = view["roles"]["incident_commander"]
    return held["person"], held["acting"]


def raised(scene: Scene) -> str:
    """An incident acknowledged by `first` at SEV3, now SEV1; its reference."""
    scene.write("roster/storage.yaml", a_roster(scene.hooks.url, PEOPLE))
    scene.write("disk_full.yaml", a_playbook("disk_full", ack_within="4s", more=ROLES))
    scene.start()
    reference = scene.open("DiskFull")
    scene.until_paged(reference, "first")
    scene.say("first", reference, "acknowledge")
    scene.say("first", reference, "severity", severity="SEV1", reason="payments fail")
    scene.until_paged(reference, "commander")
    return reference


def test_the_backup_is_paged_once_when_the_worker_returns_and_the_lateness_is_recorded(
    scene: Scene,
) -> None:
    """Raised, the commander silent, the worker killed over the moment of the backup's page."""
    reference = raised(scene)
    due = scene.due(reference, "level/role:incident_commander")
    scene.say("comms", reference, "roles/communications_lead/accept")

    scene.copy.kill("worker")
    until(lambda: datetime.now(UTC) > due + LATE)
    missed = scene.pages(reference, "commander_backup")
    scene.copy.start("worker")
    scene.until_paged(reference, "commander_backup")
    acting = commander(scene.seen(reference))
    scene.say("commander_backup", reference, "roles/incident_commander/accept")

    late = [one for one in scene.whole_timeline(reference) if one["kind"] == "late"]
    assert missed == []
    assert len(scene.pages(reference, "commander_backup")) == 1
    assert len(scene.pages(reference, "commander")) == 1
    assert acting == ("first", True)
    assert commander(scene.seen(reference)) == ("commander_backup", False)
    assert [float(one["data"]["late_s"]) > 5 for one in late] == [True]
