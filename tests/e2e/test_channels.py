"""Each way to reach a person, from the alert to the acknowledgement, through real processes.

Twilio, Slack, Teams and the mail server are local, of the real shape, and call back.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.e2e.scene import Scene, a_scene, until
from tests.providers import (
    SlackServer,
    TeamsServer,
    TwilioServer,
    listening,
    slack_settings,
    twilio_settings,
)
from tests.receivers import MailReceiver, free_port, mail_receiver, webhook_receiver

pytestmark = pytest.mark.engine

TEXTED, CALLED, MEMBER = "+4930111111", "+4930222222", "U0SLACKED"

ROSTER = """\
language: 1
users:
  texted: {{ name: Tess Texted, contact: {{ sms: "{texted}" }}, notify: {{ high: [sms] }} }}
  called: {{ name: Cal Called, contact: {{ phone: "{called}" }}, notify: {{ high: [phone] }} }}
  manager: {{ name: Mia Manager, contact: {{ push: "{ntfy}/manager" }} }}
  pushed: {{ name: Pia Pushed, contact: {{ push: "{ntfy}/pushed" }} }}
  slacked:
    name: Sam Slacked
    contact: {{ webhook: "{hooks}/slacked", slack: {member} }}
    notify: {{ high: [webhook, slack] }}
  teamed:
    name: Tim Teamed
    contact: {{ webhook: "{hooks}/teamed", teams: "{teams}/tim", email: tim@example.org }}
    notify: {{ high: [webhook, teams, email] }}
teams:
  storage: {{ members: [texted, called], manager: manager }}
