"""The one activity in which machines act: an HTTP request, a command, a plugin.

Decides how a call's failure reaches the incident, and that a call is heard of for as long
as it runs: without a beat for a while its worker is taken for dead. What each kind does
is its own module. Idempotent by the call's id only where the other side takes a key, so
whether it is tried again is its author's word (`retry`), and the engine's to do.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from traceback import extract_tb
from typing import assert_never

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.automation.command import Commands
from activities.automation.errors import CallFailed, MayBeTriedAgain, WillNotSucceed
from activities.automation.http_call import HttpCalls
from activities.automation.plugins import Plugins
from domain.incident.step_effects import (
    LONGEST_DETAIL,
    CallResult,
    CommandCall,
    HttpCall,
    MakeCall,
    PluginCall,
)

log = structlog.stdlib.get_logger("watchbill.automation")

FIRST_BEAT = timedelta(seconds=2)

BEATS_A_TIMEOUT = 3
"""The pause between two grows to this part of the time after which a worker counts as dead."""

CALL_FAILED = "CallFailed"
"""The type of the errors in which a result travels."""


class CallActivities:
    """Bound to the machines of one worker."""

    def __init__(self, http: HttpCalls, commands: Commands, plugins: Plugins) -> None:
        """Nothing runs yet."""
        self._http = http
        self._commands = commands
        self._plugins = plugins

    @activity.defn
    async def make_call(self, call: MakeCall) -> CallResult:
        """Let a machine do a step; what it has found, or an error that carries a result."""
        tries = activity.info().attempt
        async with _beating():
            try:
                result = await self._make(call)
                return result.model_copy(update={"tries": tries})
            except CallFailed as error:
                failure = error
            except asyncio.CancelledError:
                if not _worker_stops():
                    raise
                failure = MayBeTriedAgain("its worker was stopped", may_have_happened=True)
            except Exception as error:  # noqa: BLE001  # a bug of ours: its text may hold anything
                failure = _broken(call, error)
        # Raised out here, so that no traceback or context goes along.
        raise _told(call, failure, tries)

    async def _make(self, call: MakeCall) -> CallResult:
        match call.call:
            case HttpCall():
                return await self._http.make(call.call, call.out, timeout=call.timeout)
            case CommandCall():
                return await self._commands.make(call.call, call.out, timeout=call.timeout)
            case PluginCall():
                return await self._plugins.make(
                    call.call, call.out, key=call.id, timeout=call.timeout
                )
            case _:
                assert_never(call.call)


def _worker_stops() -> bool:
    """Whether it is not the incident that wants the call stopped."""
    details = activity.cancellation_details()
    return details is not None and details.worker_shutdown


def _broken(call: MakeCall, error: Exception) -> CallFailed:
    """What is told of a bug, where it is and nothing of its text."""
    frames = extract_tb(error.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    kind = type(error).__name__
    log.warning("a call broke", step=call.step, call=call.id, error=kind, at=where)
    return MayBeTriedAgain(f"it broke inside Watchbill ({kind})", may_have_happened=True)


def _told(call: MakeCall, error: CallFailed, tries: int) -> ApplicationError:
    """The failure as the engine takes it: it decides by its policy on another try."""
    result = CallResult(
        outcome="unknown" if error.may_have_happened else "failed",
        detail=error.detail[:LONGEST_DETAIL],
        output=error.output,
        tries=tries,
    )
    log.warning("a call has failed", step=call.step, call=call.id, tries=tries, why=result.detail)
    return ApplicationError(
        result.detail,
        result,
        type=CALL_FAILED,
        non_retryable=isinstance(error, WillNotSucceed),
        next_retry_delay=error.after if isinstance(error, MayBeTriedAgain) else None,
        category=ApplicationErrorCategory.BENIGN,
    )


@asynccontextmanager
async def _beating() -> AsyncIterator[None]:
    """Say that we live, from now on; a wish to stop comes back the same way."""
    beating = asyncio.create_task(_beat())
    try:
        yield
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating


async def _beat() -> None:
    """Often at first, then seldom: each beat is a write of the engine's, beside its pages.

    The start counts as one, so a short call costs none.
    """
    most = activity.info().heartbeat_timeout or FIRST_BEAT * BEATS_A_TIMEOUT
    pause = FIRST_BEAT
    while True:
        await asyncio.sleep(pause.total_seconds())
        activity.heartbeat()
        pause = min(pause * 2, most / BEATS_A_TIMEOUT)
