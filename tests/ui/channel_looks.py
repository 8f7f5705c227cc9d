"""What each channel makes of a page, drawn as people see it.

Draws what is really sent (headers, blocks, cards, mails), in the likeness of the program
that shows it; a picture is then as true as the message.
"""

import json
from datetime import UTC, datetime
from email.header import decode_header, make_header
from html import escape
from typing import Any

from activities.channels import ntfy
from activities.channels.email_page import html_of
from activities.channels.outgoing import Outgoing
from activities.channels.slack_blocks import blocks_of
from activities.channels.sms_text import sms_text
from activities.channels.teams import card_message
from domain.incident.effects import Message
from domain.severity import Severity

FRAME = """<!doctype html><meta charset="utf-8"><style>
* {{ box-sizing: border-box }}
body {{ margin: 0; padding: 20px; font: 15px/1.4 "Liberation Sans", Arial, sans-serif;
  background: {background}; color: #1d1c1d; width: {width}px }}
p {{ margin: 0 0 4px; overflow-wrap: anywhere }}
button {{ font: inherit; font-weight: 600; padding: 7px 14px; margin: 8px 8px 0 0;
  border-radius: 5px; border: 1px solid #bbb; background: #fff; color: #1d1c1d }}
button.primary {{ background: #007a5a; border-color: #007a5a; color: #fff }}
.card {{ background: #fff; border-radius: 12px; padding: 16px; border: 1px solid #ddd }}
.small {{ color: #616061; font-size: 13px }}
{more}</style><body><div id="look">{inside}</div></body>"""


def a_page() -> Outgoing:
    """A page of the second level: somebody has tried something already."""
    message = Message(
        reference="INC-M4T9WC",
        severity=Severity.SEV2,
        title="Payment API: error ratio 12.4 %",
        headline="Payment API: error ratio 12.4 %",
        lines=(
            "You are paged as level 2.",
            "Error ratio 12.4 % on pay-1",
            "Since 03:00 CET, playbook payment_api_5xx.",
            "Led by Bo Chen (acting).",
        ),
        ask="Acknowledge",
        bridge="https://meet.example/payments",
        at=datetime(2026, 11, 25, 2, 5, tzinfo=UTC),
        playbook="payment_api_5xx",
        runbook="runbooks/payment-5xx.md#first-look",
        tried=(
            "03:04 CET Rolled back the 02:40 deploy.",
            "Paged without an answer: Ann Berg.",
        ),
    )
    return Outgoing(
        kind="page",
        key="INC-M4T9WC/1/level-2/1/cleo/push",
        person="cleo",
        person_name="Cleo Dubois",
        method="push",
        level="level 2",
        message=message,
        link="https://watchbill.example/i/eyJyIjoiSU5DLU00VDlXQyJ9.Qx1",
        earlier=(
            "INC-K2F7QX (SEV2, 3 Nov 2026, 42 min): Rolled back, connection pool was full",
            "INC-7RWD3H (SEV3, 19 Oct 2026, 18 min): Restarted pay-2 and pay-3",
            "INC-Q9XN5B (SEV1, 2 Oct 2026, 1 h 7 min): Failed over the database",
        ),
    )


def push(page: Outgoing) -> str:
    """The notification of ntfy on a phone, opened."""
    headers = ntfy.headers_of(page)
    title = str(make_header(decode_header(headers["Title"])))
    actions = json.loads(headers["Actions"])
    buttons = "".join(f"<button>{escape(one['label'])}</button>" for one in actions)
    dot = '<span style="color:#d92d20">●</span>'
    text = _paragraphs(page.text(buttons=True))
    inside = (
        f'<div class="card"><p class="small">ntfy · now · priority {headers["Priority"]}</p>'
        f"<p><b>{dot} {escape(title)}</b></p>{text}{buttons}</div>"
    )
    return FRAME.format(background="#20323f", width=430, more="", inside=inside)


