"""What senders and authors write is shown, bounded and never carried where it may leak."""

import base64
import json
import re
from urllib.parse import urlsplit

import pytest

from tests.e2e.in_service import serve
from tests.e2e.scene import Page, Scene, a_playbook, an_alert

pytestmark = pytest.mark.engine

BOMB = "{% for a in labels.wide %}" * 4 + "x" + "{% endfor %}" * 4
CONDITION_BOMB = "size(labels) > 0 && labels.all(a, labels.all(b, labels.all(c, a + b + c != '')))"
RULE_BOMB = "alerts.labels.dc.all(a, alerts.labels.dc.all(b, alerts.labels.dc.all(c, a+b+c != '')))"
DATA = re.compile(r'"data": ?"([^"]*)"')


def first_page(scene: Scene, reference: str, person: str = "first") -> Page:
    """The first page that this person got of the incident."""
    return scene.until_paged(reference, person)[0]


def plain(history: str) -> str:
    """The exported history with every payload decoded behind it."""
    payloads = (base64.b64decode(one).decode(errors="replace") for one in DATA.findall(history))
    return "\n".join([history, *payloads])


def test_an_alert_s_text_is_shown_and_neither_evaluated_nor_a_mention(shared: Scene) -> None:
    title = 'title: "{{ labels.host }} of {{ alerts.firing }}"\n'
    serve(shared, said_so=a_playbook("said_so", more=title))
    nasty = "{{ alerts.firing }} {% for a in b %} <!channel> @here"

    answer = shared.post(an_alert("SaidSo", host=nasty, summary=f"{nasty} <script>x</script>"))
    page = first_page(shared, answer["alerts"][0]["reference"])

    assert page.body["title"].replace("\u200b", "") == f"{nasty} of 1"
    whole = json.dumps(page.body, ensure_ascii=False)
    assert "{{ alerts.firing }} {% for a in b %} " in " ".join(page.body["lines"])
    assert "<!channel>" not in whole
    assert "@here" not in whole
    shown = shared.http.get(page.body["link"]).text
    assert "{{ alerts.firing }}" in shown
    assert "<script>x" not in shown


def test_no_address_key_secret_or_signed_link_is_in_a_history(shared: Scene) -> None:
    """Everything that the engine exports, decoded: two failing contacts and a destination."""
    url = shared.hooks.url
    carl = f'{{ webhook: "{url}/carl-5ecret", push: "ntfy://127.0.0.1:1/carl-70pic" }}'
    shared.write(
        "roster/secret.yaml",
        "language: 1\nusers:\n  carl: { name: Carl, contact: "
        + carl
        + ", notify: { high: [push, webhook] } }\n"
        + f'destinations:\n  news: {{ webhook: "{url}/news-5ecret" }}\n',
    )
    announce = "announce: { to: [destination:news], on: [opened, severity] }\n"
    text = a_playbook("confidential", more=announce).replace("schedule:first", "user:carl")
    serve(shared, confidential=text)

    reference = shared.open("Confidential")
    pages = shared.hooks.wait_for(1, "/carl-5ecret")
    shared.hooks.wait_for(1, "/news-5ecret")
    shared.say("first", reference, "severity", severity="SEV1", reason="worse")
    shared.say("ann", reference, "acknowledge")
    shared.whole_timeline(reference)
    history = plain(shared.histories(shared.incident(reference)["id"]))

    data_dir = shared.copy.settings.data_dir
    kept = [file.read_text().strip() for file in data_dir.iterdir() if "secret" in file.name]
    link = urlsplit(pages[0].json()["link"]).path
    assert kept
    assert "Paging Carl by webhook" in history
    for secret in (*kept, shared.copy.key, link, "5ecret", "70pic"):
        assert secret not in history


def test_a_template_bomb_is_bounded_and_pages_with_the_raw_text(shared: Scene) -> None:
    serve(shared, boom=a_playbook("boom", more=f'title: "{BOMB}"\n'))

    reference = shared.open("Boom", wide="x" * 300)
    page = first_page(shared, reference)

    assert page.body["title"].startswith("{% for a in labels.wide %}")
    assert "Boom is down" in page.body["lines"]


def test_a_trigger_s_condition_bomb_is_bounded_and_counts_as_matching(shared: Scene) -> None:
    bomb = f'triggers: [{{ alert: {{ match: {{ alertname: Slow }}, when: "{CONDITION_BOMB}" }} }}]'
    text = a_playbook("slow").replace("on_alert: { alertname: Slow }", bomb)
    serve(shared, slow=text)

    reference = shared.open("Slow", **{f"label_{number}": "x" for number in range(120)})
    page = first_page(shared, reference)

    assert page.body["title"] == "Slow is down"
    assert "takes too long to evaluate" in all_said(shared, reference)


def test_a_severity_rule_s_condition_bomb_is_bounded_and_the_default_holds(shared: Scene) -> None:
    bomb = f'severity: {{ default: SEV2, rules: [{{ set: SEV1, when: "{RULE_BOMB}" }}] }}\n'
    serve(shared, ruled=a_playbook("ruled", more=bomb))

    answers = shared.post(*(an_alert("Ruled", dc=f"dc{number}") for number in range(300)))
    opened = [one["reference"] for one in answers["alerts"] if one["outcome"] == "opened"]
    page = first_page(shared, opened[0])

    assert len(opened) == 1
    assert page.body["severity"] == "SEV2"
    assert "takes too long to evaluate" in all_said(shared, opened[0])


def all_said(shared: Scene, reference: str) -> str:
    """The whole timeline's text."""
    return "\n".join(entry["text"] for entry in shared.whole_timeline(reference))
