"""Carrying out commands: what each one does to the incident.

Decides the effect of every command; whether it is allowed is `refusals`, asked first.
"""

from typing import assert_never

from domain.incident.acknowledge import (
    acknowledge,
    acknowledge_by_source,
    acted,
    answer_asks,
    asked_last,
    at_work,
    unacknowledge,
)
from domain.incident.by_hand import obey_by_hand
from domain.incident.calls import drop_reason
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
from domain.incident.commands_by_hand import HandPart
from domain.incident.commands_of_steps import FactPart, StepPart
from domain.incident.fact_commands import obey_fact
from domain.incident.handoff import accept, decline, make, open_offer_to
from domain.incident.ladder import (
    ESCALATION,
    advance,
    climb,
    page_last_resort,
    put,
    raise_voice,
)
from domain.incident.lifting import take_up
from domain.incident.messages import named, readable
from domain.incident.opening import trigger
from domain.incident.reassessing import confirmed, said_by_person
from domain.incident.refusals import refusal
from domain.incident.resolution import finish, mitigate, reopen
from domain.incident.roles import grant, vacate
from domain.incident.severity_rules import change
from domain.incident.snooze import wake
from domain.incident.state import Ladder, Told
from domain.incident.steps.commands import obey_step
from domain.incident.turn import Turn
from domain.incident.view import Phase
from domain.plan import COMMANDER, OPERATIONS

WORK = (StepPart, FactPart, Note, Mitigate)
"""What somebody does who is at work on it."""


def obey(turn: Turn, command: Command) -> None:
    """Carry the command out, or refuse it with a sentence."""
    turn.actor, turn.cause = command.actor, command.request_id
    why_not = refusal(turn, command)
    if why_not is not None:
        turn.refuse(why_not.text)
        turn.note("refused", f"{command.who}: {readable(command.kind)}: {why_not.text}")
        return
    if command.person is None:
        acknowledge_by_source(turn, command.who)
        return
    person = Told(person=command.person, name=command.who)
    _carry_out(turn, command, person)
    acted(turn, person.person)
    if isinstance(command, WORK):
        at_work(turn, person)


def _carry_out(turn: Turn, command: Command, person: Told) -> None:  # noqa: C901, PLR0912
    match command:
        case Acknowledge():
            _acknowledge(turn, person)
        case Unacknowledge():
            unacknowledge(turn, person, command.reason)
        case Confirm():
            _confirm(turn, command, person)
        case Escalate():
            _escalate(turn, command, person)
        case SetSeverity():
            said_by_person(turn)
            change(turn, command.severity, command.reason, by=person.person)
            turn.answer(f"The severity is {command.severity} now.")
        case Assign() | OfferHandoff():
            _offer(turn, command, person)
        case AcceptRole():
            _accept_role(turn, command, person)
        case DeclineRole():
            _decline_role(turn, command, person)
        case ReleaseRole():
            vacate(turn, command.role, person.person, command.reason or "released")
            turn.answer(f"You no longer hold {readable(command.role)}.")
        case AcceptHandoff() | DeclineHandoff():
            _answer_offer(turn, command, person)
        case StepPart():
            obey_step(turn, command, person)
        case FactPart():
            obey_fact(turn, command, person)
        case Note():
            kind = "note" if command.type == "plain" else f"note.{command.type}"
            turn.note(kind, command.text, {"type": command.type})
            turn.answer("Noted.")
        case Mitigate() | Resolve() | Reopen() | Cancel():
            _change_phase(turn, command, person)
        case HandPart():
            obey_by_hand(turn, command, person)
        case _:
            assert_never(command)


def _acknowledge(turn: Turn, person: Told) -> None:
    if turn.state.phase is Phase.PENDING:
        trigger(turn)
    if turn.state.phase is Phase.SUPPRESSED:
        take_up(turn, person.name)
    acknowledge(turn, person)
    wake(turn, f"{person.name} is on it")


def _confirm(turn: Turn, command: Confirm, person: Told) -> None:
    question = asked_last(turn, command)
    if question is None:
        _still_on_it(turn, person)
        return
    answer_asks(turn, person, (question,))
    if question == "resolve":
        finish(turn, Phase.RESOLVED, f"confirmed by {person.name}")
        turn.answer("Resolved.")
    elif question == "take_command":
        acknowledge(turn, person)
    elif question in ("raise_to", "lower"):
        turn.answer(confirmed(turn, question, person))
    else:
        turn.answer("Confirmed: you are on it.")


def _still_on_it(turn: Turn, person: Told) -> None:
    """Said unasked: the clock of silence starts anew, and no snooze stands against it."""
    wake(turn, f"{person.name} is still on it")
    turn.note("confirmed.still_on_it", f"{person.name} confirms: still on it.")
    turn.answer("Noted: you are still on it.")


