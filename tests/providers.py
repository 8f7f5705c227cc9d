"""Servers of the real services' shape on loopback: Twilio, Slack and Teams.

They check what the real ones check (credentials, paths, fields), answer as those do, and
call back with their signatures: a reply by SMS, a key on a call, a press of a button.
"""

import base64
import json
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

import httpx
from slack_sdk.signature import SignatureVerifier

from api.callback_signatures import twilio_signature
from tests.receivers import Received, Reply, WebhookReceiver

ACCOUNT = "AC" + "0123456789abcdef" * 2
TWILIO_TOKEN = "f00dcafe" * 4
OUR_NUMBER = "+15550006666"
BOT_TOKEN = "xoxb-1-watchbill"
SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"

INVALID_NUMBER, BLOCKED_NUMBER, BUSY_NUMBER = "+15005550001", "+15005550004", "+15005550007"


def twilio_settings(server: "TwilioServer") -> dict[str, str]:
    """The settings of a copy that is a customer of this server."""
    return {
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_token": TWILIO_TOKEN,
        "twilio_from": OUR_NUMBER,
        "twilio_url": server.url,
    }


def slack_settings(server: "SlackServer") -> dict[str, str]:
    """The settings of a copy that is an app of this workspace."""
    return {
        "slack_bot_token": BOT_TOKEN,
        "slack_signing_secret": SIGNING_SECRET,
        "slack_url": f"{server.url}/api",
    }


class TwilioServer(WebhookReceiver):
    """`Messages.json` and `Calls.json` of one account.

    `proxied` says where a public address really is, as a proxy would.
    """

    def __init__(self) -> None:
        super().__init__()
        self.proxied: dict[str, str] = {}

    def keep(self, one: Received) -> Reply:
        """Take a request in, and answer it as Twilio would."""
        forced = super().keep(one)
        return forced if one.path in self.replies else self._answer(one)

    def _answer(self, one: Received) -> Reply:
        pair = base64.b64encode(f"{ACCOUNT}:{TWILIO_TOKEN}".encode()).decode()
        if one.headers.get("authorization") != f"Basic {pair}":
            return _twilio_error(401, 20003, "Authenticate")
        start = f"/2010-04-01/Accounts/{ACCOUNT}/"
        resource = one.path.removeprefix(start).removesuffix(".json")
        if not one.path.startswith(start) or resource not in ("Messages", "Calls"):
            return _twilio_error(404, 20404, f"The requested resource {one.path} was not found")
        form = form_of(one)
        to = form.get("To", "")
        if not to:
            code = 21604 if resource == "Messages" else 21201
            return _twilio_error(400, code, "A 'To' phone number is required.")
        if to == INVALID_NUMBER:
            text = f"The 'To' number {to} is not a valid phone number."
            return _twilio_error(400, 21211, text)
        if to == BLOCKED_NUMBER:
            return _twilio_error(400, 21610, f"Attempt to send to unsubscribed recipient {to}")
        if to == BUSY_NUMBER:
            return _twilio_error(429, 20429, "Too Many Requests")
        if form.get("From") != OUR_NUMBER:
            return _twilio_error(400, 21606, "The 'From' phone number is not one of yours.")
        if resource == "Messages" and not form.get("Body"):
            return _twilio_error(400, 21602, "Message body is required.")
        if resource == "Calls" and not (form.get("Url") or form.get("Twiml")):
            return _twilio_error(400, 21205, "Url parameter is required.")
        sid = ("SM" if resource == "Messages" else "CA") + uuid4().hex
        made = {"sid": sid, "status": "queued", "to": to, "from": OUR_NUMBER, "error_code": None}
        return Reply(201, json.dumps(made).encode())

    def messages(self, to: str | None = None) -> list[dict[str, str]]:
        """The forms of all messages, in order; to one number if given."""
        return self._forms("Messages", to)

    def calls(self, to: str | None = None) -> list[dict[str, str]]:
        """The forms of all calls, in order; to one number if given."""
        return self._forms("Calls", to)

    def _forms(self, resource: str, to: str | None) -> list[dict[str, str]]:
        path = f"/2010-04-01/Accounts/{ACCOUNT}/{resource}.json"
        forms = [form_of(one) for one in self.received(path)]
        return [form for form in forms if to in (None, form.get("To"))]

    def reply_by_sms(self, api: str, number: str, text: str, sid: str | None = None) -> str:
        """What the person who sends this text reads back."""
        form = {"From": number, "To": OUR_NUMBER, "Body": text, "NumMedia": "0"}
        form |= {"MessageSid": sid or f"SM{uuid4().hex}", "AccountSid": ACCOUNT}
        answer = self.post_signed(f"{api}/v1/channels/twilio/sms", form)
        assert answer.status_code == 200, answer.text
        return "".join(_twiml(answer).itertext())

    def pick_up(self, call: dict[str, str]) -> "LiveCall":
        """The call as the person who picks it up hears it."""
        return LiveCall(self, call["Url"], call["To"])

    def post_signed(self, url: str, form: dict[str, str]) -> httpx.Response:
        """A request of Twilio's own, with its signature."""
        headers = {"X-Twilio-Signature": twilio_signature(TWILIO_TOKEN, url, list(form.items()))}
        for public, real in self.proxied.items():
            url = url.replace(public, real)
        return httpx.post(url, data=form, headers=headers, timeout=20)


