"""Asking who is on call: within the workflow task, and by an activity if that fails.

Decides how the answer is had soonest. The roster is in the worker's memory, so a local
activity answers without a way through the engine. What cannot be answered there at once
becomes a regular activity, retried for ever where everybody sees its attempts; a slow
look-up must not hold up the messages of its incident.
"""

import asyncio

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

from domain.incident.effects import LookUpOnCall
from domain.incident.people import LookUpAnswer
from workflows.options import (
    INCIDENTS_QUEUE,
    LOOK_UP_AT_HAND,
    LOOK_UP_RETRY,
    LOOK_UP_TIMEOUT,
    ONCE_AT_HAND,
)

with workflow.unsafe.imports_passed_through():
    from activities.on_call import OnCallActivities


async def look_up(activity_id: str, asked: LookUpOnCall) -> LookUpAnswer:
    """The answer, recorded in the history either way."""
    try:
        return await workflow.execute_local_activity_method(
            OnCallActivities.look_up_on_call,
            asked,
            activity_id=activity_id,
            start_to_close_timeout=LOOK_UP_AT_HAND,
            schedule_to_close_timeout=LOOK_UP_AT_HAND,
            retry_policy=ONCE_AT_HAND,
            summary=asked.summary,
        )
    except FailureError as error:
        # A local activity's failure comes as it is, not wrapped in an ActivityError: let
        # through, it would end the incident.
        if is_cancelled_exception(error):
            raise asyncio.CancelledError from error
    return await workflow.execute_activity_method(
        OnCallActivities.look_up_on_call,
        asked,
        activity_id=activity_id,
        task_queue=INCIDENTS_QUEUE,
        start_to_close_timeout=LOOK_UP_TIMEOUT,
        retry_policy=LOOK_UP_RETRY,
        summary=asked.summary,
    )
