"""Real receivers on loopback: what a page, a push or a mail finally reaches."""

import asyncio
import email
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default as modern
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

PATIENCE_S = 20.0


def free_port() -> int:
    """A TCP port on loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Received:
    """One request as it came. `at` is monotonic; header names are lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    def json(self) -> Any:
        """The body, parsed."""
        import json

        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What a path answers. `hang` answers nothing until the receiver ends; `drop` hangs up."""

    status: int = 200
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = ()
    hang: bool = False
    drop: bool = False


class WebhookReceiver:
    """An HTTP server that keeps every request; it plays webhooks and ntfy alike.

    `replies` maps a path to what it answers from now on; other paths answer 200.
    """

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {}
        self._received: list[Received] = []
        self._changed = threading.Condition()
        self._over = threading.Event()
        self._port = 0
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Its address, without a trailing slash."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def ntfy(self) -> str:
        """Its address as an ntfy server."""
        return f"ntfy://127.0.0.1:{self._port}"

    def received(self, path: str | None = None) -> list[Received]:
        """Everything so far, in order of arrival; of one path if given."""
        with self._changed:
            return [one for one in self._received if path is None or one.path == path]

    def forget(self) -> None:
        """Start with an empty list again."""
        with self._changed:
            self._received.clear()

    def wait_for(
        self, count: int = 1, path: str | None = None, timeout_s: float = PATIENCE_S
    ) -> list[Received]:
        """At least `count` requests, or AssertionError with what came instead."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while True:
                found = [one for one in self._received if path is None or one.path == path]
                if len(found) >= count:
                    return found
                if not self._changed.wait(max(0.0, deadline - time.monotonic())):
                    came = [one.path for one in self._received]
                    raise AssertionError(f"{len(found)} of {count} requests on {path}: {came}")

    async def expect(
        self, count: int = 1, path: str | None = None, timeout_s: float = PATIENCE_S
    ) -> list[Received]:
        """`wait_for` without blocking the event loop."""
        return await asyncio.to_thread(self.wait_for, count, path, timeout_s)

    def start(self) -> None:
        """Listen; on the same port again after `stop`."""
        self._over.clear()
        self._server = _Server(("127.0.0.1", self._port), _handler(self))
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def stop(self) -> None:
        """Refuse connections from now on and let go of those that hang."""
        if self._server is None or self._thread is None:
            return
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._server = None

    def keep(self, one: Received) -> Reply:
        """Take a request in; what to answer."""
        with self._changed:
            self._received.append(one)
            self._changed.notify_all()
            return self.replies.get(one.path, Reply())

    def hang(self) -> None:
        """Wait until the receiver ends."""
        self._over.wait()


class _Server(ThreadingHTTPServer):
    allow_reuse_address = True
    request_queue_size = 256


def _handler(receiver: WebhookReceiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(length)
            reply = receiver.keep(Received(self.command, self.path, headers, body))
            if reply.hang:
                receiver.hang()
            if reply.hang or reply.drop:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        do_POST = do_PUT = do_GET = _take  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Keep the tests' output quiet."""

    return Handler


@contextmanager
def webhook_receiver() -> Iterator[WebhookReceiver]:
    """A receiver that listens, and is stopped at the end."""
    receiver = WebhookReceiver()
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.stop()


@dataclass(frozen=True)
class ReceivedMail:
    """One mail as it came, by its envelope's addresses."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    at: float = field(default_factory=time.monotonic)

    @property
    def plain(self) -> str:
        """The text as it is read without HTML."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The text as HTML."""
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part else ""


class MailReceiver:
    """An SMTP server that keeps every mail. `rcpt_reply` and `data_reply` refuse if set."""

    def __init__(self) -> None:
        self.rcpt_reply: Callable[[str], str | None] = lambda _address: None
        self.data_reply: str | None = None
        self.port = free_port()
        self._mails: list[ReceivedMail] = []
        self._changed = threading.Condition()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def start(self) -> None:
        """Listen."""
        self._controller.start()

    def stop(self) -> None:
        """Refuse connections from now on."""
        self._controller.stop()

    def mails(self, to: str | None = None) -> list[ReceivedMail]:
        """Everything so far, in order of arrival; to one address if given."""
        with self._changed:
            return [mail for mail in self._mails if to is None or to in mail.recipients]

    def wait_for(
        self, count: int = 1, to: str | None = None, timeout_s: float = PATIENCE_S
    ) -> list[ReceivedMail]:
        """At least `count` mails, or AssertionError with what came instead."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while True:
                found = [mail for mail in self._mails if to is None or to in mail.recipients]
                if len(found) >= count:
                    return found
                if not self._changed.wait(max(0.0, deadline - time.monotonic())):
                    came = [mail.message["Subject"] for mail in self._mails]
                    raise AssertionError(f"{len(found)} of {count} mails to {to}: {came}")

    async def expect(
        self, count: int = 1, to: str | None = None, timeout_s: float = PATIENCE_S
    ) -> list[ReceivedMail]:
        """`wait_for` without blocking the event loop."""
        return await asyncio.to_thread(self.wait_for, count, to, timeout_s)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Take or refuse a recipient."""
        if refusal := self.rcpt_reply(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take or refuse a mail."""
        if self.data_reply:
            return self.data_reply
        message = email.message_from_bytes(envelope.content, policy=modern)
        mail = ReceivedMail(envelope.mail_from, tuple(envelope.rcpt_tos), message)
        with self._changed:
            self._mails.append(mail)
            self._changed.notify_all()
        return "250 OK"


@contextmanager
def mail_receiver() -> Iterator[MailReceiver]:
    """A mail server that listens, and is stopped at the end."""
    receiver = MailReceiver()
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.stop()