class LiveCall:
    """A call that was picked up: what is heard, and keys."""

    def __init__(self, server: TwilioServer, url: str, number: str) -> None:
        self._server = server
        self._form = {
            "CallSid": f"CA{uuid4().hex}",
            "To": number,
            "From": OUR_NUMBER,
            "CallStatus": "in-progress",
        }
        self._action = ""
        self.heard = ""
        self._hear(url, {})

    def press(self, digit: str) -> str:
        """What is heard after the key."""
        assert self._action, "the call asks for no key"
        self._hear(self._action, {"Digits": digit})
        return self.heard

    def _hear(self, url: str, more: dict[str, str]) -> None:
        answer = self._server.post_signed(url, {**self._form, **more})
        assert answer.status_code == 200, answer.text
        document = _twiml(answer)
        gather, redirect = document.find("Gather"), document.find("Redirect")
        self._action = gather.attrib["action"] if gather is not None else ""
        self.heard = " ".join(say.text or "" for say in document.iter("Say"))
        if redirect is not None:
            self._hear(redirect.text or "", {})


class SlackServer(WebhookReceiver):
    """`chat.postMessage` of one workspace, and the addresses that answer an interaction."""

    def __init__(self) -> None:
        super().__init__()
        self.unknown_channels: set[str] = set()

    def keep(self, one: Received) -> Reply:
        """Take a request in, and answer it as Slack would: 200 also for errors."""
        forced = super().keep(one)
        if one.path in self.replies or not one.path.startswith("/api/"):
            return forced
        return Reply(200, json.dumps(self._answer(one)).encode())

    def _answer(self, one: Received) -> dict[str, Any]:
        if one.headers.get("authorization") != f"Bearer {BOT_TOKEN}":
            return {"ok": False, "error": "invalid_auth"}
        if one.path != "/api/chat.postMessage":
            return {"ok": False, "error": "unknown_method"}
        message = one.json()
        channel = message.get("channel", "")
        if not channel or channel in self.unknown_channels:
            return {"ok": False, "error": "channel_not_found"}
        if problem := block_problem(message.get("blocks", [])):
            return {"ok": False, "error": "invalid_blocks", "errors": [problem]}
        made = {"ok": True, "channel": channel, "ts": f"{time.time():.6f}"}
        return {**made, "message": {"text": message.get("text", "")}}

    def posted(self, channel: str | None = None) -> list[dict[str, Any]]:
        """Every message, in order; of one channel if given."""
        messages = [one.json() for one in self.received("/api/chat.postMessage")]
        return [one for one in messages if channel in (None, one["channel"])]

    def press(
        self, api: str, message: dict[str, Any], member: str, *, age_s: float = 0
    ) -> httpx.Response:
        """A member presses the button that acknowledges, so long ago."""
        button = button_of(message)
        payload = {
            "type": "block_actions",
            "user": {"id": member, "username": f"name_of_{member.lower()}"},
            "actions": [{**button, "action_ts": f"{time.time():.6f}", "type": "button"}],
            "message": {"text": message["text"], "blocks": message["blocks"]},
            "response_url": f"{self.url}/actions/{uuid4().hex}",
            "trigger_id": uuid4().hex,
        }
        body = str(httpx.QueryParams({"payload": json.dumps(payload)}))
        at = str(int(time.time() - age_s))
        signature = SignatureVerifier(SIGNING_SECRET).generate_signature(timestamp=at, body=body)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": signature or "",
        }
        address = f"{api}/v1/channels/slack/actions"
        return httpx.post(address, content=body, headers=headers, timeout=20)

    def shown(self) -> list[dict[str, Any]]:
        """What was shown in answer to presses, in order."""
        return [one.json() for one in self.received() if one.path.startswith("/actions/")]


