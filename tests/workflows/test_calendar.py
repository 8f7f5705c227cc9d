"""The import of a calendar as a workflow, on a real server with real timers."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from temporalio.client import WorkflowHandle

from domain.roster import CalendarImport, Schedule
from tests.receivers import PATIENCE_S, Reply
from tests.stage import Stage
from workflows.calendar import CalendarInput, CalendarRefreshWorkflow
from workflows.options import INCIDENTS_QUEUE

PATH = "/ann.ics?token=token-nobody-may-see"


def a_calendar(name: str) -> bytes:
    """The person is on call from yesterday until tomorrow."""
    start, end = datetime.now(UTC) - timedelta(days=1), datetime.now(UTC) + timedelta(days=1)
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:{name}\r\n"
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDTEND:{end:%Y%m%dT%H%M%SZ}\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    ).encode()


def importing(stage: Stage, refresh: timedelta) -> None:
    """Let the schedule `imported` read a calendar of the receiver so often."""
    imports = CalendarImport(ical=f"{stage.hooks.url}{PATH}", refresh=refresh)
    schedule = Schedule(id="imported", tz="UTC", imports=imports)
    schedules = {**stage.roster.schedules, "imported": schedule}
    stage.roster = stage.roster.model_copy(update={"schedules": schedules})


async def start(
    stage: Stage, *, absent: bool = False
) -> WorkflowHandle[CalendarRefreshWorkflow, str]:
    """The import of `imported` runs; `absent` if an earlier look found no import."""
    return await stage.client.start_workflow(
        CalendarRefreshWorkflow.run,
        CalendarInput(schedule="imported", absent=absent),
        id=f"calendar-imported-{uuid4().hex[:8]}",
        task_queue=INCIDENTS_QUEUE,
    )


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what the ledger will say."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110  # the ledger tells nobody
            await asyncio.sleep(0.02)


async def test_calendar_is_read_at_each_refresh_and_a_failure_keeps_the_copy(stage: Stage):
    """The history says which schedule, and never the address or anything from it."""
    importing(stage, timedelta(seconds=0.2))
    stage.hooks.replies[PATH] = Reply(body=a_calendar("ann"))
    ledger = stage.writer.ledger
    handle = await start(stage)
    await stage.hooks.expect(3, PATH)

    stage.hooks.replies[PATH] = Reply(status=500)
    await until(lambda: bool(ledger.calendar_states() and ledger.calendar_states()[0].error))
    copy = ledger.calendar_text("imported")

    assert copy is not None
    assert "SUMMARY:ann" in copy
    history = json.dumps((await handle.fetch_history()).to_json_dict())
    assert "imported" in history
    assert "token-nobody-may-see" not in history
    await handle.terminate()


async def test_edited_address_is_read_at_once(stage: Stage):
    importing(stage, timedelta(days=1))
    stage.hooks.replies[PATH] = Reply(body=a_calendar("ann"))
    handle = await start(stage)
    await stage.hooks.expect(1, PATH)

    await handle.signal(CalendarRefreshWorkflow.on_look_now)

    await stage.hooks.expect(2, PATH)
    await handle.terminate()


async def test_import_ends_when_the_schedule_imports_nothing_any_more(stage: Stage):
    """It looks twice: a worker may hear of an edit later than the API."""
    handle = await start(stage, absent=True)

    assert await handle.result() == "imported imports no calendar."
