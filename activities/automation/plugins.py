"""Calls plugins for steps: their parameters checked, their time limited, their words redacted.

Decides what an exception of a plugin means. One it has not said to be
`NotWorthAnotherTry` may be tried again, where the step's author says so; its text is shown
on one line, without the secrets that the plugin has read.
"""

import asyncio
import inspect
import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from pydantic import BaseModel, JsonValue, ValidationError
from pydantic_core import to_jsonable_python

from activities.automation.errors import CallFailed, MayBeTriedAgain, WillNotSucceed
from activities.automation.http_words import Asked
from activities.automation.outputs import outputs_of
from activities.automation.own_thread import in_own_thread
from activities.automation.redaction import Redactor
from activities.automation.safe_http import SafeClient
from activities.automation.secret_values import Secrets
from domain.clock_text import duration_text
from domain.incident.step_effects import CallResult, PluginCall
from domain.plan_steps import OutPlan
from domain.plugin import Answer, NotWorthAnotherTry, Plugin, PluginError, plugin_named

log = structlog.stdlib.get_logger("watchbill.plugins")


class Plugins:
    """Calls plugins for the steps of all incidents of one process."""

    def __init__(self, http: SafeClient, secrets: Secrets) -> None:
        self._http = http
        self._secrets = secrets

    async def make(
        self,
        call: PluginCall,
        out: Mapping[str, OutPlan],
        *,
        key: str,
        timeout: timedelta,  # noqa: ASYNC109  # of the plugin, not of us
    ) -> CallResult:
        """Call it once; `key` is the same on every try.

        Raises:
            MayBeTriedAgain: it has failed, or its time was over.
            WillNotSucceed: it is not there, takes no such parameters, or says so itself.
        """
        context = Context(self._http, self._secrets, key=key, plugin=call.plugin)
        try:
            plugin = await asyncio.to_thread(plugin_named, call.plugin)
            answer = await _run(plugin, _parameters(plugin, call), context, limit=timeout)
            return _result(plugin, answer, out, context.redactor)
        except PluginError as error:
            failure: CallFailed = WillNotSucceed(str(error))
        except CallFailed as error:
            failure = error
        finally:
            context.cancelled.set()
        # Raised out here, so that no traceback or context holds what was not redacted.
        raise context.redactor.failure(failure)


class Context:
    """What one call of a plugin may use; see `domain.plugin.PluginContext`."""

    def __init__(self, http: SafeClient, secrets: Secrets, *, key: str, plugin: str) -> None:
        self.call = key
        self.log = log.bind(plugin=plugin, call=key)
        self.cancelled = threading.Event()
        self._http = http
        self._secrets = secrets
        self._read: dict[str, str] = {}

    @property
    def redactor(self) -> Redactor:
        """Knows the secrets read so far."""
        return Redactor(self._read)

    async def secret(self, name: str) -> str:
        """The value of a secret. Raises CallFailed, which the plugin may let pass."""
        value = await self._secrets.read(name)
        self._read[name] = value
        return value

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json_body: JsonValue = None,
    ) -> Answer:
        """One request; see `domain.plugin`. Raises CallFailed, which the plugin may let pass."""
        content = None
        given = {name.lower(): value for name, value in (headers or {}).items()}
        if json_body is not None:
            content = _as_json(json_body)
            given.setdefault("content-type", "application/json")
        asked = Asked(method=method.upper(), url=url, private=given, content=content)
        answer = await self._http.fetch(asked, timeout=LONGEST_REQUEST)
        return Answer(status=answer.status, text=answer.text, headers=answer.headers)

    def is_cancelled(self) -> bool:
        """Whether nobody waits any more."""
        return self.cancelled.is_set()


LONGEST_REQUEST = timedelta(minutes=5)
"""The call's own limit ends a request sooner."""


class BlockingContext:
    """The same for a plugin that runs in a thread: what is awaited elsewhere blocks here."""

    def __init__(self, context: Context, loop: asyncio.AbstractEventLoop) -> None:
        self.call = context.call
        self.log = context.log
        self.is_cancelled = context.is_cancelled
        self._context = context
        self._loop = loop

    def secret(self, name: str) -> str:
        """The value of a secret."""
        return asyncio.run_coroutine_threadsafe(self._context.secret(name), self._loop).result()

    def request(self, method: str, url: str, **more: Any) -> Answer:
        """One request and its answer."""
        asking = self._context.request(method, url, **more)
        return asyncio.run_coroutine_threadsafe(asking, self._loop).result()


def _parameters(plugin: Plugin, call: PluginCall) -> BaseModel:
    """What the step gives it, checked. Raises WillNotSucceed."""
    try:
        return plugin.parameters.model_validate(call.params)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, one['loc'])) or 'parameters'}: {one['msg']}"
            for one in error.errors(include_input=False, include_url=False)
        )
    raise WillNotSucceed(f"plugin {plugin.name} does not take its parameters: {problems}")


async def _run(
    plugin: Plugin, parameters: BaseModel, context: Context, *, limit: timedelta
) -> object:
    """What it returns. Raises MayBeTriedAgain or WillNotSucceed."""
    try:
        async with asyncio.timeout(limit.total_seconds()):
            if inspect.iscoroutinefunction(plugin.run):
                return await plugin.run(parameters, context)
            blocking = BlockingContext(context, asyncio.get_running_loop())
            return await in_own_thread(
                lambda: plugin.run(parameters, blocking), name=f"plugin {plugin.name}"
            )
    except TimeoutError:
        said = f"plugin {plugin.name}: no result after {duration_text(limit)}"
        failure: CallFailed = MayBeTriedAgain(said, may_have_happened=True)
    except NotWorthAnotherTry as error:
        failure = WillNotSucceed(f"plugin {plugin.name}: {error}")
    except CallFailed as error:
        failure = error
    except Exception as error:  # noqa: BLE001  # foreign code: its text is redacted, then shown
        said = f"plugin {plugin.name}: {type(error).__name__}: {error}"
        failure = MayBeTriedAgain(said)
    raise failure


def _result(
    plugin: Plugin, answer: object, out: Mapping[str, OutPlan], redactor: Redactor
) -> CallResult:
    """Its result, checked against its own model. Raises WillNotSucceed."""
    if plugin.result is not None:
        try:
            answer = plugin.result.model_validate(answer)
        except ValidationError:
            raise WillNotSucceed(f"plugin {plugin.name}: its result is not what it says") from None
    fields = redactor.everything(to_jsonable_python(answer, fallback=str))
    given = fields if isinstance(fields, Mapping) else {"result": fields}
    shown = "" if answer is None else _as_json(fields).decode()
    return CallResult(
        outcome="ok",
        detail=f"plugin {plugin.name} has answered",
        values=outputs_of(given, out) if out else {},
        output=redactor.output(shown),
    )


def _as_json(value: object) -> bytes:
    from pydantic_core import to_json

    return to_json(value)
