"""A storm of alerts as a program of its own: real HTTP, so many requests in flight.

`python storm.py PORT KEY IN_FLIGHT FILE`: the file holds one request body a line. It
says `ready`, begins when it is sent a line, and at its end prints one JSON line: the
answers by status, and when it began and ended. What is not answered 202 is sent again.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path

AGAIN_S = 0.05


async def worker(port: int, key: str, bodies: list[bytes], statuses: Counter[int]) -> None:
    """Send what is left, one request at a time, over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while bodies:
        body = bodies.pop()
        status = 0
        while status != 202:
            writer.write(_request(key, body))
            status = await _status(reader)
            statuses[status] += 1
            if status != 202:
                await asyncio.sleep(AGAIN_S)
    writer.close()


def _request(key: str, body: bytes) -> bytes:
    head = (
        "POST /v1/alerts/alertmanager HTTP/1.1\r\nHost: watchbill\r\n"
        f"Authorization: Bearer {key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _status(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = next(
        int(line.partition(":")[2]) for line in head.splitlines() if line.startswith("content-l")
    )
    await reader.readexactly(length)
    return int(head.split(" ", 2)[1])


async def main(port: int, key: str, in_flight: int, bodies: list[bytes]) -> None:
    """Send all of it."""
    statuses: Counter[int] = Counter()
    began = time.time()
    await asyncio.gather(*(worker(port, key, bodies, statuses) for _ in range(in_flight)))
    print(json.dumps({"statuses": statuses, "began": began, "ended": time.time()}))  # noqa: T201


if __name__ == "__main__":
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    port_, key_, in_flight_, file_ = sys.argv[1:]
    asyncio.run(main(int(port_), key_, int(in_flight_), Path(file_).read_bytes().splitlines()))
