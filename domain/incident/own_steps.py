"""Which steps wait for one person, and what they may say to them.

Decides whose business a step is from what others see of the incident: its own people, else
operations, else whoever commands. The incident itself decides what it takes.
"""

from collections.abc import Iterator
from typing import NamedTuple

from domain.incident.step_outline import every_step
from domain.incident.step_words import needs_somebody
from domain.incident.view import IncidentView, StepView
from domain.plan import COMMANDER, OPERATIONS


class OwnStep(NamedTuple):
    """A step that waits for the person, and the commands with which they answer it."""

    step: StepView
    may: tuple[str, ...]


def own_steps(view: IncidentView, person: str) -> Iterator[OwnStep]:
    """The steps that wait for this person now, in the order of the file."""
    for step in every_step(view.steps):
        if needs_somebody(step) and (may := _may(view, step, person)):
            yield OwnStep(step, may)


def what_waits(step: StepView) -> str:
    """What kind of word is waited for: a decision, an approval, an answer, hands."""
    if step.state == "failed":
        return "failed step"
    if step.taken_over:
        return "step by hand"
    words = {"choose": "decision", "approve": "approval", "answer": "answer"}
    return next((words[need] for need in step.needs if need in words), step.kind)


def say_to(reference: str, own: OwnStep) -> str:
    """The command that gives it."""
    step = own.step
    first = own.may[0].replace("_", "-")
    if first == "break-glass":
        first, rest = "approve", " --break-glass --because …"
    else:
        rest = {"choose": " OPTION --because …", "answer": " VALUE"}.get(first, "")
    if first == "done" and step.items:
        rest = " ITEM"
    return f"watchbill step {first} {reference} {step.id}{rest}"


def is_behind(view: IncidentView, ref: str, person: str) -> bool:
    """Whether a role or user of the plan is this person now."""
    kind, _, name = ref.strip().partition(":")
    if kind == "user":
        return name == person
    return kind == "role" and person in _holders(view, name)


def _may(view: IncidentView, step: StepView, person: str) -> tuple[str, ...]:
    if step.taken_over and step.state == "running":
        return step.needs if step.by == person else ()
    if not _is_theirs(view, step, person):
        return ()
    if "approve" not in step.needs:
        return step.needs
    if any(vote.person == person for vote in step.votes):
        return ()
    if step.asked_by == person and not step.may_be_own:
        return ("break_glass",)
    return (*step.needs, "break_glass")


def _is_theirs(view: IncidentView, step: StepView, person: str) -> bool:
    refs = step.owner.split(",") if step.owner else []
    if any(is_behind(view, ref, person) for ref in refs):
        return True
    if step.state != "failed" and any(_is_somebody(view, ref) for ref in refs):
        return False
    others = _holders(view, OPERATIONS) or _holders(view, COMMANDER)
    return person in others


def _is_somebody(view: IncidentView, ref: str) -> bool:
    """Whether anybody stands behind it now."""
    kind, _, name = ref.strip().partition(":")
    return kind == "user" or (kind == "role" and bool(_holders(view, name)))


def _holders(view: IncidentView, role: str) -> list[str]:
    return [one.person for one in view.roles.get(role, ()) if not one.on_paper]
