"""Makes the `http` calls of steps: one request, its answer, its outputs.

Decides which answers are a success (`expect`, or any 2xx), which are worth another try (no
answer, 5xx, 408, 425, 429) and what is kept of them. Every text it gives back, errors
too, has been through the redactor. It knows nothing of retries: each call of `make` is one
request, with the same idempotency key.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from activities.automation.errors import CallFailed, MayBeTriedAgain, WillNotSucceed
from activities.automation.http_request import request_of
from activities.automation.http_words import Answered
from activities.automation.outputs import outputs_of
from activities.automation.redaction import Redactor
from activities.automation.safe_http import SafeClient
from activities.automation.secret_values import Secrets
from domain.incident.step_effects import CallResult, HttpCall
from domain.plan_steps import OutPlan
from domain.values import Values

WORTH_ANOTHER_TRY = (408, 425, 429)

LONGEST_AT_ONCE = 64 * 1024
"""Characters of an answer that are looked through without leaving the event loop."""

LONGEST_WAIT = timedelta(minutes=5)
"""A server that wants more patience than this is asked earlier nevertheless."""


class HttpCalls:
    """Makes requests for the steps of all incidents of one process."""

    def __init__(self, http: SafeClient, secrets: Secrets) -> None:
        self._http = http
        self._secrets = secrets

    async def make(
        self,
        call: HttpCall,
        out: Mapping[str, OutPlan],
        *,
        timeout: timedelta,  # noqa: ASYNC109  # of the request, not of us
    ) -> CallResult:
        """One request, and what came of it.

        Raises:
            MayBeTriedAgain: the same request may go well later.
            WillNotSucceed: refused by us or by the server, or an output is missing.
        """
        secret = await self._secrets.read(call.auth.secret) if call.auth else None
        redactor = Redactor({call.auth.secret: secret} if call.auth and secret else {})
        try:
            answer = await self._http.fetch(request_of(call, secret), timeout=timeout)
            if len(answer.text) > LONGEST_AT_ONCE:
                return await asyncio.to_thread(_result, call, out, answer, redactor)
            return _result(call, out, answer, redactor)
        except CallFailed as error:
            failure = redactor.failure(error)
        # Raised out here, so that no traceback or context holds what was not redacted.
        raise failure


def _result(
    call: HttpCall, out: Mapping[str, OutPlan], answer: Answered, redactor: Redactor
) -> CallResult:
    """What the answer means for the step. Raises MayBeTriedAgain or WillNotSucceed."""
    try:
        _require_success(call, answer)
        return CallResult(
            outcome="ok",
            detail=redactor.detail(_said(answer)),
            values=_outputs(answer, out, redactor) if out else {},
            output=redactor.output(answer.text),
        )
    except CallFailed as error:
        error.output = answer.text
        raise


def _require_success(call: HttpCall, answer: Answered) -> None:
    """Raise MayBeTriedAgain or WillNotSucceed unless the status is one that was hoped for."""
    status = answer.status
    if status in call.expect or (not call.expect and status // 100 == 2):  # noqa: PLR2004
        return
    said = f"{answer.host} answered {status}"
    if status // 100 == 5 or status in WORTH_ANOTHER_TRY:  # noqa: PLR2004
        raise MayBeTriedAgain(said + _words(answer), after=_retry_after(answer), output=answer.text)
    if status // 100 == 3 and "location" in answer.headers:  # noqa: PLR2004
        raise WillNotSucceed(f"{said}; a {call.method} follows no redirect: give the final url")
    if call.expect:
        wanted = " or ".join(str(one) for one in call.expect)
        raise WillNotSucceed(f"{said}, expected {wanted}{_words(answer)}")
    raise WillNotSucceed(said + _words(answer))


def _outputs(answer: Answered, out: Mapping[str, OutPlan], redactor: Redactor) -> Values:
    of_body = [name for name, plan in out.items() if plan.path.startswith("body")]
    if answer.is_cut and of_body:
        raise WillNotSucceed(f"no output '{of_body[0]}': the answer is longer than 1 MiB")
    parts = {"status": answer.status, "headers": answer.headers, "body": answer.body()}
    return outputs_of({name: redactor.everything(part) for name, part in parts.items()}, out)


def _said(answer: Answered) -> str:
    longer = ", longer than 1 MiB" if answer.is_cut else ""
    return f"{answer.status} in {answer.took_s * 1000:.0f} ms{longer}"


def _words(answer: Answered) -> str:
    """The server's own words on one line, if it said any."""
    return f": {answer.text}" if answer.text.strip() else ""


def _retry_after(answer: Answered) -> timedelta | None:
    """How long the server wants to be left alone, in seconds or as a date (RFC 9110)."""
    given = answer.headers.get("retry-after", "").strip()
    if given.isascii() and given.isdigit():
        wait = timedelta(seconds=min(int(given[:9]), 10**6))
    else:
        try:
            wait = parsedate_to_datetime(given) - datetime.now(UTC)
        except (ValueError, TypeError):
            return None
    return min(max(wait, timedelta(0)), LONGEST_WAIT)
