"""One POST with a deadline over all of it, turned into an answer."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import httpx

from activities.channels.answers import failed, from_status, host_of, retry
from activities.channels.tools import ChannelTools
from domain.incident.effects import SendResult

READ_AT_MOST = 64 * 1024
REPLAY_HEADERS = ("idempotent-replayed", "idempotency-replayed", "x-duplicate")


@dataclass(frozen=True)
class Answered:
    """What the other side said, its body read up to 64 KiB."""

    status: int
    headers: httpx.Headers
    body: bytes

    def document(self) -> dict[str, Any]:
        """The body as a JSON object; empty if it is none."""
        try:
            said = json.loads(self.body)
        except ValueError:
            return {}
        return said if isinstance(said, dict) else {}


async def post(
    tools: ChannelTools, address: str, content: bytes, headers: dict[str, str]
) -> SendResult:
    """Send once; never raises for what the network or the other side does."""
    answered = await ask(tools, address, content, headers)
    if isinstance(answered, SendResult):
        return answered
    return from_status(answered.status, host_of(address), repeated=_says_repeated(answered))


async def ask(
    tools: ChannelTools, address: str, content: bytes, headers: dict[str, str]
) -> Answered | SendResult:
    """Send once; the answer, or the result where there is none."""
    host = host_of(address)
    if host.startswith("?"):
        return failed("the address has no host, or a port that cannot be")
    try:
        async with (
            asyncio.timeout(tools.timeout_s),
            tools.http.stream(
                "POST", address, content=content, headers=headers, timeout=tools.timeout_s
            ) as response,
        ):
            return Answered(response.status_code, response.headers, await _read(response))
    except (TimeoutError, httpx.TimeoutException):
        return retry(f"{host} did not answer within {tools.timeout_s:g} s")
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
        return failed(f"the address of {host} is not a valid one")
    except httpx.RequestError as error:
        return retry(f"{host} could not be reached ({type(error).__name__}: {error})")


async def _read(response: httpx.Response) -> bytes:
    body = b""
    async for part in response.aiter_bytes():
        body += part
        if len(body) > READ_AT_MOST:
            break
    return body[:READ_AT_MOST]


def _says_repeated(answered: Answered) -> bool:
    """Whether a 2xx says, by header or JSON body, that it had seen the key before."""
    if not httpx.codes.is_success(answered.status):
        return False
    if any(answered.headers.get(name, "").lower() in {"true", "1"} for name in REPLAY_HEADERS):
        return True
    said = answered.document()
    return said.get("duplicate") is True or said.get("status") == "duplicate"
