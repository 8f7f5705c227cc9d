"""An `approve` step: others say yes before what stands behind it is done.

Decides who may: whom its author names by role or by name, and never who asks for it, unless
the author lets them. It never times out into a yes; in need somebody breaks the glass, with
a reason, and everybody hears it.
"""

from domain.incident.commands_of_steps import StepApprove, StepReject
from domain.incident.state import Told
from domain.incident.step_state import Vote
from domain.incident.steps.moves import (
    commanders,
    done,
    fail,
    operators,
    people_behind,
    put,
    start,
    tell,
)
from domain.incident.steps.tree import Node, above, known
from domain.incident.turn import Turn
from domain.plan_steps import ApproveStep


def begin(turn: Turn, node: Node, step: ApproveStep) -> None:
    """Ask for it; who asks is who decided, else who does the work."""
    asker = _asker(turn, node)
    of = f", of {step.need} people" if step.need > 1 else ""
    asked_by = asker.person if asker else None
    name = f" for {asker.name}" if asker else ""
    start(turn, node, f"Approval asked: {node.label}{name}{of}.", asked_by=asked_by, votes=())


def _asker(turn: Turn, node: Node) -> Told | None:
    for around in above(node):
        state = known(turn.state, around)
        if state.choice is not None and state.by is not None:
            return Told(person=state.by, name=state.by_name)
    doing = operators(turn)
    return doing[0] if doing else None


def named(turn: Turn, step: ApproveStep) -> list[Told]:
    """Everybody whom the author names, as the roles are held now."""
    people = {one.person: one for ref in step.by for one in people_behind(turn, ref)}
    return list(people.values())


def may_approve(turn: Turn, node: Node, step: ApproveStep) -> list[Told]:
    """Whose yes counts: four eyes leave out who asks."""
    asked_by = None if step.own else known(turn.state, node).asked_by
    return [one for one in named(turn, step) if one.person != asked_by]


def missing(turn: Turn, node: Node, step: ApproveStep) -> list[Told]:
    """Who may say yes and has not."""
    voted = {vote.person for vote in known(turn.state, node).votes}
    return [one for one in may_approve(turn, node, step) if one.person not in voted]


def approve(turn: Turn, node: Node, step: ApproveStep, said: tuple[StepApprove, Told]) -> None:
    """Count one yes; with enough of them the step is done."""
    command, person = said
    votes = _vote(turn, node, person, command.because, approves=True)
    yes = [vote.name for vote in votes if vote.approves]
    because = f": {command.because.rstrip('.')}" if command.because else ""
    data = {"step": node.address, "person": person.person}
    count = f" ({len(yes)} of {step.need})" if step.need > 1 else ""
    turn.note("approval.given", f"{person.name} approves {node.label}{count}{because}.", data)
    turn.answer(f"Approved{count}.")
    if len(yes) >= step.need:
        put(turn, node, by=person.person, by_name=person.name, because=command.because)
        done(turn, node, f"approved by {', '.join(yes)}.")


def reject(turn: Turn, node: Node, command: StepReject, person: Told) -> None:
    """One no ends it: nothing behind it is done."""
    _vote(turn, node, person, command.because, approves=False)
    data = {"step": node.address, "person": person.person}
    why = command.because.rstrip(".")
    turn.note("approval.refused", f"{person.name} rejects {node.label}: {why}.", data)
    put(turn, node, by=person.person, by_name=person.name, because=command.because)
    fail(turn, node, f"{person.name} rejects it: {why}.")
    turn.answer("Rejected. Nothing behind it is done.")


def break_glass(turn: Turn, node: Node, step: ApproveStep, said: tuple[StepApprove, Told]) -> None:
    """In need one person's word is enough; whoever was passed over hears it at once."""
    command, person = said
    _vote(turn, node, person, command.because, approves=True)
    why = command.because.rstrip(".")
    text = f"{person.name} breaks the glass: {node.label} goes on without approval: {why}"
    data = {"step": node.address, "person": person.person, "because": command.because}
    turn.note("approval.broken_glass", f"{text}.", data)
    put(turn, node, by=person.person, by_name=person.name, because=command.because)
    passed_over = {one.person: one for one in [*named(turn, step), *commanders(turn)]}
    tell(turn, [one for one in passed_over.values() if one.person != person.person], text)
    turn.announce_to((turn.plan.owner,), turn.message(f"{text}: {turn.state.title}"), why=text[:80])
    done(turn, node, f"{person.name} broke the glass: {why}.")
    turn.answer("Approved by breaking the glass; everybody concerned is told.")


def _vote(
    turn: Turn, node: Node, person: Told, because: str, *, approves: bool
) -> tuple[Vote, ...]:
    vote = Vote(
        person=person.person, name=person.name, approves=approves, at=turn.now, because=because
    )
    others = [one for one in known(turn.state, node).votes if one.person != person.person]
    put(turn, node, votes=(*others, vote))
    return (*others, vote)
