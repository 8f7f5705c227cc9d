"""Starts the workflow that reads a schedule's imported calendar.

Decides its id, `calendar-<schedule>`: one schedule is read by one workflow. It ends by
itself when the schedule imports nothing any more.
"""

from datetime import timedelta

from temporalio.client import Client  # noqa: TID251 - part of the gateway
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from api.gateway_connection import bounded
from api.gateway_errors import EngineUnavailable, NotFound
from api.limits import RETRY_AFTER_S
from domain.roster import CalendarImport
from workflows.calendar import CalendarInput, CalendarRefreshWorkflow
from workflows.options import INCIDENTS_QUEUE

START_TIMEOUT = timedelta(seconds=4)
"""One start; whoever follows the roster asks again."""


def calendar_id(schedule: str) -> str:
    """The id of the workflow that reads this schedule's calendar."""
    return f"calendar-{schedule}"


async def read_calendar(
    client: Client, schedule: str, imports: CalendarImport, *, look_now: bool
) -> None:
    """The calendar is read from now on; `look_now` where it was read and the roster changed.

    Asking twice is harmless. Raises EngineUnavailable.
    """
    try:
        async with bounded(START_TIMEOUT):
            await client.start_workflow(
                CalendarRefreshWorkflow.run,
                CalendarInput(schedule=schedule, refresh=imports.refresh),
                id=calendar_id(schedule),
                task_queue=INCIDENTS_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary=f"Calendar of {schedule}",
                start_signal="look_now" if look_now else None,
                rpc_timeout=START_TIMEOUT,
            )
    except NotFound as error:  # a start needs no workflow: something else is missing
        raise EngineUnavailable(str(error), RETRY_AFTER_S) from error
