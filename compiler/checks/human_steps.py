"""Checks the steps and facts that wait for people (E401, E402, W412).

Decides that each ends in time, that no approval ends in a yes that nobody said, and that
enough people may say it.
"""

from collections.abc import Iterator

from compiler.diagnostics import Diagnostic
from compiler.document_human_steps import ApproveForm
from compiler.document_steps import Step, every_step
from compiler.nodes import Loc
from compiler.steps_written import StepWritten
from compiler.subject import Subject
from domain.plan import OPERATIONS

_KINDS = ("checklist", "ask", "decide", "approve", "wait_for")
_DEADLINE = "add deadline:, such as 30m or { SEV1: 5m, else: 30m }"


def check_human_steps(subject: Subject) -> Iterator[Diagnostic]:
    """What is wrong with the ends of whatever waits for people."""
    if subject.form is None:
        return
    placed = {step.loc: step for step in subject.steps()}
    for loc, step in every_step(subject.form.steps):
        if step.kind in _KINDS and step.deadline is None:
            message = f"step '{step.id}' waits for a person without a deadline"
            if step.kind == "wait_for":
                message = f"step '{step.id}' waits without a deadline"
            yield subject.key((*loc, step.kind), "E402", message, _DEADLINE)
        if step.approve:
            yield from _safe_end(subject, loc, step)
            yield from _passed_by(subject, step, placed.get(loc))
            yield from _enough_people(subject, loc, step.approve, placed.get(loc))
    for name, fact in subject.form.facts.items():
        if fact.ask and fact.deadline is None:
            message = f"fact '{name}' is asked of a person without a deadline"
            yield subject.key(("facts", name, "ask"), "E402", message, _DEADLINE)


def _safe_end(subject: Subject, loc: Loc, step: Step) -> Iterator[Diagnostic]:
    if step.on_timeout == "skip":
        message = f"the approval '{step.id}' would be passed over when nobody answers"
        help_text = "an approval never times out into yes; write remind, escalate or fail"
        yield subject.value((*loc, "on_timeout"), "E401", message, help_text)
    if step.on_error == "continue":
        message = f"what '{step.id}' guards would go on although it was not approved"
        help_text = "remove on_error; people can break the glass with a reason"
        yield subject.value((*loc, "on_error"), "E401", message, help_text)


def _passed_by(subject: Subject, step: Step, placed: StepWritten | None) -> Iterator[Diagnostic]:
    """E401 where a step around the approval goes on without it, with nothing in between.

    What stands behind it in its own list is held; what stands behind the step around is not.
    """
    if placed is None:
        return
    by_block = {(each.loc[:-1], each.index) for each in subject.steps()}
    inner = placed
    for block in reversed(placed.around):
        owner = block.owner
        if owner.kind == "decide" or (inner.loc[:-1], inner.index + 1) in by_block:
            return
        for field, value in (("on_timeout", "skip"), ("on_error", "continue"), ("join", "any")):
            if owner.text(field) == value:
                message = f"'{owner.id}' may be passed without the approval '{step.id}'"
                help_text = f"put what it guards behind it in the same list, or change {field}:"
                yield subject.value((*owner.loc, field), "E401", message, help_text)
        inner = owner


def _enough_people(
    subject: Subject, loc: Loc, approve: ApproveForm, placed: StepWritten | None
) -> Iterator[Diagnostic]:
    """W412 where fewer people can say yes than are needed; a role of many is anybody."""
    many = {name for name, role in subject.plan.roles.items() if role.many} if subject.plan else ()
    people = set(approve.by)
    if any(ref.removeprefix("role:") in many for ref in people):
        return
    asker = _asker(placed)
    message = f"{approve.need} must say yes, but only {len(people)} can"
    if not approve.self_ and asker in people:
        people.discard(asker)
        message = f"{approve.need} must say yes, but only {len(people)} can: {asker} asks for it"
    if len(people) < approve.need:
        help_text = "name more people in by:, need fewer, or write self: true"
        place = (*loc, "approve", "need")
        place = place if subject.has(place) else (*loc, "approve")
        yield subject.key(place, "W412", message, help_text)


def _asker(placed: StepWritten | None) -> str:
    """Who asks for the approval: who made the decision around it, else who leads operations."""
    for block in reversed(placed.around if placed else ()):
        if block.owner.kind == "decide":
            return block.owner.text("decide", "by")
    return f"role:{OPERATIONS}"
