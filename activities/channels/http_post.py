"""One POST with a deadline over all of it, turned into an answer."""

import asyncio
import json

import httpx

from activities.channels.answers import failed, from_status, host_of, retry
from activities.channels.tools import ChannelTools
from domain.incident.effects import SendResult

READ_AT_MOST = 4096
REPLAY_HEADERS = ("idempotent-replayed", "idempotency-replayed", "x-duplicate")


async def post(
    tools: ChannelTools, address: str, content: bytes, headers: dict[str, str]
) -> SendResult:
    """Send once; never raises for what the network or the other side does."""
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
            repeated = await _says_repeated(response)
            return from_status(response.status_code, host, repeated=repeated)
    except (TimeoutError, httpx.TimeoutException):
        return retry(f"{host} did not answer within {tools.timeout_s:g} s")
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
        return failed(f"the address of {host} is not a valid one")
    except httpx.TransportError as error:
        return retry(f"{host} could not be reached ({type(error).__name__}: {error})")


async def _says_repeated(response: httpx.Response) -> bool:
    """Whether a 2xx says, by header or JSON body, that it had seen the key before."""
    if not response.is_success:
        return False
    if any(response.headers.get(name, "").lower() in {"true", "1"} for name in REPLAY_HEADERS):
        return True
    body = b""
    async for part in response.aiter_bytes():
        body += part
        if len(body) > READ_AT_MOST:
            return False
    try:
        said = json.loads(body)
    except ValueError:
        return False
    if not isinstance(said, dict):
        return False
    return said.get("duplicate") is True or said.get("status") == "duplicate"
