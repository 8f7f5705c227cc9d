"""A small HTTP client with kept connections, so that the measuring costs little."""

import asyncio
import json
from typing import Any

from bench.product import BenchError

ACCEPTED, TRY_AGAIN = 202, 503
TRIES = 20
PAUSE_S = 1.0

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Sender:
    """Posts JSON to one address; each request in flight has a connection of its own."""

    def __init__(self, port: int, key: str, actor: str) -> None:
        self._port = port
        self._head = (
            f"Host: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n"
            f"X-Watchbill-Actor: {actor}\r\nContent-Type: application/json\r\n"
        )
        self._free: list[Connection] = []

    async def post(self, path: str, document: object) -> tuple[int, Any]:
        """The status and the parsed answer."""
        return await self._request("POST", path, json.dumps(document).encode())

    async def get(self, path: str) -> tuple[int, Any]:
        """The status and the parsed answer."""
        return await self._request("GET", path, b"")

    async def post_surely(self, path: str, document: object) -> tuple[Any, int]:
        """The answer, and how often it had to be asked again: a 503 means "not now".

        BenchError for any other refusal, or after too many.
        """
        for repeats in range(TRIES):
            status, answer = await self.post(path, document)
            if status == ACCEPTED:
                return answer, repeats
            if status != TRY_AGAIN:
                break
            await asyncio.sleep(PAUSE_S)
        raise BenchError(f"an alert was refused: {status} {answer}")

    def close(self) -> None:
        """Give the connections back."""
        for _, writer in self._free:
            writer.close()
        self._free.clear()

    async def _request(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        reader, writer = await self._connection()
        head = f"{method} {path} HTTP/1.1\r\n{self._head}Content-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lines = answer.lower().split("\r\n")
        sizes = [line.partition(":")[2] for line in lines if line.startswith("content-length:")]
        content = await reader.readexactly(int(sizes[0]))
        self._free.append((reader, writer))
        return int(answer.split(" ", 2)[1]), json.loads(content or b"null")

    async def _connection(self) -> Connection:
        while self._free:
            reader, writer = self._free.pop()
            if not reader.at_eof():  # else the server has closed it, idle for too long
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self._port)
