"""The doctor names what would keep a page from reaching somebody, each with its mend."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.doctor.channels import examine_channels
from cli.doctor.command import examine, shown, summary
from cli.doctor.findings import Finding, failure, ok, within_patience
from cli.doctor.playbooks import examine_playbooks
from cli.doctor.service import _clock, _last_page, examine_ledger, examine_public_address
from domain.incident.view import TimelineEntry
from domain.roster import Method, NotifyRule, Roster, User
from ledger import Ledger
from settings import Settings
from tests.receivers import (
    MailReceiver,
    Reply,
    WebhookReceiver,
    free_port,
    mail_receiver,
    webhook_receiver,
)

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)

ROSTER = """\
language: 1
users:
  ann: { contact: { push: "ntfys://ntfy.example/ann" } }
teams:
  storage: { members: [ann] }
"""
PLAYBOOK = """\
language: 1
name: disk_full
owner: team:storage
on_alert: { alertname: DiskFull }
page: [user:ann]
"""
HOUSE = "language: 1\nfallback: disk_full\n"


@pytest.fixture
def hooks() -> Iterator[WebhookReceiver]:
    with webhook_receiver() as receiver:
        yield receiver


@pytest.fixture
def mailbox() -> Iterator[MailReceiver]:
    with mail_receiver() as receiver:
        yield receiver


def a_folder(folder: Path, **texts: str) -> Path:
    """A playbooks folder; `texts` replaces house, roster or playbook, empty removes it."""
    files = {"house": HOUSE, "roster/all": ROSTER, "disk_full": PLAYBOOK}
    for name, text in (files | {k.replace("__", "/"): v for k, v in texts.items()}).items():
        if text:
            path = folder / f"{name}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return folder


def a_user(**contact: str) -> Roster:
    addresses = {Method(name): address for name, address in contact.items()}
    rules = tuple(NotifyRule(via=method) for method in addresses)
    return Roster(users={"ann": User(id="ann", name="Ann", contact=addresses, high=rules)})


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


def test_a_sound_folder_is_well(tmp_path: Path):
    found, roster = examine_playbooks(Settings(playbooks=a_folder(tmp_path)))

    assert set(roster.users) == {"ann"}
    assert {finding.state for finding in found} <= {"ok", "warning"}
    assert by_name(found)["fallback"].state == "ok"


@pytest.mark.parametrize(
    ("texts", "name", "said"),
    [
        ({"house": ""}, "fallback", "pages nobody"),
        ({"house": "language: 1\nfallback: gone\n"}, "fallback", "not in service"),
        ({"disk_full": "language: 1\nname: disk_full\n"}, "playbooks", "none compiles"),
    ],
)
def test_a_folder_that_would_page_nobody_is_a_failure_with_a_mend(
    tmp_path: Path, texts: dict[str, str], name: str, said: str
):
    finding = by_name(examine_playbooks(Settings(playbooks=a_folder(tmp_path, **texts)))[0])[name]

    assert finding.state == "failure"
    assert said in finding.detail
    assert finding.mend


def test_no_folder_at_all_is_a_failure_naming_the_setting(tmp_path: Path):
    ((finding,), _) = examine_playbooks(Settings(playbooks=tmp_path / "nowhere"))

    assert finding.state == "failure"
    assert "WATCHBILL_PLAYBOOKS" in finding.mend


def test_a_number_without_twilio_is_a_person_who_cannot_be_reached(tmp_path: Path):
    roster = ROSTER.replace('push: "ntfys://ntfy.example/ann"', 'sms: "+4930123456"')
    settings = Settings(playbooks=a_folder(tmp_path, roster__all=roster))

    finding = by_name(examine_playbooks(settings)[0])["people"]

    assert finding.state == "failure"
    assert "ann by sms" in finding.detail
    assert "TWILIO" in finding.mend


async def test_a_mail_server_that_answers_is_ok_and_one_that_does_not_is_a_failure(
    mailbox: MailReceiver,
):
    roster = a_user(email="ann@example.org")
    there = Settings(smtp_port=mailbox.port)
    nowhere = Settings(smtp_port=free_port())

    (answers,) = await examine_channels(there, roster)
    (silent,) = await examine_channels(nowhere, roster)

    assert (answers.state, silent.state) == ("ok", "failure")
    assert "WATCHBILL_SMTP_HOST" in silent.mend
    assert mailbox.mails() == []


@pytest.mark.parametrize(("status", "state"), [(200, "ok"), (403, "failure"), (404, "warning")])
async def test_a_push_server_is_asked_for_its_health_with_our_token(
    hooks: WebhookReceiver, status: int, state: str
):
    hooks.replies["/v1/health"] = Reply(status=status)

    found = await examine_channels(Settings(ntfy_token="tk_1"), a_user(push=f"{hooks.ntfy}/ann"))

    assert [finding.state for finding in found] == [state]
    assert hooks.received("/v1/health")[0].headers["authorization"] == "Bearer tk_1"


async def test_twilio_is_asked_for_the_account_and_told_what_is_missing(hooks: WebhookReceiver):
    account = {"twilio_account_sid": "AC1", "twilio_url": hooks.url}
    whole = account | {"twilio_auth_token": "t", "twilio_from": "+4930123456"}
    roster = a_user(sms="+4930123456")

    in_part = await examine_channels(Settings(**account), roster)
    deaf = await examine_channels(Settings(**whole), roster)
    well = await examine_channels(Settings(**whole, public_url="https://wb.example"), roster)
    hooks.replies["/2010-04-01/Accounts/AC1.json"] = Reply(status=401)
    refused = await examine_channels(Settings(**whole), roster)

    states = [found[0].state for found in (in_part, deaf, well, refused)]
    assert states == ["failure", "warning", "ok", "failure"]
    assert "WATCHBILL_PUBLIC_URL" in deaf[0].mend


async def test_slack_is_asked_whether_it_takes_our_token(hooks: WebhookReceiver):
    settings = Settings(slack_bot_token="xoxb-1", slack_signing_secret="s", slack_url=hooks.url)
    roster = a_user(slack="U0123ABCD")
    hooks.replies["/auth.test"] = Reply(body=b'{"ok": true, "team": "Example"}')
    well = await examine_channels(settings, roster)
    hooks.replies["/auth.test"] = Reply(body=b'{"ok": false, "error": "invalid_auth"}')
    refused = await examine_channels(settings, roster)

    assert (well[0].state, refused[0].state) == ("ok", "failure")
    assert "invalid_auth" in refused[0].detail


async def test_a_public_address_must_lead_to_us(hooks: WebhookReceiver):
    loopback = await examine_public_address(Settings(public_url=hooks.url))
    nowhere = await examine_public_address(Settings(public_url="http://wb.invalid"))

    assert loopback[0].state == "warning"
    assert "no phone" in loopback[0].detail
    assert nowhere[0].state == "failure"


def test_clocks_that_are_apart_are_a_failure():
    near = _clock("here", "Sun, 22 Nov 2026 03:00:02 GMT", NOW)
    far = _clock("here", "Sun, 22 Nov 2026 03:01:00 GMT", NOW)
    untold = _clock("here", None, NOW)

    assert (near.state, far.state, untold.state) == ("ok", "failure", "warning")
    assert "NTP" in far.mend


def test_the_last_delivered_page_says_whether_the_way_is_known_to_work():
    never = _last_page(None, NOW)
    lately = _last_page(NOW - timedelta(days=2), NOW)
    long_ago = _last_page(NOW - timedelta(days=45), NOW)

    assert (never.state, lately.state, long_ago.state) == ("warning", "ok", "warning")
    assert "test-page" in never.mend


async def test_the_ledger_is_asked_for_the_last_page(tmp_path: Path):
    settings = Settings(data_dir=tmp_path)
    ledger = Ledger.from_url(settings.ledger_address)
    ledger.migrate()
    entries = [
        TimelineEntry(seq=1, at=NOW, actor="system", kind="page.delivered", text="delivered"),
        TimelineEntry(seq=2, at=NOW + timedelta(hours=1), actor="system", kind="note", text="x"),
    ]
    with ledger.together(), ledger._database.write() as connection:
        from ledger.tables import timeline

        connection.execute(
            timeline.insert(),
            [{"reference": "INC-1", **entry.model_dump()} for entry in entries],
        )
    assert ledger.last_at("page.delivered") == NOW
    ledger.close()

    found = by_name(await examine_ledger(settings))

    assert found["ledger"].state == "ok"
    assert "2026-11-22 03:00 UTC" in found["last page"].detail


async def test_a_ledger_that_cannot_be_used_is_a_failure_naming_the_setting():
    (finding,) = await examine_ledger(Settings(ledger_url="mysql://x"))

    assert finding.state == "failure"
    assert "WATCHBILL_LEDGER_URL" in finding.mend


async def test_one_examination_that_breaks_hides_no_other():
    async def broken() -> list[Finding]:
        raise RuntimeError("boom")

    (finding,) = await within_patience("thing", broken())

    assert finding.state == "failure"
    assert "boom" in finding.detail


async def test_where_nothing_runs_each_failure_has_its_mend(tmp_path: Path):
    settings = Settings(
        data_dir=tmp_path / "data",
        playbooks=a_folder(tmp_path / "books"),
        temporal_port=free_port(),
        api_port=free_port(),
    )

    found = by_name(await examine(settings))

    assert found["heartbeats"].state == "warning"
    assert found["engine"].state == found["API"].state == "failure"
    assert all(finding.mend for finding in found.values() if finding.state != "ok")


def test_what_is_shown_has_a_mark_the_detail_and_the_mend():
    text = shown([ok("engine", "answers"), failure("fallback", "none", "name one")])

    assert text.splitlines() == [
        "ok    engine    answers",
        "FAIL  fallback  none",
        "                mend: name one",
    ]
    assert summary([ok("engine", "answers")]).startswith("All is well")
    assert summary([failure("a", "b", "c")]) == "1 to mend now, 0 before some night."
