"""What open steps ask of simulated people: who, since when, and what they would say.

Decides the answer to each kind of step: lists are ticked, the suggested option or else the
first is taken, approvals are given, questions get their default, failed steps are done once
more and then skipped. When and by whom it is said is `responders`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.incident.commands import Command
from domain.incident.commands_of_steps import (
    StepAnswer,
    StepApprove,
    StepChoose,
    StepDone,
    StepRetry,
    StepSkip,
)
from domain.incident.steps.moves import commanders, operators, people_behind
from domain.incident.view import StepView
from domain.plan_steps import AskStep, all_steps
from domain.rehearsal.acts import Scene
from domain.rehearsal.machines import PLAIN
from domain.values import Value

Say = Callable[[dict[str, str]], Command]

TRIES = 2
"""So often is a failed step begun before it is skipped."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One open step. `people` are whose it is; `each` of them must speak where voices count.

    `instead` is what somebody says who steps in for them.
    """

    key: str
    label: str
    since: datetime
    people: tuple[str, ...]
    command: Say
    instead: Say
    each: bool = False


def step_answers(scene: Scene) -> Iterator[Asked]:
    """Every open step that waits for people."""
    defaults = {
        step.id: step.default for step in all_steps(scene.plan.steps) if isinstance(step, AskStep)
    }
    for step in scene.steps:
        if not step.needs:
            continue
        since = max(
            each for each in (step.started_at, step.ended_at, scene.state.opened_at) if each
        )
        say = _said(step, defaults.get(step.id.partition("@")[0]))
        yield Asked(
            key=f"step/{step.id}/{step.needs[0]}/{since.isoformat()}",
            label=step.label or step.id,
            since=since,
            people=_people(scene, step),
            command=say,
            instead=_break_glass(step) if "approve" in step.needs else say,
            each="approve" in step.needs,
        )


def _people(scene: Scene, step: StepView) -> tuple[str, ...]:
    """Whose it is: the step's own people, else operations, else the commander."""
    refs = (step.owner or "").split(", ")
    own = [one for ref in refs for one in people_behind(scene.turn, ref)]
    found = own or operators(scene.turn) or commanders(scene.turn)
    return tuple(dict.fromkeys(one.person for one in found))


def _said(step: StepView, default: Value | None) -> Say:
    if "choose" in step.needs:
        return lambda by: StepChoose(**by, step=step.id, option=_option(step), because="drill")
    if "approve" in step.needs:
        return lambda by: StepApprove(**by, step=step.id, because="drill")
    if "answer" in step.needs:
        return lambda by: StepAnswer(**by, step=step.id, answer=_answer(step, default))
    if "done" in step.needs:
        return lambda by: StepDone(**by, step=step.id)
    if "retry" in step.needs and step.tries < TRIES:
        return lambda by: StepRetry(**by, step=step.id)
    return lambda by: StepSkip(**by, step=step.id, because="it did not succeed in the drill")


def _break_glass(step: StepView) -> Say:
    because = "nobody who may approve it answers"
    return lambda by: StepApprove(**by, step=step.id, because=because, break_glass=True)


def _option(step: StepView) -> str:
    suggested = [one.id for one in step.options if one.suggested]
    return (suggested or [one.id for one in step.options])[0]


def _answer(step: StepView, default: Value | None) -> Value:
    if default is not None:
        return default
    return step.one_of[0] if step.one_of else PLAIN[step.answer_type or "string"]
