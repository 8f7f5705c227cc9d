"""Where pages arrive: a tiny HTTP server in the benchmark's own event loop.

Decides what counts as a page: a signed webhook of kind `page`. Its title is the key of
the alert it is about.
"""

import asyncio
import json
import re
import time
from collections import Counter
from types import TracebackType
from typing import Any, Self

PATIENCE_S = 60.0
_MORE = re.compile(r"\+(\d+) more")
_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"


class Receiver:
    """Keeps when the first page of each key came, in order of arrival."""

    def __init__(self) -> None:
        self.first: dict[str, float] = {}
        self.first_of: dict[str, float] = {}
        """When somebody's first page came, by person."""
        self.covered: Counter[str] = Counter()
        """How many incidents the pages to each person spoke of."""
        self.pages: Counter[str] = Counter()
        self.other = 0
        self._waiters: dict[str, asyncio.Future[float]] = {}
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        """Listening on an ephemeral port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Not listening any more."""
        assert self._server is not None
        self._server.close()

    @property
    def url(self) -> str:
        """Its address, without a trailing slash."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def page_for(self, key: str, within_s: float = PATIENCE_S) -> float:
        """The moment (perf_counter) of the first page; TimeoutError if none comes."""
        if key in self.first:
            return self.first[key]
        waiter = self._waiters.setdefault(key, asyncio.get_running_loop().create_future())
        return await asyncio.wait_for(asyncio.shield(waiter), within_s)

    def missing(self, keys: list[str]) -> list[str]:
        """Those of the keys that nobody was paged for."""
        return [key for key in keys if key not in self.first]

    def repeated(self, keys: list[str]) -> list[str]:
        """Those of the keys that somebody was paged for more than once."""
        return [key for key in keys if self.pages[key] > 1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = 0
            for line in head.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
            body = await reader.readexactly(length)
            if body:
                self._take(json.loads(body), time.perf_counter())
            writer.write(_ANSWER)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _take(self, document: dict[str, Any], at: float) -> None:
        if document.get("kind") != "page":
            self.other += 1
            return
        key = str(document["title"])
        person = str(document.get("person") or key.partition("/")[0])
        self.first_of.setdefault(person, at)
        more = _MORE.search(str(document.get("headline") or ""))
        self.covered[person] += 1 + (int(more[1]) if more else 0)
        self.pages[key] += 1
        self.first.setdefault(key, at)
        waiter = self._waiters.pop(key, None)
        if waiter is not None and not waiter.done():
            waiter.set_result(at)
