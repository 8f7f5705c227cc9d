"""Behaviours that only the whole product shows: one running copy, a playbook a test."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from activities.links import link_for
from tests.e2e.scene import PEOPLE, Scene, a_playbook, a_roster, a_webhook, an_alert, until
from tests.receivers import Reply

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


def test_a_thousand_same_alerts_at_once_are_one_incident_and_one_page(shared: Scene) -> None:
    """Behaviour 2."""
    put(shared, "thousand_fold")
    body = a_webhook(an_alert("ThousandFold"))

    def send(_number: int) -> dict[str, Any]:
        answer = shared.http.post("/v1/alerts/alertmanager", json=body)
        assert answer.status_code == 202
        return dict(answer.json()["alerts"][0])

    with ThreadPoolExecutor(32) as threads:
        answers = list(threads.map(send, range(1_000)))
    opened = [answer for answer in answers if answer["outcome"] == "opened"]
    reference = opened[0]["reference"]

    def counted() -> dict[str, Any] | None:
        counts = dict(shared.seen(reference)["alerts"])
        return counts if counts["duplicates"] >= 999 else None

    assert until(counted) == {"firing": 1, "total": 1, "duplicates": 999}
    assert len({answer["incident"] for answer in answers}) == 1
    shared.until_paged(reference, "first")
    shared.whole_timeline(reference)
    assert len(shared.pages(reference)) == 1


def test_an_edited_playbook_changes_new_incidents_only(shared: Scene) -> None:
    """Behaviour 32."""
    put(shared, "edited_while_open", version=1)
    old = shared.open("EditedWhileOpen", service="old")
    before = shared.seen(old)

    put(shared, "edited_while_open", version=2, ack_within="2h")
    new = shared.seen(shared.open("EditedWhileOpen", service="new"))
    shared.say("first", old, "acknowledge")

    after = shared.seen(old)
    assert after["phase"] == "acknowledged"
    assert (after["playbook_version"], after["plan_sha256"]) == (1, before["plan_sha256"])
    assert new["playbook_version"] == 2
    assert new["plan_sha256"] == serving(shared, "edited_while_open")["sha256"]  # type: ignore[index]
    assert new["plan_sha256"] != before["plan_sha256"]


def test_alert_text_is_shown_and_never_executed(shared: Scene) -> None:
    """Behaviour 39, first half."""
    put(shared, "evil_text")
    evil = "{{ 7 * 7 }} <!channel> @here {% for a in b %} ${jndi:x}"

    reference = shared.open("EvilText", summary=evil, note="{{ labels.service }}")

    page = shared.until_paged(reference, "first")[0].body
    title = shared.seen(reference)["title"]
    for text in (page["title"], page["headline"], *page["lines"][1:2], title):
        assert "{{ 7 * 7 }}" in text
        assert "49" not in text
        assert "<!channel>" not in text
        assert "{% for a in b %}" in text


def test_no_history_holds_a_contact_a_secret_or_a_key(shared: Scene) -> None:
    """Behaviour 39, second half: everything the engine keeps is looked through."""
    put(shared, "kept_secret", ack_within="1s")
    reference = shared.open("KeptSecret")
    shared.until_paged(reference, "manager")
    shared.say("first", reference, "acknowledge")
    shared.whole_timeline(reference)

    settings = shared.copy.settings
    secrets = {
        name: (settings.data_dir / name).read_text().strip()
        for name in ("webhook-secret", "link-secret", "dev-api-key")
    }
    history = shared.histories(shared.seen(reference)["id"])
    raw = json.dumps(_decoded(json.loads(history)))
    assert "Paging First by webhook" in raw
    assert shared.hooks.url not in raw
    assert "/i/" not in raw
    for name, secret in secrets.items():
        assert secret, name
        assert secret not in raw, name


def _decoded(value: Any) -> Any:
    """The history with every payload's data readable."""
    import base64

    if isinstance(value, dict):
        return {
            name: base64.b64decode(one).decode(errors="replace")
            if name == "data" and isinstance(one, str)
            else _decoded(one)
            for name, one in value.items()
        }
    return [_decoded(one) for one in value] if isinstance(value, list) else value


LOOP = "{% for x in labels.text %}"
BOMBS = f"""\
title: "{LOOP * 4}x{"{% endfor %}" * 4}"
severity:
  default: SEV2
  rules:
    - set: SEV1
      when: labels.text.matches('(a+)+$') && labels.text.matches('(.*)(.*)(.*)(.*)x')
"""


def test_bombs_in_condition_and_template_still_page_with_the_raw_text(shared: Scene) -> None:
    """Behaviour 40: bounded, and somebody hears of it."""
    put(shared, "a_bomb", more=BOMBS)

    reference = shared.open("ABomb", text="a" * 300 + "!", summary="the disk is full")

    page = shared.until_paged(reference, "first")[0].body
    assert any("the disk is full" in line for line in [page["title"], *page["lines"]])