def sms(page: Outgoing) -> str:
    """The message on a phone, and the reply."""
    bubble = "border-radius:18px;padding:10px 14px;margin-bottom:10px;max-width:300px"
    text = _paragraphs(sms_text(page, answerable=True))
    said = f'<div style="{bubble};background:#e9e9eb">{text}</div>'
    reply = f"ack {page.answered.lower()}"
    inside = (
        f'<p class="small" style="text-align:center">+1 555 000 6666</p>{said}'
        f'<div style="{bubble};background:#0a7cff;color:#fff;margin-left:auto;width:fit-content">'
        f"{reply}</div>"
        f'<div style="{bubble};background:#e9e9eb">INC-M4T9WC: Acknowledged; you are on it.</div>'
    )
    return FRAME.format(background="#fff", width=400, more="", inside=inside)


def slack(page: Outgoing) -> str:
    """The message in a conversation of Slack."""
    blocks = "".join(_block(block) for block in blocks_of(page, "token"))
    inside = f"<p><b>Watchbill</b> <span class='small'>APP 03:05</span></p>{blocks}"
    more = "h3 { margin: 6px 0; font-size: 18px } .section { margin: 8px 0 }"
    return FRAME.format(background="#fff", width=600, more=more, inside=inside)


def _block(block: dict[str, Any]) -> str:
    match block["type"]:
        case "header":
            return f"<h3>{escape(block['text']['text'])}</h3>"
        case "section":
            return f'<div class="section">{_mrkdwn(block["text"]["text"])}</div>'
        case "context":
            texts = " ".join(_mrkdwn(each["text"]) for each in block["elements"])
            return f'<div class="small">{texts}</div>'
        case _:
            return "".join(
                f'<button class="{each.get("style", "")}">{escape(each["text"]["text"])}</button>'
                for each in block["elements"]
            )


def _mrkdwn(text: str) -> str:
    """Slack's text, which is escaped already; a line in stars is bold."""
    lines = text.split("\n")
    return "".join(
        f"<p><b>{line[1:-1]}</b></p>" if line[:1] == line[-1:] == "*" else f"<p>{line}</p>"
        for line in lines
    )


def teams(page: Outgoing) -> str:
    """The card in a channel of Teams."""
    card = card_message(page)["attachments"][0]["content"]
    texts = "".join(_text_block(element) for element in card["body"])
    buttons = "".join(f"<button>{escape(one['title'])}</button>" for one in card["actions"])
    inside = f'<div class="card" style="border-radius:4px">{texts}{buttons}</div>'
    return FRAME.format(background="#f5f5f5", width=600, more="", inside=inside)


def _text_block(element: dict[str, str]) -> str:
    colour = {"Attention": "#c4314b", "Warning": "#b54708"}.get(element.get("color", ""), "inherit")
    weight = "700" if element.get("weight") == "Bolder" else "400"
    size = "19px" if element.get("size") == "Large" else "15px"
    above = "10px" if element.get("spacing") == "Medium" else "0"
    style = f"color:{colour};font-weight:{weight};font-size:{size};margin-top:{above}"
    text = element["text"].replace("\\", "")
    return f'<p style="{style}">{escape(text)}</p>'


def mail(page: Outgoing) -> str:
    """The mail as a program shows it: its head, then its own HTML."""
    head = (
        '<div style="padding:12px 16px;border-bottom:1px solid #ddd">'
        f"<p><b>{escape(page.subject)}</b></p>"
        '<p class="small">from watchbill@example.org · to cleo@example.org · high importance</p>'
        "</div>"
    )
    body = html_of(page).partition("<body")[2].partition("</body>")[0]
    inside = f'<div class="card" style="padding:0">{head}<div{body}</div></div>'
    return FRAME.format(background="#eef1f4", width=620, more="", inside=inside)


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(line) or '&nbsp;'}</p>" for line in text.split("\n"))


LOOKS = {"push": push, "sms": sms, "slack": slack, "teams": teams, "email": mail}
