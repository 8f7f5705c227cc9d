"""When the rules give another severity than before: raised, lowered, or asked.

Decides that a worse one counts at once unless the author wants a role's word, that a better
one must have stood for some time and is certain, and that what a person has set is not
lowered until the rules change their mind. A stale fact never lowers a severity.
"""

from datetime import timedelta

from domain.clock_text import duration_text
from domain.incident.acknowledge import ask
from domain.incident.severity_rules import Computed, change, computed
from domain.incident.state import Question, Told
from domain.incident.steps.moves import commanders, people_behind
from domain.incident.turn import Turn
from domain.incident.view import Phase
from domain.plan import OPERATIONS
from domain.severity import Severity, worst

LOWER = "lower"
"""The deadline at which a better severity has stood for long enough."""


def reassess(turn: Turn) -> None:
    """See what the rules give now, and do what the author wants about it."""
    if turn.state.parent is not None:
        return
    before, now = turn.state.computed_severity, computed(turn)
    if before is not None and not now.certain and before.is_worse_than(now.severity):
        _forget_lower(turn)
        return
    turn.state.computed_severity = now.severity
    if before is None or now.severity.is_worse_than(before):
        _raise(turn, now)
    _drop_raise(turn, now)
    _follow_lower(turn, now)


def _raise(turn: Turn, now: Computed) -> None:
    raise_by = turn.plan.severity.reassess.raise_by
    if raise_by == "never" or not now.severity.is_worse_than(turn.state.severity):
        return
    if raise_by == "auto" or turn.state.phase in (Phase.PENDING, Phase.SUPPRESSED):
        change(turn, now.severity, now.why)
        return
    if turn.state.raise_to is not now.severity:
        turn.state.raise_to = now.severity
        turn.state.asks.pop("raise_to", None)
        turn.note("severity.worse", f"The rules give {now.severity}: {now.why}.")


def _drop_raise(turn: Turn, now: Computed) -> None:
    """What waits for a word and no longer holds is not asked any more."""
    wanted = turn.state.raise_to
    if wanted is None:
        return
    if not now.severity.is_worse_than(turn.state.severity):
        turn.note("severity.worse", f"The rules no longer give {wanted}: nothing is asked.")
        _forget_raise(turn)
    else:
        turn.state.raise_to = now.severity


def _forget_raise(turn: Turn) -> None:
    turn.state.raise_to = None
    turn.state.asks.pop("raise_to", None)
    turn.clear_deadline("ask/raise_to")


def _follow_lower(turn: Turn, now: Computed) -> None:
    plan = turn.plan.severity.reassess
    state = turn.state
    if plan.lower_by == "never":
        return
    if state.kept_at is not None and state.kept_at is now.severity:
        return
    state.kept_at = None
    open_now = state.phase.is_open and state.phase is not Phase.PENDING
    if not open_now or not now.certain or not state.severity.is_worse_than(now.severity):
        _forget_lower(turn)
        return
    if state.lower_since is not None:
        state.lower_to = worst([one for one in (state.lower_to, now.severity) if one])
        return
    state.lower_since, state.lower_to = turn.now, now.severity
    if not plan.lower_after:
        on_lower_due(turn)
        return
    held = duration_text(plan.lower_after)
    then = "falls" if plan.lower_by == "auto" else "is proposed to fall"
    text = f"Severity {then} to {now.severity} if the rules give it for {held}"
    turn.set_deadline(LOWER, turn.after(plan.lower_after), text)


def _forget_lower(turn: Turn) -> None:
    turn.state.lower_since = turn.state.lower_to = None
    turn.state.asks.pop("lower", None)
    turn.clear_deadlines(LOWER, "ask/lower")


def on_lower_due(turn: Turn) -> None:
    """The better severity has stood: it counts, or the role is asked."""
    plan, wanted = turn.plan.severity.reassess, turn.state.lower_to
    if wanted is None or turn.state.lower_since is None:
        return
    if plan.lower_by == "auto":
        stood = duration_text(turn.now - turn.state.lower_since)
        _lower(turn, f"the rules give it for {stood}")
    else:
        _ask_to_lower(turn, wanted)


