"""Reads one fact from its source: a named query, or a JSON answer to GET.

Decides nothing about what a value means; a source that fails says why in one line.
"""

from collections.abc import Mapping
from datetime import timedelta

from activities.automation.errors import CallFailed, WillNotSucceed
from activities.automation.http_request import credentials
from activities.automation.http_words import Answered, Asked
from activities.automation.outputs import value_at
from activities.automation.redaction import Redactor
from activities.automation.safe_http import SafeClient
from activities.automation.secret_values import Secrets
from activities.prometheus import Prometheus
from domain.plan_facts import FactPlan, HttpSource
from domain.plan_steps import OutPlan
from domain.values import Value, ValueType

LONGEST_READ = timedelta(seconds=10)
"""The most that one question to a source may take."""

LONGEST_VALUE = 4096
"""Characters of a value; it travels through histories."""

_OK = range(200, 300)


class Sources:
    """Every source of measured facts, of one process."""

    def __init__(self, prometheus: Prometheus, http: SafeClient, secrets: Secrets) -> None:
        self._prometheus = prometheus
        self._http = http
        self._secrets = secrets

    async def read(
        self, name: str, fact: FactPlan, labels: Mapping[str, str], *, fresh: bool = False
    ) -> Value:
        """What the fact is now; a `fresh` answer is nobody else's of a moment ago.

        Raises:
            CallFailed: there is no value; the text says why.
        """
        limit = min(LONGEST_READ, max(fact.every, timedelta(seconds=1)))
        if fact.query is not None:
            value = await self._prometheus.value(
                fact.query, fact.type, labels, timeout=limit, fresh=fresh
            )
        elif fact.http is not None:
            value = await self._from_json(name, fact.http, fact.type, limit)
        else:
            raise WillNotSucceed("it has no source that can be measured")
        if len(str(value)) > LONGEST_VALUE:
            raise WillNotSucceed(f"its value is longer than {LONGEST_VALUE:,} characters")
        return value

    async def _from_json(
        self, name: str, source: HttpSource, kind: ValueType, limit: timedelta
    ) -> Value:
        secret = await self._secrets.read(source.auth.secret) if source.auth else None
        redactor = Redactor({source.auth.secret: secret} if source.auth and secret else {})
        try:
            asked = Asked(
                url=source.url,
                headers={"accept": "application/json"},
                private=credentials(source.auth, secret),
            )
            answer = await self._http.fetch(asked, timeout=limit)
            out = OutPlan(path=source.path, type=kind)
            return value_at(out, _parts(answer, redactor), name)
        except CallFailed as error:
            failure = redactor.failure(error)
        raise failure


def _parts(answer: Answered, redactor: Redactor) -> dict[str, object]:
    """What a path may read, without what the source has said back. Raises CallFailed."""
    if answer.status not in _OK:
        raise WillNotSucceed(f"{answer.host} answered {answer.status}")
    if answer.is_cut:
        raise WillNotSucceed(f"{answer.host}: the answer is longer than 1 MiB")
    parts = {"status": answer.status, "headers": answer.headers, "body": answer.body()}
    return {part: redactor.everything(said) for part, said in parts.items()}