def _escalate(turn: Turn, command: Escalate, person: Told) -> None:
    because = f": {command.reason}" if command.reason else ""
    turn.note("escalated", f"{person.name} escalates{because}.")
    turn.answer("The next level is paged.")
    if turn.state.phase is Phase.PENDING:
        trigger(turn)
        raise_voice(turn)
        return
    if turn.state.phase is Phase.SUPPRESSED:
        take_up(turn, person.name)
        raise_voice(turn)
        return
    ladder = raise_voice(turn)
    if turn.state.phase is Phase.TRIGGERED and (ladder is None or ladder.stage == "suspended"):
        climb(turn, loud=True)
    elif ladder is not None and turn.state.exhausted:
        page_last_resort(turn)
    elif ladder is not None and ladder.stage in ("looking_up", "waiting"):
        advance(turn, ladder)
    else:
        _call_for_help(turn, command.reason or f"{person.name} asks for help")


def _call_for_help(turn: Turn, because: str) -> None:
    """Somebody wants more people: the level above, then the exhausted contacts."""
    ladder = turn.state.ladders.get(ESCALATION)
    levels = turn.plan.escalation.levels
    level = ladder.level + 1 if ladder is not None else 0
    refs = turn.plan.escalation.exhausted.page or levels[-1]
    if level < len(levels):
        refs = levels[level]
    if ladder is not None and level < len(levels):
        put(turn, ladder, level=level)
    turn.state.cycle += 1
    turn.look_up(f"help:{because}", refs, f"Who is on call: {named(refs)} (escalated)")


def _offer(turn: Turn, command: Assign | OfferHandoff, person: Told) -> None:
    if isinstance(command, Assign) and command.to == f"user:{person.person}":
        grant(turn, command.role, person)
        turn.answer(f"You hold {readable(command.role)}.")
        return
    offer = make(turn, command, person.person)
    turn.answer(
        f"{readable(command.role).capitalize()} is offered to {named((command.to,))} ({offer.id})."
    )


def _accept_role(turn: Turn, command: AcceptRole, person: Told) -> None:
    offer = open_offer_to(turn, person.person, command.role)
    if offer is not None:
        accept(turn, offer, person)
    else:
        grant(turn, command.role, person)
    turn.answer(_what_they_hold(turn, command.role, person))


def _what_they_hold(turn: Turn, role: str, person: Told) -> str:
    """Acting command goes with operations, so whoever takes it is told."""
    commanders = turn.state.holders(COMMANDER)
    acts = any(held.acting and held.person == person.person for held in commanders)
    also = " and act as commander" if role == OPERATIONS and acts else ""
    return f"You hold {readable(role)}{also}."


def _decline_role(turn: Turn, command: DeclineRole, person: Told) -> None:
    turn.answer(f"You declined {readable(command.role)}.")
    offer = open_offer_to(turn, person.person, command.role)
    if offer is not None:
        decline(turn, offer, person, command.reason)
        return
    turn.note("role.declined", f"{person.name} declines {readable(command.role)}.")
    for ladder in list(turn.state.ladders.values()):
        if ladder.role == command.role and person.person in ladder.asked:
            drop_reason(turn, ladder.id, person=person.person)
            _ask_the_next(turn, ladder, person.person)


def _ask_the_next(turn: Turn, ladder: Ladder, declined: str) -> None:
    asked = tuple(one for one in ladder.asked if one != declined)
    ladder = put(turn, ladder, asked=asked)
    calls = (turn.state.calls.get(call) for call in ladder.here)
    waits_for = [call for call in calls if call is not None and ladder.id in call.reasons]
    if ladder.stage == "waiting" and not waits_for:
        advance(turn, ladder)


def _answer_offer(turn: Turn, command: AcceptHandoff | DeclineHandoff, person: Told) -> None:
    offer = turn.state.offers[command.offer]
    if isinstance(command, AcceptHandoff):
        accept(turn, offer, person)
        turn.answer(_what_they_hold(turn, offer.role, person))
        return
    decline(turn, offer, person, command.reason)
    turn.answer(f"You declined {readable(offer.role)}.")


def _change_phase(turn: Turn, command: Mitigate | Resolve | Reopen | Cancel, person: Told) -> None:
    match command:
        case Mitigate():
            if turn.state.phase is Phase.SUPPRESSED or not turn.state.acked_by:
                _acknowledge(turn, person)
            because = f": {command.text}" if command.text else ""
            mitigate(turn, f"by {person.name}{because}")
            turn.answer("Mitigated.")
        case Resolve():
            because = f": {command.text}" if command.text else ""
            finish(turn, Phase.RESOLVED, f"by {person.name}{because}")
            turn.answer(_ended_sentence(turn, "Resolved"))
        case Reopen():
            reopen(turn, command.reason or f"by {person.name}")
            turn.answer("Reopened; level 1 is paged.")
        case Cancel():
            because = f": {command.reason}" if command.reason else ""
            finish(turn, Phase.CANCELLED, f"false alarm, by {person.name}{because}")
            turn.answer(_ended_sentence(turn, "Cancelled"))
        case _:
            assert_never(command)


def _ended_sentence(turn: Turn, word: str) -> str:
    firing = len(turn.state.firing)
    if not firing:
        return f"{word}."
    still = "1 alert still fires and is" if firing == 1 else f"{firing} alerts still fire and are"
    return f"{word}. {still} absorbed."
