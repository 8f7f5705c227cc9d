"""Which commands are refused now, and why, naming the present state.

Decides nothing else: asked by the update's validator (a refused update leaves no trace
in the history) and by the reducer for commands that arrive as signals.
"""

from typing import assert_never

from domain.clock_text import local_time
from domain.incident.acknowledge import asked_last
from domain.incident.commands import (
    AcceptHandoff,
    AcceptRole,
    Acknowledge,
    Assign,
    Cancel,
    Command,
    Confirm,
    DeclineHandoff,
    DeclineRole,
    Escalate,
    Mitigate,
    Note,
    OfferHandoff,
    ReleaseRole,
    Reopen,
    Resolve,
    SetSeverity,
    Unacknowledge,
)
from domain.incident.commands_by_hand import HandPart, SetFacts, TaskDone, TaskDrop, TaskUndo
from domain.incident.commands_of_steps import FactPart, StepDone, StepPart, StepUndo
from domain.incident.fact_commands import refusal_of_fact
from domain.incident.handoff import ended_text, may_offer, open_offer_to
from domain.incident.handoff_summary import suggested_summary
from domain.incident.messages import readable
from domain.incident.refusals_by_hand import refusal_by_hand
from domain.incident.roles import asked_for, holds
from domain.incident.steps.refusals import refusal_of_step
from domain.incident.turn import Turn
from domain.incident.view import Phase
from domain.incident.why_not import (
    Refusal,
    held_by,
    not_held,
    unknown_role,
    wrong_input,
    wrong_moment,
)
from domain.plan import COMMANDER, OPERATIONS


def refusal(turn: Turn, command: Command) -> Refusal | None:
    """Why the command cannot be carried out now; None if it can."""
    if command.person is None and not isinstance(command, Acknowledge):
        return wrong_input(
            f"{command.actor} is no person: only people can {readable(command.kind)}."
        )
    return _ended(turn, command) or _specific(turn, command)


_AFTER_THE_END = (Reopen, Note, StepDone, StepUndo, TaskDone, TaskUndo, TaskDrop, SetFacts)
"""What is still taken until it closes: the record goes on, and it may be reopened."""


def _ended(turn: Turn, command: Command) -> Refusal | None:
    state = turn.state
    is_over = state.phase in (Phase.RESOLVED, Phase.CANCELLED) and not state.finished
    if is_over and isinstance(command, _AFTER_THE_END):
        return None
    if state.phase.is_open or state.phase is Phase.SUPPRESSED:
        if isinstance(command, Reopen):
            return wrong_moment(f"The incident is {state.phase}: there is nothing to reopen.")
        return None
    when = local_time(state.closed_at or state.resolved_at or turn.now, turn.plan.timezone)
    mend = " Reopen it first." if is_over else ""
    return wrong_moment(f"The incident is {state.phase} since {when}.{mend}")


def _specific(turn: Turn, command: Command) -> Refusal | None:  # noqa: C901, PLR0912
    match command:
        case Unacknowledge():
            return _cannot_unacknowledge(turn, command)
        case Confirm():
            return _cannot_confirm(turn, command)
        case SetSeverity():
            same = command.severity is turn.state.severity
            return wrong_moment(f"The severity is {command.severity} already.") if same else None
        case Assign():
            return _cannot_assign(turn, command)
        case AcceptRole():
            return _cannot_accept_role(turn, command)
        case DeclineRole():
            return _cannot_decline_role(turn, command)
        case ReleaseRole():
            return unknown_role(turn, command.role) or _not_held(turn, command)
        case OfferHandoff():
            return _cannot_offer(turn, command)
        case AcceptHandoff() | DeclineHandoff():
            return _cannot_answer(turn, command)
        case StepPart():
            return refusal_of_step(turn, command)
        case FactPart():
            return refusal_of_fact(turn, command)
        case Mitigate():
            done = turn.state.phase is Phase.MITIGATED
            return wrong_moment("The incident is mitigated already.") if done else None
        case HandPart():
            return refusal_by_hand(turn, command)
        case Acknowledge() | Escalate() | Note() | Resolve() | Reopen() | Cancel():
            return None
        case _:
            assert_never(command)


def _cannot_confirm(turn: Turn, command: Confirm) -> Refusal | None:
    if asked_last(turn, command):
        return None
    if command.question != "still_on_it":
        return wrong_moment("Nothing is asked of you now.")
    phase = turn.state.phase
    if phase not in (Phase.ACKNOWLEDGED, Phase.MITIGATED):
        return wrong_moment(f"The incident is {phase}: acknowledge it if you are on it.")
    if command.person not in turn.state.holder_ids():
        return wrong_moment("You hold no role in it: acknowledge or join it first.")
    return None


