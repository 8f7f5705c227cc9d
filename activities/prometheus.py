"""Asks a server that speaks Prometheus' HTTP API for one value.

Decides what an answer means: one series for a number, the distinct values of a label for a
list, and that no series, several series or NaN are no number. Questions of several incidents
that are the same within a second are asked once.
"""

import asyncio
import json
import time
from collections.abc import Callable, Coroutine, Mapping
from datetime import timedelta
from urllib.parse import urlencode

from activities.automation.errors import CallFailed, MayBeTriedAgain, WillNotSucceed
from activities.automation.http_request import credentials
from activities.automation.http_words import Answered, Asked
from activities.automation.redaction import Redactor
from activities.automation.safe_http import SafeClient, checked_url
from activities.automation.secret_values import Secrets
from domain.ops import Ops, QueryServer, QuerySpec
from domain.promql import UnfitLabelError, filled
from domain.values import Value, ValueType, WrongTypeError, as_value

LONGEST_URL = 4000
"""Characters of a question that goes in the address; a longer one is posted."""

SHARED_FOR_S = 1.0

_OK = range(200, 300)


class Prometheus:
    """The servers of `ops/queries.yaml`, as they stand there at each question."""

    def __init__(
        self,
        ops: Callable[[], Ops],
        http: SafeClient,
        secrets: Secrets,
        shared_for_s: float = SHARED_FOR_S,
    ) -> None:
        self._ops = ops
        self._shared_for_s = shared_for_s
        self._http = http
        self._secrets = secrets
        self._recent: dict[tuple[str, str], tuple[float, asyncio.Task[object]]] = {}

    async def value(
        self,
        name: str,
        kind: ValueType,
        labels: Mapping[str, str],
        *,
        timeout: timedelta,  # noqa: ASYNC109  # of the request
        fresh: bool = False,
    ) -> Value:
        """What the named query gives now, as this type; a `fresh` one is asked anew.

        Raises:
            CallFailed: there is no value; the text says why.
        """
        ops = self._ops()
        query = ops.queries.get(name)
        server = ops.servers.get(query.server) if query else None
        if query is None or server is None:
            raise WillNotSucceed(f"ops/queries.yaml has no query '{name}'")
        try:
            promql = filled(query.query, labels)
        except UnfitLabelError as error:
            raise WillNotSucceed(str(error)) from None
        if fresh:
            return _read(await self._ask(server, promql, timeout), query, kind)
        data = await self._shared((server.url, promql), lambda: self._ask(server, promql, timeout))
        return _read(data, query, kind)

    async def _shared(
        self, key: tuple[str, str], ask: Callable[[], Coroutine[None, None, object]]
    ) -> object:
        now = time.monotonic()
        self._recent = {
            one: known for one, known in self._recent.items() if now - known[0] < self._shared_for_s
        }
        if key not in self._recent:
            task = asyncio.create_task(ask())
            task.add_done_callback(_look_at)
            self._recent[key] = (now, task)
        return await asyncio.shield(self._recent[key][1])

    async def _ask(self, server: QueryServer, promql: str, limit: timedelta) -> object:
        """The `data` of the answer. Raises CallFailed."""
        url = checked_url(server.url.rstrip("/") + "/api/v1/query")
        port = url.port or (443 if url.scheme == "https" else 80)
        host = f"[{url.host}]" if ":" in url.host else url.host
        http = self._http.allowing((f"{host}:{port}",))
        secret = await self._secrets.read(server.auth.secret) if server.auth else None
        redactor = Redactor({server.auth.secret: secret} if server.auth and secret else {})
        try:
            asked = _question(str(url), promql, credentials(server.auth, secret))
            return redactor.everything(_data(await http.fetch(asked, timeout=limit)))
        except CallFailed as error:
            failure = redactor.failure(error)
        raise failure


def _look_at(task: asyncio.Task[object]) -> None:
    """An error that nobody waits for any more is not an error of ours."""
    if not task.cancelled():
        task.exception()


def _question(url: str, promql: str, private: dict[str, str]) -> Asked:
    form = urlencode({"query": promql})
    if len(url) + len(form) < LONGEST_URL:
        return Asked(url=f"{url}?{form}", private=private)
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return Asked(url=url, method="POST", headers=headers, private=private, content=form.encode())


def _data(answer: Answered) -> object:
    """What the server says. Raises CallFailed."""
    if answer.is_cut:
        raise WillNotSucceed(f"{answer.host}: the answer is longer than 1 MiB")
    try:
        found = json.loads(answer.text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or "status" not in found:
        raise MayBeTriedAgain(f"{answer.host} answered {answer.status}, not as Prometheus does")
    if answer.status not in _OK or found["status"] != "success":
        why = str(found.get("error") or answer.status)
        raise WillNotSucceed(f"{answer.host}: {why}")
    return found.get("data")


def _read(data: object, query: QuerySpec, kind: ValueType) -> Value:
    """The answer as a value of the fact's type. Raises WillNotSucceed."""
    result = data.get("result") if isinstance(data, dict) else None
    shape = data.get("resultType") if isinstance(data, dict) else None
    if not isinstance(result, list):
        raise WillNotSucceed("the answer has no result")
    if query.list is not None:
        return _label_values(result, query.list)
    if shape == "vector":
        if not result:
            raise WillNotSucceed("the query returns nothing")
        if len(result) > 1:
            raise WillNotSucceed(f"the query returns {len(result)} series, and one is wanted")
        result = result[0].get("value") if isinstance(result[0], dict) else None
    elif shape not in ("scalar", "string"):
        raise WillNotSucceed(f"the query returns a {shape}, and one value is wanted")
    return _sample(result, kind)


def _label_values(series: list[object], label: str) -> tuple[str, ...]:
    """The distinct values, sorted; no series is an empty list, which is a value."""
    metrics = [one.get("metric") for one in series if isinstance(one, dict)]
    found = {str(one[label]) for one in metrics if isinstance(one, dict) and label in one}
    if series and not found:
        raise WillNotSucceed(f"no series has the label '{label}'")
    return tuple(sorted(found))


def _sample(pair: object, kind: ValueType) -> Value:
    if not isinstance(pair, list) or len(pair) != 2:  # noqa: PLR2004  # moment and value
        raise WillNotSucceed("the answer has no value")
    given = str(pair[1])
    if given == "NaN":
        raise WillNotSucceed("the query gives NaN")
    try:
        number = as_value(given, "double") if kind in ("int", "bool") else given
        return as_value(number, kind)
    except WrongTypeError as error:
        raise WillNotSucceed(str(error)) from None
