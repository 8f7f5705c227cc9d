"""Speaks to Watchbill's HTTP API for the responder's commands.

Decides addresses, retries and how a refusal becomes one line. What a command means is
the API's; what is printed is `cli.respond.command` and `cli.show.incident`.

    ApiError (one line for a person)
    ├── Refused (the API said no)
    ├── Unreachable (nobody answered, after every try)
    └── NotSetUp (no key or no usable address on this side)
"""

import json
import re
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx
from pydantic import BaseModel, ConfigDict

from settings import Settings

TRIES = 3
"""How often a request goes out before nobody counts as there."""

WAIT_S = 0.3
"""Before the second try; twice that before the third."""

STREAM_TRIES = 20
"""A watcher waits a while longer, so that the API can be restarted meanwhile."""

TIMEOUT = httpx.Timeout(30.0, connect=3.0)
"""Longer than the API waits for a worker before it answers 202."""

SILENCE_S = 60.0
"""An event stream that says nothing for so long is dead; it beats every 15 s."""

ACCEPTED = 202
NO_CONTENT = 204
UNAUTHORIZED = 401

_REFERENCE = re.compile(r"inc-[a-z0-9]+", re.IGNORECASE)


class ApiError(Exception):
    """Something went wrong; the text is one line that names the mend."""


class Refused(ApiError):  # noqa: N818  # named by what the API did
    """The API refused. `status` is HTTP's, `fields` names what was wrong with which field."""

    def __init__(self, status: int, text: str, fields: dict[str, str]) -> None:
        super().__init__(text)
        self.status = status
        self.fields = fields


class Unreachable(ApiError):  # noqa: N818  # a state of the world
    """Nobody answered at the address."""


class NotSetUp(ApiError):  # noqa: N818  # a state of this side
    """There is no key to show, or the address cannot be one."""


class Said(BaseModel):
    """The API's answer to a command. `is_pending`: durable, but not carried out yet."""

    model_config = ConfigDict(frozen=True)

    body: dict[str, Any]
    is_pending: bool = False

    @property
    def sentence(self) -> str:
        """What the API says, for a person."""
        text = str(self.body.get("sentence", ""))
        return f"Pending: {text}" if self.is_pending else text


class Happened(BaseModel):
    """One server-sent event: `snapshot`, `timeline`, `incident` or `closed`."""

    model_config = ConfigDict(frozen=True)

    event: str
    data: dict[str, Any]
    id: str | None = None


