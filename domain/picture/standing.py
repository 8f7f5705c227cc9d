"""Where each step of a running incident stands, as marks and sentences.

Decides how the rounds of a loop are told as one step. The words are those of
`domain.incident.steps.words`, which the terminal and the page on a phone use too.
"""

from collections.abc import Iterable
from datetime import datetime

from domain.clock_text import wall_time
from domain.incident.steps.outline import every_step
from domain.incident.steps.words import MARKS, outcome_of, state_of, tally
from domain.incident.view import StepView
from domain.picture.outline import Emphasis, Standing
from domain.plan_steps import DecideStep, Step

_EMPHASIS: dict[str, Emphasis] = {
    "pending": "ahead",
    "running": "live",
    "done": "over",
    "failed": "failed",
    "skipped": "passed_by",
    "cancelled": "passed_by",
}
_LOUDEST = ("failed", "running", "pending", "cancelled", "skipped", "done")


class StepsStanding:
    """The steps of one incident by their id in the plan."""

    def __init__(self, steps: Iterable[StepView], zone: str, *, passed: bool = False) -> None:
        """`zone` is what times are read in; what is `passed` by will never be reached."""
        self._zone = zone
        self._passed = passed
        self._views: dict[str, list[StepView]] = {}
        for view in every_step(steps):
            self._views.setdefault(view.id.partition("@")[0], []).append(view)

    def of(self, step: Step) -> Standing:
        """Where this step stands; in a loop, all its rounds together."""
        views = self._views.get(step.id, [])
        if not views:
            if self._passed:
                return Standing("[-]", "", "passed_by")
            return Standing("[ ]", "", "ahead")
        states = [view.state for view in views]
        state = min(states, key=_LOUDEST.index)
        if state == "pending" and "done" in states:
            state = "running"
        if len(views) > 1:
            return Standing(_mark(state), tally(states), _EMPHASIS[state])
        return Standing(_mark(state), self._sentence(views[0]), _EMPHASIS[state])

    def of_option(self, step: DecideStep, option: str) -> Standing:
        """Whether this is what was chosen; in a loop, in any of its rounds."""
        views = self._views.get(step.id, [])
        choices = [view.choice for view in views if view.choice is not None]
        if option in choices:
            return Standing("[x]", "chosen", "over")
        if choices:
            return Standing("[-]", "not chosen", "passed_by")
        suggested = any(
            one.id == option and one.suggested for view in views for one in view.options
        )
        return Standing("[ ]", "suggested" if suggested else "", "ahead")

    def inside(self, option: Standing) -> "StepsStanding":
        """How the steps of an option stand that is or is not taken."""
        if option.emphasis != "passed_by":
            return self
        return StepsStanding((), self._zone, passed=True)

    def ticked(self, step: Step) -> frozenset[str]:
        """The items of a checklist that somebody has ticked in all its rounds."""
        rounds = [
            {item.id for item in view.items if item.done_by is not None}
            for view in self._views.get(step.id, [])
        ]
        return frozenset(set.intersection(*rounds)) if rounds else frozenset()

    def _sentence(self, view: StepView) -> str:
        if view.state == "pending":
            return ""
        said = [state_of(view), self._when(view)]
        outcome = outcome_of(view)
        if outcome and outcome != view.about:
            said.append(outcome)
        if view.state == "running" and view.deadline is not None:
            said.append(f"due {wall_time(view.deadline, self._zone)}")
        return ", ".join(one for one in said if one)

    def _when(self, view: StepView) -> str:
        at: datetime | None = view.ended_at or view.started_at
        if at is None:
            return ""
        word = "" if view.ended_at else "since "
        return f"{word}{wall_time(at, self._zone)}"


def _mark(state: str) -> str:
    return f"[{MARKS.get(state, ' ')}]"
