"""E-mail, against a real SMTP server."""

import socket

import httpx
import pytest

from activities.channels.email import message_id, send_email
from domain.incident.effects import Outcome, SendResult
from settings import Settings
from tests.activities.builders import a_message, an_outgoing, tools_for
from tests.receivers import MailReceiver, free_port

ANN = ["ann@example.org"]


async def mail(
    settings: Settings, http: httpx.AsyncClient, port: int, to: list[str] = ANN
) -> SendResult:
    """Send one page by mail to a server on this port."""
    tools = tools_for(settings, http, smtp_port=port, send_timeout_s=2.0)
    return await send_email(tools, to, an_outgoing())


async def test_mail_says_what_burns_and_where_to_act(
    settings: Settings, http: httpx.AsyncClient, mailbox: MailReceiver
) -> None:
    result = await mail(settings, http, mailbox.port)

    one = mailbox.mails("ann@example.org")[0]
    text = one.plain
    assert result.outcome is Outcome.DELIVERED
    assert one.message["Subject"] == "[SEV2] Payment API: error ratio (INC-M4T9WC)"
    assert "payments-api is failing in eu-west-1" in text
    assert "http://127.0.0.1:8080/i/token" in text


async def test_mail_as_html_says_the_same_and_runs_nothing_of_an_alert(
    settings: Settings, http: httpx.AsyncClient, mailbox: MailReceiver
) -> None:
    message = a_message().model_copy(
        update={"headline": "<script>x</script>", "tried": ("03:04 Rolled back.",)}
    )
    outgoing = an_outgoing().model_copy(update={"message": message, "earlier": ("INC-K: cache",)})

    await send_email(tools_for(settings, http, smtp_port=mailbox.port), ANN, outgoing)

    shown = mailbox.mails()[0].html
    assert "&lt;script&gt;x&lt;/script&gt;" in shown
    assert "<script>" not in shown
    for said in ("SEV2", "INC-M4T9WC", "Open to acknowledge", "Rolled back.", "INC-K: cache"):
        assert said in shown


async def test_mails_of_one_incident_are_one_thread_and_pages_are_marked_urgent(
    settings: Settings, http: httpx.AsyncClient, mailbox: MailReceiver
) -> None:
    tools = tools_for(settings, http, smtp_port=mailbox.port)
    for changed in ({}, {"key": "k2", "kind": "notice"}, {"key": "k3", "urgency": "low"}):
        await send_email(tools, ANN, an_outgoing().model_copy(update=changed))

    page, notice, quiet = (one.message for one in mailbox.mails())
    assert page["In-Reply-To"] == notice["In-Reply-To"] == quiet["References"]
    assert page["X-Priority"] == "1"
    assert notice["X-Priority"] is None
    assert quiet["X-Priority"] is None


async def test_message_id_is_the_same_on_a_retry(
    settings: Settings, http: httpx.AsyncClient, mailbox: MailReceiver
) -> None:
    """It comes from the key alone, so that mail systems can drop the repeat."""
    await mail(settings, http, mailbox.port)
    await mail(settings, http, mailbox.port)

    ids = {one.message["Message-ID"] for one in mailbox.mails()}
    assert ids == {message_id(an_outgoing().key)}
    assert message_id("other") not in ids


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("450 4.2.1 mailbox busy", Outcome.RETRY),
        ("452 4.2.2 mailbox full", Outcome.RETRY),
        ("550 5.1.1 no such user", Outcome.FAILED),
    ],
)
async def test_refused_recipient_is_retried_only_on_4xx(
    reply: str,
    outcome: Outcome,
    settings: Settings,
    http: httpx.AsyncClient,
    mailbox: MailReceiver,
) -> None:
    mailbox.rcpt_reply = lambda _address: reply

    result = await mail(settings, http, mailbox.port)

    assert result.outcome is outcome
    assert reply[:3] in result.detail


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [("451 4.3.0 try later", Outcome.RETRY), ("554 5.7.1 spam", Outcome.FAILED)],
)
async def test_refused_mail_is_retried_only_on_4xx(
    reply: str,
    outcome: Outcome,
    settings: Settings,
    http: httpx.AsyncClient,
    mailbox: MailReceiver,
) -> None:
    mailbox.data_reply = reply

    result = await mail(settings, http, mailbox.port)

    assert result.outcome is outcome


async def test_one_refused_address_of_a_list_does_not_stop_the_others(
    settings: Settings, http: httpx.AsyncClient, mailbox: MailReceiver
) -> None:
    mailbox.rcpt_reply = lambda address: "550 no" if address.startswith("gone") else None

    result = await mail(settings, http, mailbox.port, [*ANN, "gone@example.org"])

    assert result.outcome is Outcome.DELIVERED
    assert "1 of 2" in result.detail
    assert mailbox.mails("ann@example.org")


async def test_no_server_and_a_silent_server_are_worth_a_retry(
    settings: Settings, http: httpx.AsyncClient
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hanging = await mail(settings, http, silent.getsockname()[1])
    absent = await mail(settings, http, free_port())

    assert hanging.outcome is absent.outcome is Outcome.RETRY


@pytest.mark.parametrize("address", ["ann", "ann@", "ann@example.org\nBcc: all@example.org"])
async def test_what_is_no_address_fails_for_good(
    address: str, settings: Settings, http: httpx.AsyncClient, mailbox: MailReceiver
) -> None:
    result = await mail(settings, http, mailbox.port, [address])

    assert result.outcome is Outcome.FAILED
    assert not mailbox.mails()


async def test_line_breaks_in_a_title_do_not_make_headers(
    settings: Settings, http: httpx.AsyncClient, mailbox: MailReceiver
) -> None:
    message = a_message().model_copy(update={"title": "disk\r\nBcc: all@example.org"})
    outgoing = an_outgoing().model_copy(update={"message": message})

    await send_email(tools_for(settings, http, smtp_port=mailbox.port), ANN, outgoing)

    one = mailbox.mails()[0].message
    assert one["Bcc"] is None
    assert "disk Bcc: all@example.org" in one["Subject"]
