"""What a provider's answer means: delivered, failed for good, or worth retrying.

Decides it for HTTP statuses and failures on the way, and keeps the details to one line
without secrets: an address is named by its host alone.
"""

import re
from http import HTTPStatus
from urllib.parse import urlsplit

from domain.incident.effects import Outcome, SendResult

DETAIL_LIMIT = 500
RETRIED_4XX = (408, 425, 429)

_ADDRESS = re.compile(r"\b([a-z][a-z0-9+.-]*)://\S+", re.IGNORECASE)


def delivered(detail: str, *, repeated: bool = False) -> SendResult:
    """The provider has taken it."""
    return SendResult(outcome=Outcome.DELIVERED, detail=one_line(detail), repeated=repeated)


def failed(detail: str) -> SendResult:
    """No retry can help."""
    return SendResult(outcome=Outcome.FAILED, detail=one_line(detail))


def retry(detail: str) -> SendResult:
    """The same again may work later."""
    return SendResult(outcome=Outcome.RETRY, detail=one_line(detail))


def from_status(status: int, host: str, *, repeated: bool = False) -> SendResult:
    """What an HTTP status means. 409 says that this key was taken before."""
    if status == HTTPStatus.CONFLICT:
        return delivered(f"{host} had this key already (409)", repeated=True)
    if status in RETRIED_4XX:
        return retry(f"{host} answered {status}")
    match status // 100:
        case 2:
            return delivered(f"{host} answered {status}", repeated=repeated)
        case 3:
            return failed(f"{host} redirects ({status}); give the final address")
        case 4:
            return failed(f"{host} refused it ({status})")
        case _:
            return retry(f"{host} answered {status}")


def host_of(address: str) -> str:
    """Host and port of an address: all of it that may be shown."""
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "?"
    return f"{parts.hostname or '?'}{port}"


def one_line(text: str) -> str:
    """At most 500 characters, no line breaks, every address cut to its host."""
    bare = _ADDRESS.sub(lambda found: f"{found[1]}://{host_of(found[0])}", text)
    flat = " ".join(bare.split())
    return flat if len(flat) <= DETAIL_LIMIT else flat[: DETAIL_LIMIT - 1] + "…"
