"""A thousand requests at once, and people who leave, against real processes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e import storm
from tests.e2e.in_service import serve
from tests.e2e.scene import PEOPLE, Scene, a_playbook, a_roster, a_webhook, an_alert, until

pytestmark = pytest.mark.engine

AT_ONCE = 1_000
IN_FLIGHT = 100


def test_a_thousand_same_alerts_at_once_are_one_incident_999_duplicates_and_one_page(
    shared: Scene, tmp_path: Path
) -> None:
    serve(shared, same_again=a_playbook("same_again"))
    body = json.dumps(a_webhook(an_alert("SameAgain")))
    (tmp_path / "bodies").write_text("\n".join([body] * AT_ONCE))
    port, key = str(shared.copy.settings.api_port), shared.copy.key
    arguments = [port, key, str(IN_FLIGHT), str(tmp_path / "bodies")]

    said = subprocess.check_output(
        [sys.executable, storm.__file__, *arguments], input="\n", text=True
    )

    assert json.loads(said.splitlines()[-1])["statuses"] == {"202": AT_ONCE}
    listed = shared.http.get("/v1/incidents", params={"limit": 100}).json()["items"]
    (reference,) = [one["reference"] for one in listed if one["playbook"] == "same_again"]
    counts = shared.seen(reference)["alerts"]
    assert counts == {"firing": 1, "total": 1, "duplicates": AT_ONCE - 1}
    shared.until_paged(reference, "first")
    assert len(shared.pages(reference)) == 1


def test_a_holder_who_leaves_the_roster_is_a_vacancy_that_pages_by_itself(shared: Scene) -> None:
    """The roster file is edited while the incident runs; nobody says anything to it."""
    serve(shared, holder_gone=a_playbook("holder_gone"))
    reference = shared.open("HolderGone")
    shared.until_paged(reference, "first")
    assert shared.say("ann", reference, "acknowledge").status_code == 200
    held = shared.seen(reference)["roles"]["incident_commander"][0]

    left = tuple(person for person in PEOPLE if person != "ann")
    shared.write("roster/storage.yaml", a_roster(shared.hooks.url, left))
    pages = shared.until_paged(reference, "first", 2)

    assert held["person"] == "ann"
    assert pages[1].key != pages[0].key
    kinds = {entry["kind"]: entry["text"] for entry in shared.whole_timeline(reference)}
    assert "Ann" in kinds["role.released"]
    assert shared.say("first", reference, "acknowledge").status_code == 200
    roles = until(lambda: shared.seen(reference)["roles"])
    assert roles["incident_commander"][0]["person"] == "first"