"""

HOUSE = "language: 1\nfallback: anything_else\n"

PLAYBOOK = """\
language: 1
name: {name}
owner: team:storage
bridge: https://meet.example/storage
on_alert: {{ alertname: {alertname} }}
page: [user:{person}, user:manager]
escalation: {{ ack_within: {{ else: 1h }}, exhausted: {{ page: [user:manager] }} }}
steps:
  - {{ id: look, runbook: runbooks/disk.md#first-look }}
"""


@dataclass
class City:
    """A running copy and the services around it."""

    scene: Scene
    twilio: TwilioServer
    slack: SlackServer
    teams: TeamsServer
    mailbox: MailReceiver

    @property
    def public(self) -> str:
        """The address at which the services reach the copy."""
        return self.scene.copy.settings.public_address

    def page(self, person: str, name: str, **labels: str) -> str:
        """A playbook of the test's own pages this person; the incident's reference."""
        alertname = "".join(part.capitalize() for part in name.split("_"))
        self.scene.write(
            f"{name}.yaml", PLAYBOOK.format(name=name, alertname=alertname, person=person)
        )
        until(lambda: name in self._serving(), lambda: str(self._serving()))
        return self.scene.open(alertname, **labels)

    def slack_page(self, reference: str) -> dict[str, Any]:
        """The message about this incident in the member's conversation."""
        return until(
            lambda: next((m for m in self.slack.posted(MEMBER) if reference in m["text"]), None),
            lambda: self.why(reference),
        )

    def why(self, reference: str) -> str:
        """The timeline as text, for an assertion that failed."""
        return "\n".join(one["text"] for one in self.scene.timeline(reference))

    def _serving(self) -> list[str]:
        items = self.scene.http.get("/v1/playbooks").json()["items"]
        return [item["name"] for item in items]

    def acknowledger(self, reference: str) -> str:
        """Whom the timeline names, once somebody has acknowledged."""
        self.scene.until_phase(reference, "acknowledged")
        entries = self.scene.whole_timeline(reference)
        return next(one["actor"] for one in entries if one["kind"] == "acknowledged")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A copy whose roster has every channel, running."""
    port = free_port()
    twilio, slack, teams = TwilioServer(), SlackServer(), TeamsServer()
    with ExitStack() as stack:
        for server in (twilio, slack, teams):
            stack.enter_context(listening(server))
        hooks = stack.enter_context(webhook_receiver())
        mailbox = stack.enter_context(mail_receiver())
        settings = {
            "api_port": port,
            "public_url": f"http://127.0.0.1:{port}",
            "smtp_port": mailbox.port,
            **twilio_settings(twilio),
            **slack_settings(slack),
        }
        folder = tmp_path_factory.mktemp("city")
        scene = stack.enter_context(a_scene(folder, hooks, **settings))
        roster = ROSTER.format(
            texted=TEXTED,
            called=CALLED,
            member=MEMBER,
            ntfy=hooks.ntfy,
            hooks=hooks.url,
            teams=teams.url,
        )
        scene.write("roster/storage.yaml", roster)
        scene.write(
            "anything_else.yaml",
            "language: 1\nname: anything_else\nowner: team:storage\n"
            "page: [user:texted, user:called]\n",
        )
        scene.write("runbooks/disk.md", "# Disk\n\n## First look\n\nRun df.\n")
        scene.start()
        yield City(scene, twilio, slack, teams, mailbox)


def test_a_text_message_is_answered_with_its_code(city: City):
    reference = city.page("texted", "text_message")
    code = reference.removeprefix("INC-")
    sms = until(lambda: [m for m in city.twilio.messages(TEXTED) if code in m["Body"]] or None)[0]

    assert f"Reply: ack {code}" in sms["Body"]
    assert city.public in sms["Body"]
    said = city.twilio.reply_by_sms(city.public, TEXTED, f"ack {code.lower()}", sid="SM77")
    again = city.twilio.reply_by_sms(city.public, TEXTED, f"ack {code.lower()}", sid="SM77")

    assert said.startswith(f"{reference}: ")
    assert again == said
    assert city.acknowledger(reference) == "user:texted"
    kinds = [one["kind"] for one in city.scene.whole_timeline(reference)]
    assert kinds.count("acknowledged") == 1


def test_a_call_is_answered_with_a_key(city: City):
    reference = city.page("called", "phone_call")
    form = until(lambda: city.twilio.calls(CALLED) or None)[-1]
    call = city.twilio.pick_up(form)

    assert "Watchbill calls Cal Called. Severity 3." in call.heard
    assert "PhoneCall is down" in call.heard
    assert reference in call.press("1")
    assert city.acknowledger(reference) == "user:called"


def test_a_slack_message_is_answered_with_its_button(city: City):
    reference = city.page("slacked", "slack_message")
    posted = city.slack_page(reference)

    assert "runbooks/disk.md#first-look" in json.dumps(posted["blocks"])
    assert city.slack.press(city.public, posted, "U0STRANGER").status_code == 200
    assert city.scene.seen(reference)["phase"] == "triggered"
    assert city.slack.press(city.public, posted, MEMBER).status_code == 200
    assert city.acknowledger(reference) == "user:slacked"
    until(lambda: any(one.get("replace_original") for one in city.slack.shown()))


def test_a_push_is_answered_with_its_button(city: City):
    """The button is the POST that the phone sends; opening the page would do nothing."""
    reference = city.page("pushed", "push_message")
    push = city.scene.hooks.wait_for(1, "/pushed")[0]
    tap, opens = json.loads(push.headers["actions"])

    assert httpx.get(opens["url"]).status_code == 200
    assert city.scene.seen(reference)["phase"] == "triggered"
    assert httpx.request(tap["method"], tap["url"]).status_code == 200
    assert city.acknowledger(reference) == "user:pushed"


def test_teams_and_mail_lead_to_the_page_that_answers(city: City):
    reference = city.page("teamed", "card_and_mail")
    mail = city.mailbox.wait_for(1, "tim@example.org")[0]
    card = city.teams.wait_for(1, "/tim")[0].json()["attachments"][0]["content"]
    link = card["actions"][0]["url"]

    assert link in mail.plain
    assert link in mail.html
    assert httpx.post(f"{link}/acknowledge").status_code == 200
    assert city.acknowledger(reference) == "user:teamed"


def test_the_second_incident_of_a_playbook_is_told_what_fixed_the_first(city: City):
    """The first paged nobody, for its severity; somebody resolved it by hand and said how."""
    first = city.page("slacked", "told_again", severity="SEV5")
    said = city.scene.say("texted", first, "resolve", text="Grew the volume of db-1.")
    assert said.status_code == 200, said.text
    city.scene.until_phase(first, "resolved")
    city.scene.whole_timeline(first)

    second = city.scene.open("ToldAgain", service="another", severity="SEV2")
    blocks = json.dumps(city.slack_page(second)["blocks"], ensure_ascii=False)

    assert "*Last time*" in blocks
    assert f"{first} (SEV5, " in blocks
    assert "Grew the volume of db-1" in blocks


def test_no_number_token_or_secret_reaches_a_history(city: City):
    reference = city.page("texted", "secret_keeper")
    until(lambda: [m for m in city.twilio.messages(TEXTED) if reference[4:] in m["Body"]] or None)
    history = city.scene.histories(city.scene.incident(reference)["id"])

    for secret in (TEXTED, CALLED, "xoxb", city.scene.copy.settings.twilio_auth_token or "?"):
        assert secret not in history
