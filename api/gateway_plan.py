"""Reads the plan that an incident runs on out of what its workflow was started with.

Decides that no worker is needed for it: the engine itself keeps the start input, so a
picture can be drawn also while nobody works on the incident.
"""

from temporalio.client import Client  # noqa: TID251 - part of the gateway

from domain.incident.input import IncidentInput
from domain.plan import Plan


async def plan_of(client: Client, workflow_id: str) -> Plan | None:
    """The plan of the newest run under this id; None if its history has no beginning.

    Raises what the engine's client raises.
    """
    handle = client.get_workflow_handle(workflow_id)
    async for event in handle.fetch_history_events(page_size=1):
        payloads = event.workflow_execution_started_event_attributes.input.payloads
        if not payloads:
            return None
        given: list[IncidentInput] = await client.data_converter.decode(payloads, [IncidentInput])
        return given[0].plan
    return None
