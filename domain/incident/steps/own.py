"""Which steps wait for one person, and what they may say to others.

Decides whose move a step is from what others see of the incident: its own people, else
operations, else whoever commands. What it takes from whom is `domain.incident.steps.rights`.
"""

from collections.abc import Iterator
from typing import NamedTuple

from domain.incident.steps.outline import every_step
from domain.incident.steps.words import needs_somebody
from domain.incident.view import IncidentView, StepView
from domain.plan import COMMANDER, OPERATIONS


class OwnStep(NamedTuple):
    """A step to which the person may say these things; `is_asked` if it is their move."""

    step: StepView
    may: tuple[str, ...]
    is_asked: bool = True


def own_steps(view: IncidentView, person: str) -> Iterator[OwnStep]:
    """The steps that wait for this person's word, or take it, in the order of the file."""
    for step in every_step(view.steps):
        if not needs_somebody(step):
            continue
        may = _may_of_approval(view, step, person) if "approve" in step.needs else step.needs
        if "approve" in step.needs:
            is_asked = "approve" in may
        else:
            is_asked = _is_their_move(view, step, person)
        if may and (is_asked or _may_anyway(view, step, person)):
            yield OwnStep(step, may, is_asked)


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


def _may_of_approval(view: IncidentView, step: StepView, person: str) -> tuple[str, ...]:
    """Four eyes: who asks may say no; whoever is on it may break the glass."""
    is_named = any(is_behind(view, ref, person) for ref in (step.owner or "").split(","))
    has_voted = any(vote.person == person for vote in step.votes)
    may: tuple[str, ...] = ()
    if step.asked_by == person and not step.may_be_own:
        may = ("reject",)
    elif is_named and not has_voted:
        may = ("approve", "reject")
    is_on_it = any(person in _holders(view, role) for role in view.roles)
    if is_on_it and ("approve" not in may or step.votes_needed > 1):
        may = (*may, "break_glass")
    return may


def _is_their_move(view: IncidentView, step: StepView, person: str) -> bool:
    if step.taken_over and step.state == "running":
        return step.by == person
    refs = step.owner.split(",") if step.owner else []
    if any(is_behind(view, ref, person) for ref in refs):
        return True
    if step.kind in ("decide", "ask") and step.state == "running":
        return False
    if any(_is_somebody(view, ref) for ref in refs):
        return False
    return person in (_holders(view, OPERATIONS) or _holders(view, COMMANDER))


def _may_anyway(view: IncidentView, step: StepView, person: str) -> bool:
    """Whether the step takes their word though it is another's move."""
    if step.kind in ("decide", "ask") and step.state == "running":
        return person in _holders(view, COMMANDER)
    return any(person in _holders(view, role) for role in view.roles)


def _is_somebody(view: IncidentView, ref: str) -> bool:
    """Whether anybody stands behind it now."""
    kind, _, name = ref.strip().partition(":")
    return kind == "user" or (kind == "role" and bool(_holders(view, name)))


def _holders(view: IncidentView, role: str) -> list[str]:
    return [one.person for one in view.roles.get(role, ()) if not one.on_paper]