def _cannot_unacknowledge(turn: Turn, command: Unacknowledge) -> Refusal | None:
    person = command.person or ""
    if turn.state.phase in (Phase.PENDING, Phase.TRIGGERED, Phase.SUPPRESSED):
        return wrong_moment(f"The incident is {turn.state.phase}: nobody has acknowledged it.")
    if person in turn.state.acked_by or holds(turn, person, OPERATIONS):
        return None
    names = ", ".join(turn.state.name_of(one) for one in turn.state.acked_by) or "a source"
    return wrong_moment(f"You have not acknowledged it: {names} has.")


def _not_held(turn: Turn, command: ReleaseRole) -> Refusal | None:
    is_held = holds(turn, command.person or "", command.role)
    return None if is_held else not_held(turn, command.role)


def _open_offer(turn: Turn, role: str) -> Refusal | None:
    for offer in turn.state.offers.values():
        if offer.role == role and offer.is_open:
            until = local_time(offer.expires_at, turn.plan.timezone)
            return wrong_moment(
                f"{readable(role).capitalize()} is offered to {offer.to} already "
                f"({offer.id}, until {until})."
            )
    return None


def _cannot_assign(turn: Turn, command: Assign) -> Refusal | None:
    unknown = unknown_role(turn, command.role) or _open_offer(turn, command.role)
    if unknown is not None:
        return unknown
    target = command.to.removeprefix("user:")
    if command.to.startswith("user:") and any(
        held.person == target and not held.acting and not held.on_paper
        for held in turn.state.holders(command.role)
    ):
        name = turn.state.name_of(target)
        return wrong_moment(f"{name} holds {readable(command.role)} already.")
    person = command.person or ""
    led = any(not held.on_paper for held in turn.state.holders(COMMANDER))
    if led and not holds(turn, person, COMMANDER) and not holds(turn, person, command.role):
        return wrong_moment(f"Only the commander assigns roles{held_by(turn, COMMANDER)}.")
    return None


def _cannot_accept_role(turn: Turn, command: AcceptRole) -> Refusal | None:
    unknown = unknown_role(turn, command.role)
    if unknown is not None:
        return unknown
    person, role = command.person or "", command.role
    if open_offer_to(turn, person, role) or role in asked_for(turn, person):
        return None
    if turn.plan.roles[role].many or holds(turn, person, role):
        return None
    held = [one for one in turn.state.holders(role) if not one.on_paper]
    if not held:
        return None
    return wrong_moment(f"You were not asked to take {readable(role)}{held_by(turn, role)}.")


def _cannot_decline_role(turn: Turn, command: DeclineRole) -> Refusal | None:
    unknown = unknown_role(turn, command.role)
    if unknown is not None:
        return unknown
    person = command.person or ""
    if open_offer_to(turn, person, command.role) or command.role in asked_for(turn, person):
        return None
    return wrong_moment(f"You were not asked to take {readable(command.role)}.")


def _cannot_offer(turn: Turn, command: OfferHandoff) -> Refusal | None:
    unknown = unknown_role(turn, command.role)
    if unknown is not None:
        return unknown
    person, role = command.person or "", command.role
    if not may_offer(turn, person, role):
        return not_held(turn, role)
    held = [one.person for one in turn.state.holders(role) if not one.on_paper]
    target = command.to.removeprefix("user:")
    if command.to.startswith("user:") and target in held:
        return wrong_input(f"{turn.state.name_of(target)} holds {readable(role)} already.")
    if command.to == f"user:{person}":
        return wrong_input("A handoff goes to somebody else, not to yourself.")
    for field in turn.plan.handoff.require:
        if not command.summary.get(field, "").strip():
            known = suggested_summary(turn.plan, turn.state, turn.now).get(field)
            such_as = f", such as: {known}" if known else "."
            return wrong_input(
                f"The handoff needs '{field}' in its summary: say it in a sentence{such_as}"
            )
    return _open_offer(turn, role)


def _cannot_answer(turn: Turn, command: AcceptHandoff | DeclineHandoff) -> Refusal | None:
    offer = turn.state.offers.get(command.offer)
    if offer is None:
        return wrong_input(f"There is no offer '{command.offer}' in this incident.")
    if not offer.is_open:
        return wrong_moment(f"{ended_text(turn, offer)}: it can no longer be answered.")
    if offer.person is None:
        return wrong_moment(f"{offer.id} is being looked up: try again in a moment.")
    if offer.person.id != command.person:
        return wrong_moment(f"{offer.id} is for {offer.person.name}, not for you.")
    return None
