"""What is about to happen by itself in a drill: who or what acts, when, and how.

Decides the shape, and how far a drill's incident has come: whether anything is left to do
but to wait. Who acts is `domain.rehearsal.responders` and `domain.rehearsal.surroundings`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.drill import Behaviour, DrillScript, Responders
from domain.incident.events import Event
from domain.incident.state import IncidentState
from domain.incident.steps.views import step_views
from domain.incident.turn import Turn
from domain.incident.view import Phase, StepView
from domain.plan import Plan


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happens at a moment (aware); the same key is the same thing."""

    key: str
    at: datetime
    summary: str
    event: Event


class Scene:
    """One drill's incident at a moment, as those who act in it see it."""

    def __init__(
        self, plan: Plan, state: IncidentState, script: DrillScript, now: datetime
    ) -> None:
        """Looks only; nothing of it changes the state."""
        self.plan = plan
        self.state = state
        self.script = script
        self.now = now
        self.turn = Turn(plan, state, now)
        self.steps = tuple(_flat(step_views(plan, state)))

    @property
    def responders(self) -> Responders:
        """How simulated people behave."""
        return self.script.responders or Responders()

    def behaviour(self, person: str) -> Behaviour:
        """What this person does when asked."""
        found_by = [one.schedule for one in self.state.on_shift.get(person, ())]
        return self.responders.of(person, found_by)

    @property
    def is_idle(self) -> bool:
        """Whether somebody is on it and nothing is left to do but to wait for a condition."""
        if self.state.phase not in (Phase.ACKNOWLEDGED, Phase.MITIGATED):
            return False
        open_steps = [one for one in self.steps if not one.steps and _is_open(one)]
        return all(one.kind == "wait_for" for one in open_steps)

    @property
    def idle_since(self) -> datetime:
        """The latest moment at which anything was begun, done or acknowledged."""
        state = self.state
        moments = [state.opened_at, state.acknowledged_at, state.triggered_at]
        moments += [each for step in self.steps for each in (step.started_at, step.ended_at)]
        return max(each for each in moments if each is not None)


def _is_open(step: StepView) -> bool:
    return step.state == "running" or bool(step.needs)


def _flat(steps: tuple[StepView, ...]) -> Iterator[StepView]:
    for step in steps:
        yield step
        yield from _flat(step.steps)
