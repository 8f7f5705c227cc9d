"""Acknowledging, its expiry, and the questions that wait for a yes.

Decides what an acknowledgement stops and starts, and what follows when whoever said it
falls silent. Every question is an `Ask` with a deadline `ask/<question>`.
"""

from datetime import datetime, timedelta

from domain.clock_text import duration_text, local_time
from domain.incident.calls import drop_help
from domain.incident.commands import Confirm
from domain.incident.ladder import page_again, rest
from domain.incident.messages import named, readable
from domain.incident.roles import asked_for, grant, holds, is_held, join, vacate
from domain.incident.state import Ask, Holding, Question, Told
from domain.incident.turn import Turn
from domain.incident.view import Phase
from domain.plan import COMMANDER, OPERATIONS

ANSWER_WITHIN = timedelta(minutes=5)
"""How long "still on it?" waits for one tap."""

COMMAND_WITHIN = timedelta(minutes=15)
"""How long a source's acknowledgement may stand without a person, where the playbook's
severity has no time of its own."""


def acknowledge(turn: Turn, person: Told) -> None:
    """The person is on it: paging stops, others who were paged are told."""
    first = turn.state.acked_by.get(person.person)
    before = dict(turn.state.acked_by)
    turn.state.acked_by.setdefault(person.person, turn.now)
    if not before:
        _stop_paging(turn, person)
    taken = asked_for(turn, person.person)
    for role in taken:
        grant(turn, role, person)
    drop_help(turn, person.person)
    if _needs_operations(turn):
        _take_operations(turn, person)
    elif person.person not in turn.state.holder_ids():
        join(turn, person)
    _see_to_command(turn)
    answer_asks(turn, person, ("raise", "still_on_it", "take_command"))
    if first is not None:
        when = local_time(first, turn.plan.timezone)
        turn.answer(f"You acknowledged at {when}.")
        return
    _answer_acknowledged(turn, person, before)
    if taken:
        turn.answer(f"{turn.sentence} You hold {', '.join(map(readable, taken))}.")


def _stop_paging(turn: Turn, person: Told) -> None:
    if turn.state.phase is not Phase.MITIGATED:
        turn.state.phase = Phase.ACKNOWLEDGED
    turn.state.acknowledged_at = turn.state.acknowledged_at or turn.now
    rest(turn)
    turn.note("acknowledged", f"Acknowledged by {person.name}.", {"person": person.person})
    tell_paged(turn, f"Acknowledged by {person.name}.", but=person.person)


def tell_paged(turn: Turn, text: str, *, but: str | None = None) -> None:
    """Tell everybody who was paged in this cycle how it went on."""
    for told in turn.state.told.values():
        if told.person != but:
            message = turn.message(f"{text} {turn.state.title}", lines=_still_asked(turn, told))
            turn.tell(told, message, why=text.rstrip(".:"))
    turn.state.told = {}


def _still_asked(turn: Turn, told: Told) -> tuple[str, ...]:
    """Whoever is paged for a role goes on being asked, and is told so."""
    return tuple(
        f"You are still asked to take {readable(role)}." for role in asked_for(turn, told.person)
    )


def _needs_operations(turn: Turn) -> bool:
    return all(held.on_paper for held in turn.state.holders(OPERATIONS))


def _take_operations(turn: Turn, person: Told) -> None:
    turn.state.roles.pop(OPERATIONS, None)
    grant(turn, OPERATIONS, person)
    if not is_held(turn, COMMANDER):
        turn.state.roles.pop(COMMANDER, None)
        grant(turn, COMMANDER, person, acting=True)


def _see_to_command(turn: Turn) -> None:
    """Whoever holds operations acts as commander while nobody else leads."""
    if all(held.on_paper for held in turn.state.holders(COMMANDER)):
        works = next(held for held in turn.state.holders(OPERATIONS) if not held.on_paper)
        turn.state.roles.pop(COMMANDER, None)
        grant(turn, COMMANDER, Told(person=works.person, name=works.name), acting=True)


