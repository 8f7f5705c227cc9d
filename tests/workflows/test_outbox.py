"""The outbox of an incident, without an engine: what is taken back before it begins."""

import asyncio
from datetime import timedelta

from domain.incident.events import HappeningEvent
from domain.incident.input import ClockSettings, IncidentInput
from domain.incident.step_effects import CommandCall, MakeCall
from tests.incident.plans import a_plan
from tests.incident.world import START
from workflows.clock import IncidentClock
from workflows.effects import Effects
from workflows.tasks import Tasks


async def test_a_call_taken_back_before_its_first_moment_is_forgotten() -> None:
    """It used to stay in the outbox as running: the incident never continued, nor ended."""
    events: list[HappeningEvent] = []
    given = IncidentInput(plan=a_plan(), reference="INC-AAAAAA", dedup_key="k")
    effects = Effects(
        Tasks(), IncidentClock(ClockSettings(stepped=True), START), events.append, given=given
    )
    call = MakeCall(
        id="INC-AAAAAA/step/act/1",
        summary="Step act",
        step="act",
        call=CommandCall(command="it"),
        timeout=timedelta(seconds=30),
    )

    effects.add([call])
    effects.start()
    effects.withdraw([call.id])
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert not effects.is_running
    assert not effects.is_calling
    assert effects.unfinished == ()
    assert events == []
