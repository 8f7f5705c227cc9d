"""Who may decide, answer and approve, and when it is too late.

Decides the refusals of these commands; their sentences name who may, and the mend.
"""

from domain.clock_text import local_time
from domain.incident.commands_of_steps import StepAnswer, StepApprove, StepChoose, StepReject
from domain.incident.messages import readable
from domain.incident.steps.kinds.approve import may_approve, named
from domain.incident.steps.kinds.ask import shown, takes
from domain.incident.steps.moves import commanders, people_behind
from domain.incident.steps.standing import standing
from domain.incident.steps.tree import Node, known
from domain.incident.turn import Turn
from domain.incident.why_not import Refusal, wrong_input, wrong_moment
from domain.plan_steps import ApproveStep, AskStep, DecideStep
from domain.values import WrongTypeError, as_value


def cannot_choose(turn: Turn, node: Node, command: StepChoose) -> Refusal | None:
    """Only who decides, or the commander, and only an option that there is."""
    step, own = node.step, known(turn.state, node)
    if not isinstance(step, DecideStep):
        return wrong_input(f"Step {node.label} is no decision: there is nothing to choose.")
    options = [option.id for option in step.options]
    if command.option not in options:
        listed = ", ".join(options)
        return wrong_input(
            f"Decision {node.label} has no option '{command.option}'; it has {listed}."
        )
    if own.state != "running":
        mend = f" {_again(turn, node)} puts it again." if own.state != "pending" else ""
        return wrong_moment(f"{standing(turn, node)}.{mend}")
    if own.choice == command.option:
        return wrong_moment(f"{own.by_name} has decided {own.choice} already.")
    return _not_theirs(turn, command.person, (step.by,), "decides this")


def cannot_answer(turn: Turn, node: Node, command: StepAnswer) -> Refusal | None:
    """Only who is asked, or the commander, and only a value that fits."""
    step, own = node.step, known(turn.state, node)
    if not isinstance(step, AskStep):
        return wrong_input(f"Step {node.label} asks nothing.")
    try:
        value = as_value(command.answer, step.type)
    except WrongTypeError as error:
        return wrong_input(f"{error}: {node.label} takes {takes(step)}.")
    if step.one_of and value not in step.one_of:
        return wrong_input(
            f"'{shown(value)}' is no answer to {node.label}: it takes {takes(step)}."
        )
    if own.state != "running":
        mend = f" {_again(turn, node)} asks anew." if own.state in ("failed", "cancelled") else ""
        return wrong_moment(f"{standing(turn, node)}.{mend}")
    return _not_theirs(turn, command.person, (step.of,), "is asked")


def cannot_approve(turn: Turn, node: Node, command: StepApprove) -> Refusal | None:
    """Only whom the author names, never who asks for it, once each, and not too late."""
    step = node.step
    if not isinstance(step, ApproveStep):
        return wrong_input(f"Step {node.label} is no approval.")
    late = _too_late(turn, node)
    if late is not None:
        return late
    if command.break_glass:
        return _cannot_break_glass(turn, command)
    before = next(
        (vote for vote in known(turn.state, node).votes if vote.person == command.person), None
    )
    if before is not None:
        when = local_time(before.at, turn.plan.timezone)
        return wrong_moment(f"You approved {node.label} at {when} already.")
    allowed = [one.person for one in may_approve(turn, node, step)]
    if command.person in allowed:
        return None
    glass = "In need: break the glass, with a reason."
    if command.person in [one.person for one in named(turn, step)]:
        return wrong_moment(
            f"You asked for {node.label}: somebody else must approve it (four eyes). {glass}"
        )
    refused = _not_theirs(turn, command.person, step.by, "approves this", may_lead=False)
    return refused and wrong_moment(f"{refused.text} {glass}")


def cannot_reject(turn: Turn, node: Node, command: StepReject) -> Refusal | None:
    """Only whom the author names; saying no to what one asked for is allowed."""
    step = node.step
    if not isinstance(step, ApproveStep):
        return wrong_input(f"Step {node.label} is no approval.")
    late = _too_late(turn, node)
    if late is not None:
        return late
    if command.person == known(turn.state, node).asked_by:
        return None
    return _not_theirs(turn, command.person, step.by, "approves this", may_lead=False)


def _too_late(turn: Turn, node: Node) -> Refusal | None:
    own = known(turn.state, node)
    if own.state == "running":
        return None
    mend = f" {_again(turn, node)} asks anew." if own.state in ("failed", "cancelled") else ""
    return wrong_moment(f"{standing(turn, node)}.{mend}")


def _cannot_break_glass(turn: Turn, command: StepApprove) -> Refusal | None:
    if not command.because:
        return wrong_input("Breaking the glass needs a reason: say why it cannot wait.")
    on_it = {*turn.state.holder_ids(), *turn.state.acked_by}
    if command.person in on_it:
        return None
    return wrong_moment("Only who is on the incident breaks the glass: join it first.")


def _not_theirs(
    turn: Turn, person: str | None, refs: tuple[str, ...], verb: str, *, may_lead: bool = True
) -> Refusal | None:
    """Who may instead; None where the person may."""
    behind = [one for ref in refs for one in people_behind(turn, ref)]
    leading = commanders(turn) if may_lead else []
    if person in [one.person for one in [*behind, *leading]]:
        return None
    who = " or ".join(readable(ref.partition(":")[2]) for ref in refs)
    names = ", ".join(dict.fromkeys(one.name for one in behind)) or "nobody now"
    return wrong_moment(f"Only {who} {verb}: {names}.")


def _again(turn: Turn, node: Node) -> str:
    return f"watchbill step retry {turn.state.reference} {node.address}"
