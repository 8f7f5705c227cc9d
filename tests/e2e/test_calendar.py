"""A schedule that imports a calendar, through an outage of the calendar and a restart."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.in_service import serve
from tests.e2e.scene import Scene, a_playbook, until
from tests.receivers import Reply

pytestmark = pytest.mark.engine

PATH = "/calendar.ics?token=token-nobody-may-see"


def a_calendar(name: str) -> bytes:
    """The person is on call from yesterday until tomorrow."""
    start, end = datetime.now(UTC) - timedelta(days=1), datetime.now(UTC) + timedelta(days=1)
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:On call: {name}\r\n"
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDTEND:{end:%Y%m%dT%H%M%SZ}\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    ).encode()


def imported(scene: Scene) -> dict[str, Any]:
    """The schedule `imported` as the API has it, with how its import stands."""
    found = scene.http.get("/v1/oncall").json()["schedules"]
    schedule: dict[str, Any] = next(one for one in found if one["id"] == "imported")
    items = scene.http.get("/v1/calendars").json()["items"]
    return schedule | {"warning": items[0]["warning"] if items else ""}


def import_from(scene: Scene, query: str = "") -> None:
    """Let the schedule import the receiver's calendar, from this address."""
    scene.write(
        "roster/imported.yaml",
        "language: 1\nschedules:\n  imported:\n    tz: UTC\n"
        f'    import: {{ ical: "{scene.hooks.url}{PATH}{query}", refresh: 1h }}\n',
    )


def test_who_the_calendar_names_is_paged_though_it_is_down_since_and_all_was_restarted(
    scene: Scene,
) -> None:
    """The last good copy stays in service; nobody is never the answer to an outage."""
    scene.hooks.replies |= {PATH: Reply(body=a_calendar("Ann")), f"{PATH}&v=2": Reply(status=503)}
    import_from(scene)
    text = a_playbook("by_calendar").replace("[schedule:first]", "[schedule:imported]")
    scene.start()
    serve(scene, by_calendar=text)
    until(lambda: imported(scene)["on_call"] == [{"id": "ann", "name": "Ann"}])

    import_from(scene, "&v=2")
    until(lambda: "503" in imported(scene)["warning"])
    for name in ("api", "worker"):
        assert scene.copy.stop(name) == 0  # type: ignore[arg-type]
    scene.copy.start("worker", "api")
    reference = scene.open("ByCalendar", service="one")

    page = scene.until_paged(reference, "ann")[0]
    assert page.level == "level-1"
    assert "stays in service" in imported(scene)["warning"]
    assert "token-nobody-may-see" not in scene.histories("calendar-imported")
