"""Histories as files: fetched run by run, free of this machine's name, one event a line.

Decides also how the commands of a history are written down for people to compare.
"""

import json
import math
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from domain.clock_text import duration_text
from tests.stage import Story

FIVE_MINUTES = timedelta(minutes=5)
SECOND = timedelta(seconds=1)
FOLDER = Path(__file__).parent
RECORDER = '"recorder"'
_PROCESS = re.compile(r'"\d+@[^"]*"')
"""Who events are by and whose queue is sticky: the engine names process and host."""

_PORT = re.compile(r"127\.0\.0\.1:\d+")
_MINTED = re.compile(r"INC-[0-9A-Z]{6}")
_CLOCK = re.compile(r"\d\d:\d\d UTC")


async def runs_of(story: Story) -> list[WorkflowHistory]:
    """The history of every run of the story's incident, in order."""
    assert story.handle is not None
    run = story.handle.first_execution_run_id
    found = []
    while run:
        handle = story.stage.client.get_workflow_handle(story.workflow_id, run_id=run)
        found.append(await handle.fetch_history())
        last = found[-1].events[-1]
        run = last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id
    return found


def save(name: str, runs: list[WorkflowHistory]) -> None:
    """Replace the files of this story; a run that has only just begun has nothing to keep."""
    for old in FOLDER.glob(f"{name}.*.json"):
        old.unlink()
    kept = [history for history in runs if any(map(_is_completed_task, history.events))]
    for number, history in enumerate(kept, start=1):
        events = json.loads(_PROCESS.sub(RECORDER, history.to_json()))["events"]
        lines = ",\n".join(json.dumps(event, sort_keys=True) for event in events)
        (FOLDER / f"{name}.{number}.json").write_text(f'{{"events": [\n{lines}\n]}}\n')


def _is_completed_task(event: HistoryEvent) -> bool:
    return event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED


def commands_by_moment(runs: list[WorkflowHistory]) -> str:
    """At each moment of a stepped clock: what was said, then what the incident did.

    What it did at one moment is sorted: which answer of the world comes first is chance.
    """
    moments: list[tuple[str, list[str], list[str]]] = [("", [], [])]
    for event in (event for history in runs for event in history.events):
        moment = _advanced_to(event)
        if moment and moments[-1][0] not in ("", moment):
            moments.append(("", [], []))
        heading, messages, commands = moments[-1]
        moments[-1] = (heading or moment, messages, commands)
        messages += filter(None, [_message(event)])
        commands += filter(None, [_command(event, speed=1.0)])
    return "".join(
        "\n".join((heading, *messages, *sorted(commands))) + "\n"
        for heading, messages, commands in moments
    )


def commands(runs: list[WorkflowHistory], speed: float) -> str:
    """Everything the incident ever did, each once; timers in its own time."""
    found = {_command(event, speed) for history in runs for event in history.events}
    return "\n".join(sorted(found - {""})) + "\n"


def _advanced_to(event: HistoryEvent) -> str:
    name, body = _update(event)
    return str(body["to"]) if name == "advance" else ""


def _message(event: HistoryEvent) -> str:
    if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
        return f"  {event.workflow_execution_signaled_event_attributes.signal_name}"
    name, body = _update(event)
    return f"  {name} by {body['actor']}" if name not in ("", "advance") else ""


def _update(event: HistoryEvent) -> tuple[str, dict[str, Any]]:
    """Name and body of the update that this event says was accepted."""
    if event.event_type != EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
        return "", {}
    asked = event.workflow_execution_update_accepted_event_attributes.accepted_request.input
    return asked.name, json.loads(asked.args.payloads[0].data)


def _command(event: HistoryEvent, speed: float) -> str:
    summary = _CLOCK.sub("00:00 UTC", json.loads(event.user_metadata.summary.data or b'""'))
    summary = _MINTED.sub("INC-XXXXXX", _PORT.sub("127.0.0.1", summary))
    match event.event_type:
        case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            kind = event.activity_task_scheduled_event_attributes.activity_type.name
            return "" if kind == "record" else f"    {kind}: {summary}"
        case EventType.EVENT_TYPE_TIMER_STARTED:
            length = event.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
            return f"    timer, {_rounded_up(length * speed)}: {summary}"
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
            return "    complete"
        case _:
            return ""


def _rounded_up(length: timedelta) -> str:
    """To five minutes: at a sped-up clock a slow answer has used up some of them."""
    return duration_text(math.ceil((length - SECOND) / FIVE_MINUTES) * FIVE_MINUTES)
