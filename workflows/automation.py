"""Calls by machines: one activity on a queue of their own, and what its end means.

Decides when nobody knows whether a call happened: its worker died, or it was cut off. It is
never repeated then, unless its author has said that it may be. Which failures are tried
again is the activity's to say, how often the author's, and doing so the engine's.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError
from temporalio.exceptions import TimeoutError as ActivityTimeoutError

from domain.incident.events import StepFinished
from domain.incident.step_effects import CallResult, CommandCall, MakeCall
from domain.rehearsal.machines import SIMULATED
from workflows.options import (
    AUTOMATION_MARGIN,
    AUTOMATION_QUEUE,
    CALL_BEAT_TIMEOUT,
    COMMAND_BEAT_TIMEOUT,
)

with workflow.unsafe.imports_passed_through():
    from activities.automation.calls import CALL_FAILED, CallActivities


async def make_call(activity_id: str, call: MakeCall, *, simulate: bool) -> StepFinished:
    """How the call went, after all its tries."""
    if simulate:
        return StepFinished(id=call.id, result=SIMULATED)
    try:
        result = await workflow.execute_activity_method(
            CallActivities.make_call,
            call,
            activity_id=activity_id,
            task_queue=AUTOMATION_QUEUE,
            start_to_close_timeout=call.timeout + AUTOMATION_MARGIN,
            heartbeat_timeout=_beat_timeout(call),
            retry_policy=_policy(call),
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            summary=call.summary,
        )
    except ActivityError as error:
        result = _how_it_failed(call, error)
    return StepFinished(id=call.id, result=result)


def _beat_timeout(call: MakeCall) -> timedelta:
    is_command = isinstance(call.call, CommandCall)
    return COMMAND_BEAT_TIMEOUT if is_command else CALL_BEAT_TIMEOUT


def _policy(call: MakeCall) -> RetryPolicy:
    retry = call.retry
    return RetryPolicy(
        initial_interval=retry.backoff,
        backoff_coefficient=2.0,
        maximum_interval=max(retry.backoff, retry.max),
        maximum_attempts=max(1, retry.attempts),
    )


def _how_it_failed(call: MakeCall, error: ActivityError) -> CallResult:
    """What the last try left; what a try that left nothing means."""
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.type == CALL_FAILED and cause.details:
        return CallResult.model_validate(cause.details[0])
    if isinstance(cause, CancelledError):
        return CallResult(outcome="unknown", detail="it was stopped")
    if isinstance(cause, ActivityTimeoutError):
        why = "its worker is gone, or has not answered in time"
        return CallResult(outcome="unknown", detail=why, tries=max(1, call.retry.attempts))
    return CallResult(outcome="unknown", detail="it broke inside Watchbill")
