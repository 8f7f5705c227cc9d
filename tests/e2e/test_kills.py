"""Parts are killed with -9 and come back: nothing is lost, nobody is paged twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.e2e.scene import Scene, a_playbook, a_webhook, an_alert, until

pytestmark = [pytest.mark.engine, pytest.mark.kill]

LATE = timedelta(seconds=5.5)
"""Later than the five seconds below which lateness is not worth an entry."""


def is_past(moment: datetime) -> Callable[[], bool]:
    """Whether this moment is over."""
    return lambda: datetime.now(UTC) > moment


def with_playbook(scene: Scene, ack_within: str) -> Scene:
    """The scene, running, with one playbook for `DiskFull`."""
    scene.write("disk_full.yaml", a_playbook("disk_full", ack_within=ack_within))
    scene.start()
    return scene


def kinds(scene: Scene, reference: str) -> list[str]:
    """The kinds of the whole timeline."""
    return [entry["kind"] for entry in scene.whole_timeline(reference)]


def test_worker_killed_over_the_timer_escalates_once_at_its_return_and_says_how_late(
    scene: Scene,
) -> None:
    with_playbook(scene, "3s")
    reference = scene.open("DiskFull")
    due = scene.due(reference)
    scene.until_paged(reference, "first")

    scene.copy.kill("worker")
    until(is_past(due + LATE))
    missed = scene.pages(reference, "second")
    scene.copy.start("worker")
    scene.until_paged(reference, "second")
    scene.say("second", reference, "acknowledge")

    late = [one for one in scene.whole_timeline(reference) if one["kind"] == "late"]
    assert missed == []
    assert [page.person for page in scene.pages(reference)] == ["first", "second"]
    assert len(late) == 1
    assert float(late[0]["data"]["late_s"]) > 5
    assert kinds(scene, reference).count("level.timeout") == 1


def test_worker_down_for_a_moment_escalates_on_time(scene: Scene) -> None:
    with_playbook(scene, "15s")
    reference = scene.open("DiskFull")
    due = scene.due(reference)
    scene.until_paged(reference, "first")

    scene.copy.kill("worker")
    scene.copy.start("worker")
    returned = datetime.now(UTC)
    page = scene.until_paged(reference, "second")[0]
    scene.say("second", reference, "acknowledge")

    assert returned < due <= page.at < due + LATE
    assert "late" not in kinds(scene, reference)
    assert len(scene.pages(reference)) == 2


def test_engine_killed_loses_no_timer_and_sends_no_page_under_another_key(scene: Scene) -> None:
    """At-least-once: a repeat may come, but it carries the first one's key."""
    with_playbook(scene, "4s")
    references = [scene.open("DiskFull", service=f"service-{number}") for number in range(5)]
    for reference in references:
        scene.until_paged(reference, "first")

    scene.copy.kill("engine")
    scene.copy.start("engine")
    for reference in references:
        scene.until_paged(reference, "second")
        scene.until_paged(reference, "manager")

    repeats = 0
    for reference in references:
        pages = scene.pages(reference)
        keys = {page.key for page in pages}
        rungs = {(page.person, page.level) for page in pages}
        assert len(keys) == len(rungs), sorted(keys)
        repeats += len(pages) - len(keys)
    print(f"repeats under the same key: {repeats}")  # noqa: T201


def test_api_killed_under_alerts_loses_none_that_its_sender_repeats(scene: Scene) -> None:
    with_playbook(scene, "1h")
    reference = scene.open("DiskFull")
    alerts = [an_alert("DiskFull", node=str(number)) for number in range(150)]
    answered: list[int] = []

    def send(number: int) -> None:
        while True:
            try:
                answer = scene.http.post("/v1/alerts/alertmanager", json=a_webhook(alerts[number]))
            except httpx.TransportError:
                continue
            if answer.status_code == 202:
                answered.append(number)
                return

    with ThreadPoolExecutor(8) as threads:
        sent = [threads.submit(send, number) for number in range(len(alerts))]
        until(lambda: len(answered) > 20)
        scene.copy.kill("api")
        scene.copy.start("api")
        for one in sent:
            one.result(timeout=60)

    counts = scene.seen(reference)["alerts"]
    assert counts["total"] == counts["firing"] == len(alerts) + 1
    assert len(scene.pages(reference)) == 1


def test_acknowledged_while_no_worker_runs_is_pending_and_applied_once(scene: Scene) -> None:
    with_playbook(scene, "1h")
    reference = scene.open("DiskFull")
    scene.until_paged(reference, "first")
    scene.until_phase(reference, "triggered")

    scene.copy.kill("worker")
    taps = [scene.say("first", reference, "acknowledge", key="tap-1") for _ in range(2)]
    scene.copy.start("worker")
    scene.until_phase(reference, "acknowledged")
    again = scene.say("first", reference, "acknowledge", key="tap-1")

    assert [tap.status_code for tap in taps] == [202, 202]
    assert taps[0].json()["status"] == "pending"
    assert again.status_code == 200, again.text
    assert kinds(scene, reference).count("acknowledged") == 1


def test_alert_while_the_engine_is_down_is_503_and_taken_when_sent_again(scene: Scene) -> None:
    with_playbook(scene, "1h")
    alert = an_alert("DiskFull")

    scene.copy.kill("engine")
    refused = scene.http.post("/v1/alerts/alertmanager", json=a_webhook(alert))
    scene.copy.start("engine")

    def taken() -> httpx.Response | None:
        answer = scene.http.post("/v1/alerts/alertmanager", json=a_webhook(alert))
        return answer if answer.status_code == 202 else None

    reference = str(until(taken).json()["alerts"][0]["reference"])
    scene.until_paged(reference, "first")
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert len(scene.pages(reference)) == 1


def test_everything_stopped_and_started_again_goes_on_with_its_incidents(scene: Scene) -> None:
    with_playbook(scene, "12s")
    waiting, taken = (scene.open("DiskFull", service=name) for name in ("a", "b"))
    for reference in (waiting, taken):
        scene.until_paged(reference, "first")
    scene.say("first", taken, "acknowledge")
    scene.whole_timeline(taken)

    scene.copy.stop_all()
    scene.start()

    assert scene.seen(taken)["phase"] == "acknowledged"
    assert scene.seen(waiting)["phase"] == "triggered"
    scene.until_paged(waiting, "second")
    assert scene.say("second", waiting, "acknowledge").status_code == 200
    assert [page.person for page in scene.pages(waiting)] == ["first", "second"]
    assert [page.person for page in scene.pages(taken)] == ["first"]