class Api:
    """A connection to one Watchbill, as one person. Use it as a context manager."""

    def __init__(self, url: str, key: str, actor: str | None = None) -> None:
        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {key}", "User-Agent": "watchbill-cli"}
        if actor:
            headers["X-Watchbill-Actor"] = actor
        # A proxy never leads to this machine, whatever the environment says.
        host = urlsplit(self.url).hostname or ""
        here = host == "localhost" or host.startswith("127.") or host == "::1"
        self._http = httpx.Client(headers=headers, timeout=TIMEOUT, trust_env=not here)

    def __enter__(self) -> Self:
        """The connection itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self._http.close()

    def get(self, path: str, **query: str | int | list[str] | None) -> dict[str, Any]:
        """The document at this path. Raises ApiError."""
        asked = {name: value for name, value in query.items() if value is not None}
        answer = self._send("GET", path, params=asked)
        return _document(answer)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Said:
        """Carry out one command; every try carries the same idempotency key."""
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        answer = self._send("POST", path, json=body or {}, headers=headers)
        return Said(body=_document(answer), is_pending=answer.status_code == ACCEPTED)

    def follow(self, incident: str, after: int | None = None) -> Iterator[Happened]:
        """What happens to the incident until it closes, resumed where a connection broke.

        With `after`, every timeline entry after that one comes; else those from now on.
        """
        path = f"{incident_path(incident)}/events"
        last = str(after) if after else None
        failures = 0
        while True:
            try:
                for happened in self._stream(path, last):
                    failures = 0
                    last = happened.id or last
                    yield happened
                    if happened.event == "closed":
                        return
            except httpx.TransportError as error:
                failures += 1
                if failures >= STREAM_TRIES:
                    raise self._unreachable(error, STREAM_TRIES) from error
            time.sleep(WAIT_S)

    def _stream(self, path: str, last: str | None) -> Iterator[Happened]:
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
        timeout = httpx.Timeout(SILENCE_S, connect=TIMEOUT.connect)
        with self._http.stream("GET", self.url + path, headers=headers, timeout=timeout) as answer:
            if answer.is_error:
                answer.read()
                raise refusal(answer)
            if answer.status_code == NO_CONTENT:
                yield Happened(event="closed", data={})
                return
            yield from read_events(answer.iter_lines())

    def _send(self, method: str, path: str, **how: Any) -> httpx.Response:
        for wait in (WAIT_S, 2 * WAIT_S, None):
            try:
                answer = self._http.request(method, self.url + path, **how)
            except httpx.TransportError as error:
                if wait is None:
                    raise self._unreachable(error) from error
                time.sleep(wait)
            except httpx.InvalidURL as error:
                raise NotSetUp(f"{self.url!r} is no address ({error}): set WATCHBILL_URL") from None
            else:
                if answer.is_error:
                    raise refusal(answer)
                return answer
        raise AssertionError("the last try has no wait")  # pragma: no cover

    def _unreachable(self, error: Exception, tries: int = TRIES) -> Unreachable:
        reason = " ".join(str(error).split()) or type(error).__name__
        return Unreachable(
            f"no answer from {self.url} after {tries} tries ({reason}): "
            "is it running (`watchbill up`), and is WATCHBILL_URL right?"
        )


def api_of(settings: Settings, actor: str | None = None) -> Api:
    """The API that the settings name, with their key; NotSetUp if there is none."""
    url = settings.url or settings.local_address
    if urlsplit(url).scheme not in ("http", "https"):
        raise NotSetUp(f"{url!r} is no address: set WATCHBILL_URL to http://host:port")
    return Api(url, settings.api_key or _development_key(settings.data_dir), actor)


def incident_path(incident: str) -> str:
    """The path of an incident; a reference may be typed in lower case."""
    named = incident.strip()
    if _REFERENCE.fullmatch(named):
        named = named.upper()
    return f"/v1/incidents/{quote(named, safe='')}"


def read_events(lines: Iterator[str]) -> Iterator[Happened]:
    """Server-sent events from their lines; comments and unknown fields are skipped."""
    fields: dict[str, list[str]] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields.setdefault(name, []).append(value.removeprefix(" "))
            continue
        if "data" in fields:
            yield Happened(
                event=fields.get("event", ["message"])[-1],
                data=json.loads("\n".join(fields["data"])),
                id=fields["id"][-1] if "id" in fields else None,
            )
        fields = {}


def refusal(answer: httpx.Response) -> Refused:
    """The API's problem document as one line, whatever really came."""
    try:
        said = answer.json()
    except ValueError:
        said = None
    if not isinstance(said, dict):
        text = f"{answer.status_code} from {answer.url.host}: is WATCHBILL_URL a Watchbill?"
        return Refused(answer.status_code, text, {})
    fields = {
        str(each.get("field")): str(each.get("message"))
        for each in said.get("errors") or []
        if isinstance(each, dict)
    }
    text = " ".join(str(said.get("detail") or said.get("title") or "refused").split())
    if answer.status_code == UNAUTHORIZED:
        text += " Set WATCHBILL_API_KEY to a key that is in force."
    return Refused(answer.status_code, text, fields)


def _document(answer: httpx.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise refusal(answer)
    return said


def _development_key(data_dir: Path) -> str:
    file = data_dir / "dev-api-key"
    try:
        key = file.read_text(encoding="utf-8").strip()
    except OSError:
        key = ""
    if not key:
        raise NotSetUp(
            f"no API key: set WATCHBILL_API_KEY, or WATCHBILL_DATA_DIR to where "
            f"`watchbill up` runs (looked for {file})"
        )
    return key