def _lower(turn: Turn, why: str, by: str | None = None) -> None:
    """Fall as far as the rules have given all along; what is better still must stand anew."""
    wanted = turn.state.lower_to
    _forget_lower(turn)
    if wanted is None or not turn.state.severity.is_worse_than(wanted):
        return
    change(turn, wanted, why, by=by)
    _follow_lower(turn, computed(turn))


def _ask_to_lower(turn: Turn, wanted: Severity) -> None:
    plan = turn.plan.severity.reassess
    people = _people(turn, plan.lower_by)
    if not people:
        turn.set_deadline(LOWER, turn.after(plan.every), f"Ask whether it may fall to {wanted}")
        return
    of = tuple(told.person for told in people)
    ask(turn, "lower", of, plan.every, f"No answer: it stays {turn.state.severity}")
    _say(turn, "lower", f"{turn.state.severity} may fall to {wanted}")
    since = duration_text(turn.now - (turn.state.lower_since or turn.now))
    text = f"The rules give {wanted} for {since}: may {turn.state.severity} fall?"
    turn.note("asked.lower", text)
    yes = f"Yes: watchbill confirm {turn.state.reference} --question lower"
    lines = (yes, f"Without an answer it stays {turn.state.severity}.")
    for told in people:
        message = turn.message(f"{text} {turn.state.title}", lines=lines)
        turn.tell(told, message, why=f"may the severity fall to {wanted}?")


def on_unconfirmed(turn: Turn, question: str) -> None:
    """Nobody has answered: it stays as it is, and is asked again while it still holds.

    A fall is proposed no more often than `lower_after`.
    """
    if question == "raise_to":
        turn.state.asks.pop("raise_to", None)
        return
    turn.state.asks.pop("lower", None)
    plan = turn.plan.severity.reassess
    pause = plan.lower_after - plan.every
    if pause > timedelta(0):
        turn.set_deadline(LOWER, turn.after(pause), "Ask again whether the severity may fall")
    else:
        on_lower_due(turn)


def confirmed(turn: Turn, question: str, person: Told) -> str:
    """A person's yes to another severity; the sentence for them."""
    wanted = turn.state.raise_to if question == "raise_to" else turn.state.lower_to
    if wanted is None:
        return f"It stays {turn.state.severity}."
    if question == "raise_to":
        _forget_raise(turn)
        change(turn, wanted, f"confirmed by {person.name}", by=person.person)
    else:
        _lower(turn, f"confirmed by {person.name}", by=person.person)
    return f"The severity is {turn.state.severity} now."


def said_by_person(turn: Turn) -> None:
    """A person has set the severity: what the rules give now does not lower it."""
    turn.state.kept_at = turn.state.computed_severity
    _forget_raise(turn)
    _forget_lower(turn)


def watch_word(turn: Turn) -> None:
    """A worse severity waits for a word only while there is somebody who could say it.

    What waited when the incident ended is forgotten.
    """
    state = turn.state
    if not state.phase.is_open or state.finished:
        state.raise_to = state.lower_since = state.lower_to = None
        return
    if state.raise_to is None or "raise_to" in state.asks:
        return
    plan, wanted = turn.plan.severity.reassess, state.raise_to
    people = _people(turn, plan.raise_by)
    if not people:
        _forget_raise(turn)
        change(turn, wanted, "nobody is there to be asked")
        return
    of = tuple(told.person for told in people)
    ask(turn, "raise_to", of, plan.every, f"No answer: ask again whether it is {wanted}")
    _say(turn, "raise_to", f"it is {wanted}")
    text = f"The rules give {wanted}: is it?"
    turn.note("asked.raise_to", text)
    yes = f"Yes: watchbill confirm {state.reference} --question raise_to"
    lines = (yes, f"Until then it stays {state.severity}.")
    for told in people:
        message = turn.message(f"{text} {state.title}", lines=lines, ask="Confirm")
        turn.tell(told, message, why=f"is it {wanted}?")


def _say(turn: Turn, question: Question, about: str) -> None:
    """What a yes to the question says."""
    asked = turn.state.asks[question]
    turn.state.asks[question] = asked.model_copy(update={"about": about})


def _people(turn: Turn, role: str) -> list[Told]:
    """Who is asked: who holds the role, else who commands, else who works on it."""
    found = people_behind(turn, role) or commanders(turn)
    return found or people_behind(turn, f"role:{OPERATIONS}")
