"""A provider that is down, or says nothing after delivering, on a clock 30 times as fast."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.in_service import serve
from tests.e2e.scene import Scene, a_playbook, a_scene, until
from tests.receivers import Received, Reply, webhook_receiver

pytestmark = pytest.mark.engine

PEOPLE = """\
language: 1
users:
  carl:
    name: Carl
    contact: {{ webhook: "{url}/carl-hook", push: "{ntfy}/carl-push" }}
    notify: {{ high: [webhook, {{ after: 30m, via: push }}] }}
  dora:
    name: Dora
    contact: {{ webhook: "{url}/dora-hook", push: "{ntfy}/dora-push" }}
    notify: {{ high: [webhook, {{ after: 30m, via: push }}] }}
  emil:
    name: Emil
    contact: {{ webhook: "{url}/emil-hook" }}
"""


@pytest.fixture(scope="module")
def fast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A running copy whose incidents live through 30 s in one."""
    folder: Path = tmp_path_factory.mktemp("fast")
    with (
        webhook_receiver() as hooks,
        a_scene(folder, hooks, test_clock=True, test_speed=30.0) as scene,
    ):
        scene.write("roster/people.yaml", PEOPLE.format(url=hooks.url, ntfy=hooks.ntfy))
        scene.start()
        yield scene


def tries(scene: Scene, path: str, count: int) -> list[Received]:
    """The requests on this path, once there are so many."""
    return scene.hooks.wait_for(count, path)


def keys(requests: list[Received]) -> set[str]:
    """Under which keys they came."""
    return {one.headers["idempotency-key"] for one in requests}


def test_a_provider_that_answers_500_is_retried_under_its_key_and_stops_nothing(
    fast: Scene,
) -> None:
    """The next method goes out at once, level 2 in time, and the retry is delivered."""
    text = a_playbook("half_down", ack_within="3m").replace("schedule:first", "user:carl")
    serve(fast, half_down=text)
    fast.hooks.replies["/carl-hook"] = Reply(status=500)

    reference = fast.open("HalfDown")
    tries(fast, "/carl-push", 1)
    retried = tries(fast, "/carl-hook", 3)
    fast.until_paged(reference, "second")
    fast.hooks.replies.clear()
    delivered = until(lambda: delivered_keys(fast, reference) & keys(retried) or None)

    assert keys(retried) == delivered
    assert fast.say("second", reference, "acknowledge").status_code == 200
    levels = [entry for entry in fast.timeline(reference) if entry["kind"] == "level.timeout"]
    assert levels


def delivered_keys(scene: Scene, reference: str) -> set[str]:
    """The keys of the pages that are known to be delivered."""
    timeline = scene.timeline(reference)
    return {entry["data"]["key"] for entry in timeline if entry["kind"] == "page.delivered"}


def test_a_provider_that_hangs_after_delivering_gets_the_same_key_again(fast: Scene) -> None:
    """It knows the key, so nobody is paged twice; the next method did not wait for it."""
    text = a_playbook("hanging", ack_within="1h").replace("schedule:first", "user:dora")
    serve(fast, hanging=text)
    fast.hooks.replies["/dora-hook"] = Reply(hang=True)

    reference = fast.open("Hanging")
    tries(fast, "/dora-push", 1)
    fast.hooks.replies["/dora-hook"] = Reply(status=409)
    repeated = tries(fast, "/dora-hook", 2)
    until(lambda: delivered_keys(fast, reference) >= keys(repeated))

    assert len(keys(repeated)) == 1
    said = [entry["text"] for entry in fast.timeline(reference)]
    assert "Page to Dora by webhook was delivered (the provider had it already)." in said


def test_an_outage_of_every_provider_burns_no_round_and_ends_with_a_delivery(
    fast: Scene,
) -> None:
    """One level, no repeats: it is not exhausted before anybody was reached."""
    text = a_playbook("all_down", ack_within="1m").replace("schedule:first", "user:emil")
    serve(fast, all_down=text.replace("    - [schedule:second]\n", ""))
    fast.hooks.replies["/emil-hook"] = Reply(status=503)

    reference = fast.open("AllDown")
    tries(fast, "/emil-hook", 6)
    before = fast.seen(reference)
    fast.hooks.replies.clear()
    until(lambda: delivered_keys(fast, reference) or None)

    assert before["exhausted"] is False
    assert before["phase"] == "triggered"
    fast.until_paged(reference, "manager")