def _answer_acknowledged(turn: Turn, person: Told, before: dict[str, datetime]) -> None:
    if before:
        turn.note("joined", f"{person.name} acknowledged too.", {"person": person.person})
        names = ", ".join(turn.state.name_of(one) for one in before)
        turn.answer(f"You joined: {names} acknowledged before you.")
        return
    turn.answer("You acknowledged. Nobody else is paged for it.")


def acknowledge_by_source(turn: Turn, name: str) -> None:
    """A monitoring tool says somebody is on it: paging stops, level 1 is asked to lead."""
    if turn.state.phase is not Phase.TRIGGERED:
        turn.answer(f"Nobody is being paged: {turn.state.phase}.")
        return
    turn.state.phase = Phase.ACKNOWLEDGED
    turn.state.acknowledged_at = turn.state.acknowledged_at or turn.now
    rest(turn)
    turn.note("acknowledged", f"Acknowledged by the source {name}: nobody holds a role yet.")
    tell_paged(turn, f"Acknowledged by the source {name}.")
    if _needs_operations(turn):
        refs = turn.plan.escalation.levels[0]
        turn.look_up("take_command", refs, f"Who is on call: {named(refs)} (take command)")
        within = turn.plan.escalation.ack_within.at(turn.state.severity) or COMMAND_WITHIN
        ask(turn, "take_command", (), within, "Nobody took command: page again")
    turn.answer("Acknowledged; level 1 is asked to take command.")


def ask(
    turn: Turn, question: Question, of: tuple[str, ...], within: timedelta | None, summary: str
) -> None:
    """Put a question; its deadline says what follows silence."""
    until = turn.after(within) if within is not None else None
    turn.state.asks[question] = Ask(question=question, of=of, asked_at=turn.now, until=until)
    if until is not None:
        turn.set_deadline(f"ask/{question}", until, summary)
    else:
        turn.clear_deadline(f"ask/{question}")


def answer_asks(turn: Turn, person: Told, questions: tuple[Question, ...]) -> list[Question]:
    """Close the questions that this person can answer; those that were open."""
    answered: list[Question] = []
    for question in questions:
        known = turn.state.asks.get(question)
        if known is None or not may_answer(turn, known, person.person):
            continue
        turn.state.asks.pop(question)
        turn.clear_deadline(f"ask/{question}")
        if question == "still_on_it":
            turn.state.last_action_at = turn.now
        turn.note(f"confirmed.{question}", f"{person.name} confirms: {_YES[question]}.")
        answered.append(question)
    return answered


_ANSWERED_BY = {
    "raise": OPERATIONS,
    "resolve": COMMANDER,
    "raise_to": COMMANDER,
    "lower": COMMANDER,
}


def may_answer(turn: Turn, known: Ask, person: str) -> bool:
    """Whether the answer counts: of those asked, or of who took the role over since."""
    if not known.of or person in known.of:
        return True
    if known.question == "still_on_it":
        return person in turn.state.holder_ids()
    role = _ANSWERED_BY.get(known.question)
    return role is not None and holds(turn, person, role)


_YES: dict[Question, str] = {
    "raise": "on it at the new severity",
    "still_on_it": "still on it",
    "take_command": "taking command",
    "resolve": "it is over",
    "raise_to": "it is worse",
    "lower": "it is better",
}


def asked_last(turn: Turn, command: Confirm) -> Question | None:
    """The question that a confirm answers: the one named, else the latest asked of them.

    Any other comes before `lower`: nobody lowers a severity who means something else.
    """
    asks = [
        known
        for known in turn.state.asks.values()
        if (command.question in (None, known.question))
        and may_answer(turn, known, command.person or "")
    ]
    latest = max(asks, key=lambda known: (known.question != "lower", known.asked_at), default=None)
    return latest.question if latest else None


def on_silence(turn: Turn, question: str) -> None:
    """Nobody answered the question: page the same level again."""
    known = turn.state.asks.pop(question, None)
    if known is None:
        return
    why = {
        "raise": f"Nobody confirmed to be on it at {turn.state.severity}.",
        "still_on_it": 'No answer to "still on it?".',
        "take_command": "Nobody took command after the source's acknowledgement.",
    }.get(question, "")
    acknowledgement_ends(turn, why)


