"""HTTP requests on behalf of a playbook: whom they may reach, how far, how long, how much.

Decides which addresses are asked (http and https, checked anew at every hop), which
redirects are followed (at most three, reads only, never from https to http, without
credentials to another origin), and how a failure on the way counts. Proxies and `.netrc`
of the environment are not used.

For everything that a playbook's author or an alert can aim, also facts:

    client = safe_client(settings)
    answer = await client.fetch(Asked(url="https://…"), timeout=timedelta(seconds=10))

`client.allowing(("prometheus.internal:9090",))` is the same client for targets that the
operator has named elsewhere, such as the servers in `ops/queries.yaml`.
"""

import asyncio
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urljoin

import httpcore
import httpx

from activities.automation.bounded_body import UnreadableBodyError, read_body
from activities.automation.checked_network import (
    CheckedNetwork,
    LookUps,
    NoSuchHostError,
    RefusedTargetError,
    Resolve,
)
from activities.automation.errors import CallFailed, MayBeTriedAgain, WillNotSucceed
from activities.automation.http_words import Answered, Asked
from domain.addresses import Allowed, read_allowed
from settings import Settings

MOST_REDIRECTS = 3

_LEADS_ON = (
    HTTPStatus.MOVED_PERMANENTLY,
    HTTPStatus.FOUND,
    HTTPStatus.SEE_OTHER,
    HTTPStatus.TEMPORARY_REDIRECT,
    HTTPStatus.PERMANENT_REDIRECT,
)

_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True)
class SafeClient:
    """Makes requests; nothing is kept between two of them, neither connection nor cookie."""

    allowed: Allowed
    resolve: Resolve
    tls: ssl.SSLContext

    def allowing(self, targets: Iterable[str]) -> "SafeClient":
        """The same client, for which these targets are allowed, too.

        Raises:
            InvalidAllowanceError: one of them is no target.
        """
        return replace(self, allowed=self.allowed | read_allowed(targets))

    async def fetch(self, asked: Asked, *, timeout: timedelta) -> Answered:  # noqa: ASYNC109
        """The answer, of whatever status, within `timeout` for all of it.

        Raises:
            MayBeTriedAgain: nobody answered, or not in time.
            WillNotSucceed: the target is refused, or the answer cannot be read.
        """
        network = CheckedNetwork(self.allowed, self.resolve)
        host = host_of(checked_url(asked.url))
        try:
            async with asyncio.timeout(timeout.total_seconds()):
                return await self._follow(asked, network, timeout.total_seconds())
        except TimeoutError:
            unsure = network.has_connected and not asked.is_safe
            within = f"{timeout.total_seconds():g} s"
            raise MayBeTriedAgain(
                f"{host}: no answer within {within}", may_have_happened=unsure
            ) from None
        except RefusedTargetError as error:
            raise WillNotSucceed(f"{error}") from None
        except UnreadableBodyError as error:
            raise WillNotSucceed(f"{host}: {error}") from None
        except NoSuchHostError as error:
            raise MayBeTriedAgain(f"{error}") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise _on_the_way(error, host, asked) from None

    async def _follow(self, asked: Asked, network: CheckedNetwork, limit_s: float) -> Answered:
        """The answer at the end of the redirects."""
        began = time.monotonic()
        transport = _Transport(network, self.tls)
        async with httpx.AsyncClient(
            transport=transport, trust_env=False, timeout=limit_s, follow_redirects=False
        ) as client:
            for _hop in range(MOST_REDIRECTS + 1):
                answer = await _one_request(client, asked, began)
                onward = _onward(asked, answer)
                if onward is None:
                    return answer
                asked = onward
        raise WillNotSucceed(f"{answer.host}: more than {MOST_REDIRECTS} redirects")


def safe_client(settings: Settings, *, resolve: Resolve | None = None) -> SafeClient:
    """A client that reaches what is public, and what `WATCHBILL_HTTP_ALLOW` allows.

    The system's certificates count, also those of `SSL_CERT_FILE` and `SSL_CERT_DIR`.
    """
    return SafeClient(
        allowed=read_allowed(settings.http_allow),
        resolve=resolve or LookUps(),
        tls=httpx.create_ssl_context(),
    )


def checked_url(text: str) -> httpx.URL:
    """The address, if it is one that may be asked at all. Raises WillNotSucceed."""
    try:
        url = httpx.URL(text)
        host = url.host
    except (httpx.InvalidURL, ValueError, TypeError):
        raise WillNotSucceed("the url is none") from None
    if url.scheme not in ("http", "https"):
        raise WillNotSucceed(f"the url must begin with http:// or https://, not '{url.scheme}:'")
    if url.userinfo:
        raise WillNotSucceed(f"{host}: no user or password in a url; use auth with a secret")
    if not host:
        raise WillNotSucceed("the url names no host")
    if "%" in host:
        raise WillNotSucceed("the url's host has characters that no name has")
    return url


def host_of(url: httpx.URL) -> str:
    """Host and port of an address: all of it that may be shown."""
    host = f"[{url.host}]" if ":" in url.host else url.host
    return f"{host}:{url.port}" if url.port else host


class _Transport(httpx.AsyncHTTPTransport):
    """The library's own, over our network. Its constructor takes none, so the pool is ours."""

    def __init__(self, network: CheckedNetwork, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_keepalive_connections=0,
            network_backend=network,
        )


async def _one_request(client: httpx.AsyncClient, asked: Asked, began: float) -> Answered:
    url = checked_url(asked.url)
    request = client.build_request(
        asked.method,
        url,
        headers={
            "User-Agent": "watchbill",
            "Accept-Encoding": "identity",
            **asked.headers,
            **asked.private,
        },
        content=asked.content,
    )
    answer = await client.send(request, stream=True)
    try:
        packed = answer.headers.get("content-encoding", "")
        body, is_cut = await read_body(answer.aiter_raw(), packed)
    finally:
        await answer.aclose()
    return Answered(
        status=answer.status_code,
        headers={name.lower(): value for name, value in answer.headers.items()},
        text=_decoded(body, answer.charset_encoding),
        host=host_of(url),
        took_s=time.monotonic() - began,
        is_cut=is_cut,
    )


def _decoded(body: bytes, charset: str | None) -> str:
    try:
        return body.decode(charset or "utf-8", errors="replace")
    except (LookupError, ValueError):
        return body.decode("utf-8", errors="replace")


def _onward(asked: Asked, answer: Answered) -> Asked | None:
    """Where a redirect leads; None if the answer is the last. Raises WillNotSucceed."""
    place = answer.headers.get("location")
    if answer.status not in _LEADS_ON or answer.status in asked.final or place is None:
        return None
    if not asked.is_safe:
        return None
    here = checked_url(asked.url)
    try:
        there = checked_url(urljoin(str(here), place))
    except ValueError:
        raise WillNotSucceed(f"{answer.host} leads to what is no address") from None
    if here.scheme == "https" and there.scheme == "http":
        raise WillNotSucceed(f"{answer.host} leads from https to http, to {host_of(there)}")
    if _origin(here) == _origin(there):
        return replace(asked, url=str(there))
    return replace(asked, url=str(there), private={}, content=None)


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


def _on_the_way(error: Exception, host: str, asked: Asked) -> CallFailed:
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        return WillNotSucceed(f"{host}: the request cannot be sent as it is")
    if isinstance(error, _NEVER_LEFT):
        why = f" ({error})" if str(error) else ""
        return MayBeTriedAgain(f"{host}: no connection{why}")
    return MayBeTriedAgain(
        f"{host}: the connection broke before the answer ({type(error).__name__})",
        may_have_happened=not asked.is_safe,
    )
