"""The one activity in which machines act: an HTTP request, a command, a plugin.

Decides how a call's failure reaches the incident, and that a call is heard of for as long
as it runs: without a beat for some seconds its worker is taken for dead. What each kind does
is its own module. Idempotent by the call's id only where the other side takes a key, so
whether it is tried again is its author's word (`retry`), and the engine's to do.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import assert_never

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.automation.errors import CallFailed, MayBeTriedAgain, WillNotSucceed
from domain.incident.step_effects import (
    LONGEST_DETAIL,
    CallResult,
    CommandCall,
    HttpCall,
    MakeCall,
    PluginCall,
)

log = structlog.stdlib.get_logger("watchbill.automation")

BEAT_EVERY_S = 2.0

CALL_FAILED = "CallFailed"
"""The type of the errors in which a result travels."""

Machine = Callable[[MakeCall], Awaitable[CallResult]]
"""What carries out one kind of call; raises CallFailed."""


@dataclass(frozen=True)
class Machines:
    """Who carries out what."""

    http: Machine
    command: Machine
    plugin: Machine

    def of(self, call: MakeCall) -> Machine:
        """The one for this call."""
        match call.call:
            case HttpCall():
                return self.http
            case CommandCall():
                return self.command
            case PluginCall():
                return self.plugin
            case _:
                assert_never(call.call)


class CallActivities:
    """Bound to the machines of one worker."""

    def __init__(self, machines: Machines) -> None:
        """Nothing runs yet."""
        self._machines = machines

    @activity.defn
    async def make_call(self, call: MakeCall) -> CallResult:
        """Let a machine do a step; what it has found, or an error that carries a result."""
        tries = activity.info().attempt
        async with _beating():
            try:
                result = await self._machines.of(call)(call)
            except CallFailed as error:
                raise _told(call, error, tries) from None
            except asyncio.CancelledError:
                raise_if_worker_stops(call, tries)
                raise
            except Exception as error:  # a bug of ours; its text may hold anything
                log.exception("a call broke", step=call.step, call=call.id)
                broken = MayBeTriedAgain(
                    f"it broke inside Watchbill ({type(error).__name__})", may_have_happened=True
                )
                raise _told(call, broken, tries) from None
        return result.model_copy(update={"tries": tries})


def raise_if_worker_stops(call: MakeCall, tries: int) -> None:
    """A call that a stopping worker has cut off is one of which nobody knows the end."""
    details = activity.cancellation_details()
    if details is None or not details.worker_shutdown:
        return
    cut_off = MayBeTriedAgain("its worker was stopped meanwhile", may_have_happened=True)
    raise _told(call, cut_off, tries) from None


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
    while True:
        activity.heartbeat()
        await asyncio.sleep(BEAT_EVERY_S)
