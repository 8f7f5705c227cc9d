"""Whether the API of this machine can do its work, and what keeps it from that.

Decides what is told while it starts: what will not mend itself, with its mend, once.
"""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from http import HTTPStatus

from settings import Settings

ASK_TIMEOUT_S = 2.0

STAYS = ("catalog", "broken file")
"""What waiting does not mend; engine and workers come by themselves."""


@dataclass(frozen=True)
class Readiness:
    """What `/readyz` answered. `stays` and `wrong` are sentences with what to do."""

    is_ready: bool = False
    stays: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


def ask_readiness(settings: Settings) -> Readiness:
    """Ask the API on this machine; not ready where nobody answers."""
    url = f"{settings.local_address}/readyz"
    try:
        with urllib.request.urlopen(url, timeout=ASK_TIMEOUT_S) as answer:  # noqa: S310 - http, ours
            return Readiness(is_ready=answer.status == HTTPStatus.OK)
    except urllib.error.HTTPError as error:
        with error:
            return _not_ready(error.read())
    except (urllib.error.URLError, OSError):
        return Readiness()


def api_is_ready(settings: Settings) -> bool:
    """Whether `/readyz` answers 200."""
    return ask_readiness(settings).is_ready


def _not_ready(body: bytes) -> Readiness:
    """Somebody else's answer, on a port that we took for ours, says nothing."""
    try:
        wrong = [one for one in json.loads(body)["checks"] if not one["ok"]]
        stays = tuple(_sentence(one) for one in wrong if one["name"] in STAYS)
        return Readiness(stays=stays, wrong=tuple(map(_sentence, wrong)))
    except (ValueError, TypeError, KeyError):
        return Readiness()


def _sentence(check: dict[str, str]) -> str:
    return f"{check['detail']} {check.get('mend', '')}".strip()
