"""Where the demo's pages really arrive: an HTTP server that plays phones and webhooks.

Decides how a request reads as a message. `/ann` is the ntfy topic on Ann's phone,
`/hooks/…` takes signed JSON webhooks.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

HOOKS = "hooks/"


@dataclass(frozen=True)
class Delivery:
    """One message as it arrived. `to` is a phone's owner, or `hooks/<name>`."""

    to: str
    headers: dict[str, str]
    body: bytes
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def is_push(self) -> bool:
        """Whether it came to a phone."""
        return not self.to.startswith(HOOKS)

    @property
    def document(self) -> dict[str, Any]:
        """The JSON of a webhook; empty for a push."""
        return {} if self.is_push else dict(json.loads(self.body))

    @property
    def headline(self) -> str:
        """The first line a person reads."""
        said = self.document.get("headline") if not self.is_push else None
        return str(said or self.body.decode(errors="replace").split("\n", 1)[0])

    @property
    def reason(self) -> str:
        """The line under the headline: why it came, or what one must know."""
        if not self.is_push:
            return str(next(iter(self.document.get("lines") or []), ""))
        paragraphs = self.text.split("\n\n")
        return paragraphs[1].split("\n", 1)[0] if len(paragraphs) > 1 else ""

    @property
    def text(self) -> str:
        """Everything a person reads."""
        return self.body.decode(errors="replace")

    @property
    def link(self) -> str | None:
        """Where a tap leads."""
        return self.headers.get("click") or self.document.get("link")

    @property
    def wakes(self) -> bool:
        """Whether it is a page, loud at any hour, and not a quiet notice."""
        if self.is_push:
            return int(self.headers.get("priority", "3")) > LOUD_ABOVE
        return bool(self.document.get("kind") == "page")


LOUD_ABOVE = 3
"""ntfy's priorities above this one ring through a silenced phone."""


class Receivers:
    """Keeps what arrives, and wakes whoever waits. Use it as a context manager."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self._deliveries: list[Delivery] = []
        self._on_delivery: Callable[[Delivery], None] = lambda _delivery: None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        """Listening."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Not listening any more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def tell(self, listener: Callable[[Delivery], None]) -> None:
        """Call this for every delivery from now on, one at a time."""
        self._on_delivery = listener

    def take(self, delivery: Delivery) -> None:
        """Keep one delivery and wake whoever waits."""
        with self.changed:
            self._deliveries.append(delivery)
            self._on_delivery(delivery)
            self.changed.notify_all()

    def to(self, who: str, saying: str = "") -> list[Delivery]:
        """What arrived there, in order, and says this somewhere."""
        with self.changed:
            return [
                each
                for each in self._deliveries
                if each.to == who and saying.lower() in each.text.lower()
            ]

    def all(self) -> list[Delivery]:
        """Everything that arrived, in order."""
        with self.changed:
            return list(self._deliveries)


def _handler(receivers: Receivers) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Take a message in and say so."""
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receivers.take(Delivery(self.path.strip("/"), headers, body))
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_PUT = do_POST  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Leave the terminal to the story."""

    return Handler