def test_a_link_altered_or_of_a_stranger_does_nothing_and_a_second_tap_says_so(
    shared: Scene,
) -> None:
    """Behaviour 41, the links."""
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


def put_person(scene: Scene, name: str, *, rules: str = "[webhook]") -> None:
    """A person of the test's own, who has a webhook and push."""
    contact = f'{{ webhook: "{scene.hooks.url}/{name}", push: "{scene.hooks.ntfy}/{name}-push" }}'
    person = f"{name}: {{ name: {name}, contact: {contact}, notify: {{ high: {rules} }} }}"
    scene.write(f"roster/{name}.yaml", f"language: 1\nusers:\n  {person}\n")


def put_ladder(scene: Scene, name: str, *levels: str, within: str = "2s") -> None:
    """A playbook with these people, a level each."""
    text = (
        f"language: 1\nname: {name}\nowner: team:storage\non_alert: {{ alertname: {name} }}\n"
        f"escalation:\n  ack_within: {{ else: {within} }}\n  repeat: 0\n"
        f"  levels: [{', '.join(f'[user:{level}]' for level in levels)}]\n"
        f"  exhausted: {{ page: [user:{levels[-1]}], again_every: {{ else: never }} }}\n"
    )
    scene.write(f"{name}.yaml", text)
    until(lambda: serving(scene, name))


@pytest.mark.timeout(180)
def test_trouble_at_a_provider_starts_the_next_method_and_keeps_the_key(shared: Scene) -> None:
    """Behaviour 17: one provider answers 500, another hangs after it has taken the page."""
    replies = {"broken": Reply(status=500), "hanging": Reply(hang=True)}
    for name, reply in replies.items():
        shared.hooks.replies[f"/{name}"] = reply
        put_person(shared, name, rules="[webhook, { after: 1h, via: push }]")
        put_ladder(shared, f"provider_{name}", name, "bo", within="20s")

    references = {name: shared.open(f"provider_{name}") for name in replies}
    for name, reference in references.items():
        shared.until_paged(reference, "bo")
        pushed = shared.hooks.wait_for(1, f"/{name}-push")
        assert pushed[0].headers["idempotency-key"].endswith("/push")
        shared.hooks.replies.pop(f"/{name}")

    for name in replies:
        tries = until(lambda name=name: two_tries(shared, name), patience_s=60)  # type: ignore[misc]
        assert [attempt for _, attempt in tries] == [1, 2]
        assert len({key for key, _ in tries}) == 1


def two_tries(scene: Scene, name: str) -> list[tuple[str, int]] | None:
    """Key and attempt of the pages of level 1 to this person, once there are two."""
    found = [one for one in scene.hooks.received(f"/{name}") if b'"level-1"' in one.body]
    tries = [(one.headers["idempotency-key"], one.json()["attempt"]) for one in found]
    return tries if len(tries) == 2 else None


@pytest.mark.timeout(180)
def test_an_outage_of_all_providers_burns_no_round_and_ends_with_a_page(shared: Scene) -> None:
    """Behaviour 13."""
    for name in ("unlucky", "luckless"):
        shared.hooks.replies[f"/{name}"] = Reply(status=500)
        put_person(shared, name)
    put_ladder(shared, "outage", "unlucky", "luckless")
    reference = shared.open("outage")
    until(lambda: "round.void" in {one["kind"] for one in shared.timeline(reference)})

    view = shared.seen(reference)
    for name in ("unlucky", "luckless"):
        shared.hooks.replies.pop(f"/{name}")

    def delivered() -> bool:
        return any(page["state"] == "delivered" for page in shared.seen(reference)["paged"])

    until(delivered, patience_s=60)
    assert view["phase"] == "triggered"
    assert not view["exhausted"]


def test_a_role_holder_gone_from_the_roster_leaves_a_vacancy_that_pages(shared: Scene) -> None:
    """Behaviour 25, with the roster file edited while the incident runs."""
    put(shared, "vacancy")
    reference = shared.open("Vacancy")
    shared.until_paged(reference, "first")
    shared.say("ann", reference, "acknowledge")
    assert shared.seen(reference)["roles"]["operations_lead"][0]["person"] == "ann"

    without_ann = tuple(person for person in PEOPLE if person != "ann")
    shared.write("roster/storage.yaml", a_roster(shared.hooks.url, without_ann))

    pages = shared.until_paged(reference, "first", 2)
    assert pages[0].key != pages[1].key
    shared.write("roster/storage.yaml", a_roster(shared.hooks.url))
