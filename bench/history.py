"""What one incident's history is made of: events and bytes by type."""

from collections import Counter
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client  # noqa: TID251 - looks at the engine from outside


async def make_up(client: Client, workflow_id: str) -> dict[str, Any]:
    """Events and bytes of the newest run, in all and by event type, most bytes first."""
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    events: Counter[str] = Counter()
    size: Counter[str] = Counter()
    activities: Counter[str] = Counter()
    for event in history.events:
        name = EventType.Name(event.event_type).removeprefix("EVENT_TYPE_").lower()
        events[name] += 1
        size[name] += event.ByteSize()
        kind = event.activity_task_scheduled_event_attributes.activity_type.name
        if kind:
            activities[kind] += 1
    by_type = {
        name: {"events": events[name], "bytes": size[name]} for name, _ in size.most_common()
    }
    return {
        "events": sum(events.values()),
        "bytes": sum(size.values()),
        "activities": dict(activities),
        "by_type": by_type,
    }
