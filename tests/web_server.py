"""A web server on loopback that answers as a test says, also badly."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.receivers import Received, Reply

Answering = Callable[[Received], Reply]


class WebServer:
    """Keeps every request, and answers each as `answering` says.

    `drip` sends a body without an end, a byte now and then, until the server stops.
    """

    def __init__(self, answering: Answering, host: str = "127.0.0.1", port: int = 0) -> None:
        self.answering = answering
        self.received: list[Received] = []
        self.over = threading.Event()
        self.drip = False
        self._server = _Server((host, port), _handler(self))
        self.host, self.port = host, int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its address, without a trailing slash."""
        return f"http://{self.host}:{self.port}"

    @property
    def target(self) -> str:
        """Its address as the list of allowed targets has it."""
        return f"{self.host}:{self.port}"

    def speak_tls(self, context: ssl.SSLContext) -> None:
        """Wrap every connection from now on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    @contextmanager
    def listening(self) -> Iterator["WebServer"]:
        """Answer until the end."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            self.over.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hangs up has had enough."""


def _handler(server: WebServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            one = Received(self.command, self.path, headers, self.rfile.read(length))
            server.received.append(one)
            reply = server.answering(one)
            if reply.hang:
                server.over.wait()
            if reply.hang or reply.drop:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            if server.drip:
                self.end_headers()
                self._drip()
                return
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

        def _drip(self) -> None:
            self.close_connection = True
            while not server.over.wait(0.02):
                self.wfile.write(b".")
                self.wfile.flush()

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _take  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Keep the tests' output quiet."""

    return Handler


@contextmanager
def web_server(answering: Answering, host: str = "127.0.0.1", port: int = 0) -> Iterator[WebServer]:
    """A server that listens, and is stopped at the end."""
    with WebServer(answering, host, port).listening() as server:
        yield server


def saying(*replies: Reply) -> Answering:
    """One reply after the other; the last stays."""
    left = list(replies)
    return lambda _one: left.pop(0) if len(left) > 1 else left[0]


def with_json(text: str, status: int = 200, **headers: str) -> Reply:
    """A reply that says it is JSON."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Reply(
        status=status, body=text.encode(), headers=(("content-type", "application/json"), *named)
    )
