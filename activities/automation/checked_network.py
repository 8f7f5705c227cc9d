"""Connections to checked addresses only: one look-up, every answer judged, then by address.

Decides nothing about what is allowed (`addresses` does). It stands where the HTTP library
opens sockets, below redirects and TLS, so that no name is looked up a second time: what was
checked is what is connected to. TLS and the Host header keep the name.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpcore

from domain.addresses import Address, Allowed, address_of

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""All addresses of a name."""

LOOKUPS_AT_ONCE = 16


class RefusedTargetError(Exception):
    """The target must not be reached; the text says why and how to allow it."""


class NoSuchHostError(Exception):
    """The name has no address, or nobody could be asked."""


class LookUps:
    """The system's resolver in threads of its own.

    The event loop's threads are few and shared: names that hang there would delay pages.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOKUPS_AT_ONCE, thread_name_prefix="look-up")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Every address, the preferred first. Raises NoSuchHostError."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._threads, _looked_up, host, port)
        except (OSError, UnicodeError):
            raise NoSuchHostError(f"{host} has no address") from None
        return list(dict.fromkeys(found))

    def close(self) -> None:
        """Take no more; what hangs ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _looked_up(host: str, port: int) -> list[str]:
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(answer[4][0]) for answer in answers]


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Opens connections for one request and its redirects."""

    def __init__(self, allowed: Allowed, resolve: Resolve) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._plain = httpcore.AnyIOBackend()
        self.has_connected = False
        """Whether anything was reached, so that a request may have been read."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the library's signature
        local_address: str | None = None,  # noqa: ARG002  # the library's signature
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first checked address that answers."""
        addresses = await self._checked(host, port)
        share = None if timeout is None else timeout / len(addresses)
        for address in addresses[:-1]:
            try:
                return await self._connect(address, port, share, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._connect(addresses[-1], port, share, socket_options)

    async def sleep(self, seconds: float) -> None:
        """As the library wants it."""
        await self._plain.sleep(seconds)

    async def _connect(
        self, address: Address, port: int, limit: float | None, options: Iterable[Any] | None
    ) -> httpcore.AsyncNetworkStream:
        stream = await self._plain.connect_tcp(
            str(address), port, timeout=limit, socket_options=options
        )
        self.has_connected = True
        return stream

    async def _checked(self, host: str, port: int) -> list[Address]:
        """All addresses of the host, each of which may be reached.

        Raises:
            RefusedTargetError: one of them may not; then none is tried.
            NoSuchHostError: there is none.
        """
        try:
            addresses = [address_of(host)]
        except ValueError:
            addresses = [address_of(one) for one in await self._resolve(host, port)]
        if not addresses:
            raise NoSuchHostError(f"{host} has no address")
        for address in addresses:
            why = self._allowed.refusal(host, address, port)
            if why is not None:
                raise RefusedTargetError(_refusal(host, port, address, why))
        return addresses


def _refusal(host: str, port: int, address: Address, why: str) -> str:
    bare = host.strip("[]")
    leads = f"{bare} is {why}" if bare == str(address) else f"{bare} leads to {address}, {why}"
    target = f"[{bare}]:{port}" if ":" in bare else f"{bare}:{port}"
    return f"{leads}; an operator can allow it with WATCHBILL_HTTP_ALLOW={target}"
