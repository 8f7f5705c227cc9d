"""Measuring facts: one long activity on a queue of its own, and what its end means.

Decides that an incident is told so when nobody measures, and that measuring goes on all the
same. Moments of the measuring worker become moments of the incident's clock.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, CancelledError, TimeoutType
from temporalio.exceptions import TimeoutError as ActivityTimeoutError

from domain.incident.effects import Effect
from domain.incident.events import FactsMeasured
from domain.incident.step_effects import Measured, MeasureFacts, Reading
from workflows.clock import IncidentClock
from workflows.options import (
    FACTS_MISSED,
    FACTS_QUEUE,
    FACTS_RETRY,
    FACTS_TRY,
    MEASURE_AGAIN,
    NOBODY_MEASURES_AFTER,
    STEPPED_MEASURING,
)

with workflow.unsafe.imports_passed_through():
    from activities.facts import FactActivities


class Measuring:
    """When the measurement in the outbox may start.

    Nothing is measured where nothing is real, nor between two steps of a stepped clock.
    """

    def __init__(self, clock: IncidentClock, *, simulate: bool) -> None:
        """Nothing has been let go."""
        self._clock = clock
        self._simulate = simulate
        self.let_go_of: str | None = None

    def let_go(self, waiting: Mapping[str, Effect]) -> bool:
        """The clock has been stepped: one measurement may start; False if none waits."""
        found = [one for one, effect in waiting.items() if isinstance(effect, MeasureFacts)]
        stands_still = self._clock.settings.stepped and not self._simulate
        self.let_go_of = found[-1] if found and stands_still else None
        return self.let_go_of is not None

    def may(self, activity_id: str) -> bool:
        """Whether this one may start now."""
        if self._simulate:
            return False
        return not self._clock.settings.stepped or activity_id == self.let_go_of


async def measure(activity_id: str, asked: MeasureFacts, clock: IncidentClock) -> FactsMeasured:
    """What has changed; facts that nobody measures are stale."""
    stepped = clock.settings.stepped
    given = asked.model_copy(
        update={
            "speed": clock.settings.speed,
            "once": stepped,
            "at": clock.now() if stepped else None,
        }
    )
    try:
        found = await workflow.execute_activity_method(
            FactActivities.measure_facts,
            given,
            activity_id=activity_id,
            task_queue=FACTS_QUEUE,
            start_to_close_timeout=FACTS_TRY,
            schedule_to_start_timeout=_patience(asked, clock),
            heartbeat_timeout=_missed_after(asked, clock),
            retry_policy=FACTS_RETRY,
            cancellation_type=workflow.ActivityCancellationType.TRY_CANCEL,
            summary=asked.summary,
        )
    except ActivityError as error:
        if isinstance(error.cause, CancelledError):
            raise
        found = await _unmeasured(asked, clock, _why(error))
    return FactsMeasured(
        id=asked.id,
        readings=tuple(_by_our_clock(one, clock) for one in found.readings),
        watched=found.watched,
    )


def at_rest(effect: Effect) -> Effect:
    """The effect as another run takes it up: how old each fact is begins anew there."""
    if isinstance(effect, MeasureFacts):
        return effect.model_copy(update={"watched": {}})
    return effect


def _patience(asked: MeasureFacts, clock: IncidentClock) -> timedelta | None:
    """How long no worker may take it up; without end once everything is stale anyway."""
    if clock.settings.stepped:
        return STEPPED_MEASURING
    ages = [fact.max_age for name, fact in asked.facts.items() if name not in asked.stale]
    if not ages:
        return None
    return max(min(ages) / clock.settings.speed, NOBODY_MEASURES_AFTER)


def _missed_after(asked: MeasureFacts, clock: IncidentClock) -> timedelta:
    """How long nothing may be heard of a worker: half of what makes a fact stale."""
    soonest, latest = FACTS_MISSED
    age = min(fact.max_age for fact in asked.facts.values()) / clock.settings.speed
    return min(max(age / 2, soonest), latest)


def _why(error: ActivityError) -> str:
    cause = error.cause
    waited = isinstance(cause, ActivityTimeoutError) and cause.type in (
        TimeoutType.SCHEDULE_TO_START,
        TimeoutType.SCHEDULE_TO_CLOSE,
    )
    return f"nobody measures: no worker serves {FACTS_QUEUE}" if waited else "measuring broke"


async def _unmeasured(asked: MeasureFacts, clock: IncidentClock, why: str) -> Measured:
    """Everything is stale; where that is known, the next try is not at once."""
    fresh = [name for name in asked.facts if name not in asked.stale]
    if not fresh and not clock.settings.stepped:
        await workflow.sleep(MEASURE_AGAIN, summary="Measure again")
    at = clock.now() if clock.settings.stepped else workflow.now()
    readings = tuple(Reading(fact=name, at=at, stale=True, why=why) for name in fresh)
    return Measured(readings=readings, watched=asked.watched)


def _by_our_clock(reading: Reading, clock: IncidentClock) -> Reading:
    return reading.model_copy(update={"at": _moment(reading.at, clock)})


def _moment(at: datetime, clock: IncidentClock) -> datetime:
    """A moment of the worker's clock on ours; none is later than now."""
    now = clock.now()
    if clock.settings.stepped:
        return min(at, now)
    return now - max(workflow.now() - at, timedelta(0)) * clock.settings.speed
