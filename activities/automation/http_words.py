"""A request to make and its answer, as calls and facts know them.

Decides what of an answer is JSON. What may be asked is `http_request`, whom it may reach
is `safe_http`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

DEEPEST = 100
"""Levels of a JSON answer; no path goes deeper."""


@dataclass(frozen=True)
class Asked:
    """One request. `private` headers go to the first address only, never to where it leads.

    `final` are statuses that are an answer although they lead elsewhere.
    """

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    private: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes | None = field(default=None, repr=False)
    final: tuple[int, ...] = ()

    @property
    def is_safe(self) -> bool:
        """Whether it only reads, so that asking twice does nothing twice."""
        return self.method in ("GET", "HEAD")


@dataclass(frozen=True)
class Answered:
    """What came back. Header names are lower case; `is_cut` says that the body goes on.

    `host` is who answered, after redirects; `took_s` is the whole way.
    """

    status: int
    headers: dict[str, str]
    text: str
    host: str
    took_s: float
    is_cut: bool = False

    def body(self) -> object:
        """The body's JSON if it is declared or plainly is one, else its text."""
        declared = "json" in self.headers.get("content-type", "").lower()
        if not (declared or self.text.lstrip()[:1] in ("{", "[")):
            return self.text
        try:
            found: object = json.loads(self.text)
        except (ValueError, RecursionError):
            return self.text
        return found if _is_shallow(found) else self.text


def _is_shallow(value: object) -> bool:
    """Whether what reads it need not go deeper than `DEEPEST`."""
    level = [value]
    for _depth in range(DEEPEST):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return True
    return False
