"""The signed links in pages: looking does nothing, one tap acknowledges."""

from typing import Any

import httpx
import pytest

from activities.links import link_for
from tests.e2e.scene import Scene, a_playbook, an_alert, until

pytestmark = pytest.mark.engine


def serving(scene: Scene, name: str) -> dict[str, Any] | None:
    """The playbook as the API has it in service."""
    items = scene.http.get("/v1/playbooks").json()["items"]
    return next((item for item in items if item["name"] == name), None)


def put(scene: Scene, name: str, version: int = 1, **fields: Any) -> None:
    """A playbook, in service in this version."""
    text = a_playbook(name, **fields).replace("owner:", f"version: {version}\nowner:")
    scene.write(f"{name}.yaml", text)
    until(lambda: (found := serving(scene, name)) and found["version"] == version)


def test_a_link_altered_or_of_a_stranger_does_nothing_and_a_second_tap_says_so(
    shared: Scene,
) -> None:
    put(shared, "tapped_twice", hold="0s", reopen_within="0s")
    reference = shared.open("TappedTwice")
    link = str(shared.until_paged(reference, "first")[0].body["link"])
    stranger = link_for(shared.copy.settings, reference, "nobody_here")
    with httpx.Client(follow_redirects=True, timeout=30) as phone:
        altered = phone.get(link[:-3] + ("AAA" if link[-3:] != "AAA" else "BBB"))
        not_theirs = phone.get(stranger)
        looked = phone.get(link)
        phase_after_looking = shared.seen(reference)["phase"]
        first, second = (phone.post(f"{link}/acknowledge") for _ in range(2))
        shared.post(an_alert("TappedTwice", status="resolved"))
        shared.until_phase(reference, "closed")
        closed = phone.get(link)
        closed_tap = phone.post(f"{link}/acknowledge")

    assert altered.status_code == not_theirs.status_code == 403
    assert "altered" in altered.text
    assert "not in the roster" in not_theirs.text
    assert looked.status_code == 200
    assert phase_after_looking == "triggered"
    assert first.status_code == 200, first.text
    assert "ou acknowledged at" in second.text, second.text
    assert closed.status_code == 410
    assert closed_tap.status_code == 410
    assert [one["kind"] for one in shared.timeline(reference)].count("acknowledged") == 1