class TeamsServer(WebhookReceiver):
    """A Teams webhook: 202 for an Adaptive Card, 400 for anything else."""

    def keep(self, one: Received) -> Reply:
        """Take a card in."""
        forced = super().keep(one)
        return forced if one.path in self.replies else self._answer(one)

    def _answer(self, one: Received) -> Reply:
        if len(one.body) > 28 * 1024:
            return Reply(413, b"")
        message = one.json()
        attachment = (message.get("attachments") or [{}])[0]
        kind = "application/vnd.microsoft.card.adaptive"
        card = attachment.get("content") or {}
        if message.get("type") != "message" or attachment.get("contentType") != kind:
            return Reply(400, b"Invalid webhook request")
        if card.get("type") != "AdaptiveCard" or not card.get("version"):
            return Reply(400, b"Invalid card")
        return Reply(202, b"")


def form_of(one: Received) -> dict[str, str]:
    """The form that was posted."""
    return dict(parse_qsl(one.body.decode(), keep_blank_values=True))


def button_of(message: dict[str, Any]) -> dict[str, Any]:
    """The button of a Slack message that hands something back."""
    for block in message["blocks"]:
        for element in block.get("elements", []):
            if "value" in element:
                found: dict[str, Any] = element
                return found
    raise AssertionError("the message has no such button")


def block_problem(blocks: list[dict[str, Any]]) -> str | None:
    """What Slack would refuse of these blocks."""
    limits = {"header": 150, "section": 3000}
    for block in blocks:
        text = (block.get("text") or {}).get("text", "")
        if block["type"] in limits and not 0 < len(text) <= limits[block["type"]]:
            return f"{block['type']}: must be more than 0 and at most {limits[block['type']]}"
        for element in block.get("elements", []) if block["type"] == "actions" else []:
            if len(element["text"]["text"]) > 75 or len(element.get("value", "")) > 2000:
                return "button: too long"
            if "url" in element and not element["url"].startswith(("http://", "https://")):
                return "button: invalid url"
    return None if 0 < len(blocks) <= 50 else "between 1 and 50 blocks"


def _twilio_error(status: int, code: int, message: str) -> Reply:
    more = f"https://www.twilio.com/docs/errors/{code}"
    body = {"code": code, "message": message, "more_info": more, "status": status}
    return Reply(status, json.dumps(body).encode())


def _twiml(answer: httpx.Response) -> ET.Element:
    assert answer.headers["content-type"].startswith("application/xml")
    return parsed(answer.text)


def parsed(document: str) -> ET.Element:
    """The root of a TwiML document, which is our own."""
    return ET.fromstring(document.encode())  # noqa: S314


@contextmanager
def listening(server: WebhookReceiver) -> Iterator[None]:
    """The server listens, and is stopped at the end."""
    server.start()
    try:
        yield
    finally:
        server.stop()