def acknowledgement_ends(turn: Turn, why: str) -> None:
    """Nobody counts as being on it any more: the same level is paged in a new cycle."""
    turn.state.phase = Phase.TRIGGERED
    turn.state.acked_by = {}
    turn.state.asks = {}
    turn.clear_deadlines("ask/", "ack_expires")
    put_on_paper(turn)
    page_again(turn, why)


def put_on_paper(turn: Turn) -> None:
    """Whoever worked on it is named until somebody else answers; a real commander stays."""
    for role, holdings in turn.state.roles.items():
        turn.state.roles[role] = tuple(_on_paper(role, held) for held in holdings)


def _on_paper(role: str, held: Holding) -> Holding:
    silent = role == OPERATIONS or held.acting
    return held.model_copy(update={"on_paper": True}) if silent else held


def unacknowledge(turn: Turn, person: Told, reason: str) -> None:
    """The person is not on it after all: the same level is paged again."""
    because = f": {reason}" if reason else ""
    turn.note("unacknowledged", f"{person.name} takes the acknowledgement back{because}.")
    turn.state.acked_by.pop(person.person, None)
    if holds(turn, person.person, OPERATIONS):
        vacate(turn, OPERATIONS, person.person, "acknowledgement taken back")
    if turn.state.acked_by and not _needs_operations(turn):
        turn.answer("Your acknowledgement is taken back; others are on it.")
        return
    if turn.state.phase is not Phase.TRIGGERED:
        turn.state.phase = Phase.TRIGGERED
        turn.state.acked_by = {}
        turn.clear_deadlines("ask/", "ack_expires")
        turn.state.asks = {}
        page_again(turn, f"{person.name} is not on it.")
    pages = not turn.pages_nobody and (turn.state.firing or not turn.state.alerts)
    what = "the level is paged again" if pages else "nobody is paged now"
    turn.answer(f"Your acknowledgement is taken back; {what}.")


def watch_silence(turn: Turn) -> None:
    """Restart the clock after which a silent holder is asked "still on it?".

    Not while the end waits for somebody's word (of that they are reminded silently), nor
    while a raise does: that asks the same.
    """
    expires = turn.plan.escalation.ack_expires.at(turn.state.severity)
    since = turn.state.last_action_at
    quiet = turn.state.phase is not Phase.ACKNOWLEDGED or turn.state.snooze is not None
    asked = {"still_on_it", "raise", "resolve"} & turn.state.asks.keys()
    if quiet or asked or expires is None or since is None:
        turn.clear_deadline("ack_expires")
        return
    known = turn.state.deadlines.get("ack_expires")
    at = since + expires
    if known is None or (known.at != at and at > turn.now):
        summary = f"Silent for {duration_text(expires)}: ask whether somebody is still on it"
        turn.set_deadline("ack_expires", max(at, turn.now), summary)


def ask_still_on_it(turn: Turn) -> None:
    """Every role holder has been silent: ask them, once."""
    holders = turn.state.holder_ids()
    turn.note("asked.still_on_it", "Nobody has acted for long: still on it?")
    ask(turn, "still_on_it", holders, ANSWER_WITHIN, "No answer: page the same level again")
    for holder in holders:
        told = Told(person=holder, name=turn.state.name_of(holder))
        message = turn.message(f"Still on it? {turn.state.title}", ask="Confirm")
        turn.tell(told, message, why="still on it?", nudge=True)


def at_work(turn: Turn, person: Told) -> None:
    """Whoever is asked after a raise whether they are on it, and does its work, is."""
    raised = turn.state.asks.get("raise")
    if raised is not None and person.person in raised.of:
        answer_asks(turn, person, ("raise",))


def acted(turn: Turn, person: str) -> None:
    """A role holder did something: they are not silent, and whoever wanted help has them."""
    if person not in turn.state.holder_ids():
        return
    drop_help(turn, person)
    turn.state.last_action_at = turn.now
    turn.state.acts[person] = turn.now
    if turn.state.asks.pop("still_on_it", None) is not None:
        turn.clear_deadline("ask/still_on_it")
