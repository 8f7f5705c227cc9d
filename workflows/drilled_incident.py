"""What happens by itself in a drill's incident: one timer for each thing about to happen.

Decides when an act of `domain.rehearsal` becomes an event, by the incident's own clock, so
that the timeline in the Temporal UI reads "Ann Berg acknowledges (simulated)". An incident
without a script starts nothing here. Whoever conducts the drill is told when it is over.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

from domain.drill_run import DRILL_OVER, DrillOver
from domain.incident.events import Event, FactsMeasured
from domain.incident.state import IncidentState
from domain.incident.view import Phase
from domain.rehearsal.acts import Act
from domain.rehearsal.surroundings import acts_of
from workflows.clock import IncidentClock
from workflows.effects import Effects
from workflows.options import SCORE_WITHIN
from workflows.tasks import Tasks


class DrilledIncident:
    """The acts that are about to happen. `on_event` takes each; nothing carries over a run."""

    def __init__(
        self,
        tasks: Tasks,
        clock: IncidentClock,
        effects: Effects,
        on_event: Callable[[Event], object],
    ) -> None:
        """Without a script, or on a stepped clock, nothing happens by itself."""
        given = effects.given
        self._tasks = tasks
        self._clock = clock
        self._effects = effects
        self._on_event = on_event
        self._plan = given.plan
        self._script = None if given.clock.stepped or not given.simulate else given.script
        self._acts: dict[str, Act] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._done: set[str] = set()
        self._telling = False
        self.awaits_score = False
        """Whether the incident is over and its score is still to come."""

    def follow(self, state: IncidentState) -> None:
        """Start, move and stop timers; tell the conductor once it is over."""
        if self._script is None:
            return
        acts = acts_of(self._plan, state, self._script, self._clock.now())
        wanted = {one.key: one for one in acts if one.key not in self._done}
        for key in [key for key in self._running if key not in wanted]:
            self._running.pop(key).cancel()
            self._acts.pop(key)
        for key, act in wanted.items():
            known = self._acts.get(key)
            self._acts[key] = act
            if known is not None and known.at == act.at:
                continue
            if known is not None:
                self._running.pop(key).cancel()
            self._running[key] = self._tasks.start(self._wait(key, act))
        self._tell_if_over(state)

    def scored(self) -> None:
        """Its score stands: nothing keeps the incident from ending."""
        self.awaits_score = False

    async def _wait(self, key: str, act: Act) -> None:
        delay = self._clock.real_delay(act.at)
        if delay > timedelta(0):
            await workflow.sleep(delay, summary=act.summary)
        self._running.pop(key, None)
        latest = self._acts.pop(key, act)
        self._done.add(key)
        if isinstance(latest.event, FactsMeasured):
            self._effects.withdraw((latest.event.id,))  # it was never made
        self._on_event(latest.event)

    def _tell_if_over(self, state: IncidentState) -> None:
        conductor = self._script.conductor if self._script else None
        is_over = not state.phase.is_open and state.phase is not Phase.SUPPRESSED
        if conductor is None or not is_over or self._telling:
            return
        self._telling = self.awaits_score = True
        self._tasks.start(
            self._tell(conductor, DrillOver(reference=state.reference, seq=state.seq))
        )

    async def _tell(self, conductor: str, over: DrillOver) -> None:
        """A conductor that is gone scores nothing; one that is slow is waited for, for a while."""
        try:
            await workflow.get_external_workflow_handle(conductor).signal(DRILL_OVER, over)
            await workflow.sleep(SCORE_WITHIN, summary="The drill is over: its score is awaited")
        except FailureError as error:
            if is_cancelled_exception(error):
                raise asyncio.CancelledError from error
        self.awaits_score = False
