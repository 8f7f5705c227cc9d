"""What people say about declared facts: set one, or let it go.

Decides which are refused, and what becomes of the fact: what a person has set stands,
whatever is measured, until it is let go.
"""

from typing import assert_never

from domain.incident.commands_of_steps import FactCommand, FactRelease, FactSet
from domain.incident.fact_text import read, shown
from domain.incident.facts import known_fact, put_fact
from domain.incident.reassessing import reassess
from domain.incident.state import Told
from domain.incident.step_state import FactSource, FactState
from domain.incident.turn import Turn
from domain.incident.why_not import Refusal, wrong_input, wrong_moment

SAID = ("set", "answer")
"""Sources of a value that a person has said."""


def refusal_of_fact(turn: Turn, command: FactCommand) -> Refusal | None:
    """Why the command cannot be carried out now; None if it can."""
    if command.fact not in turn.plan.facts:
        known = ", ".join(turn.plan.facts) or "none"
        return wrong_input(f"There is no fact '{command.fact}'; the playbook has {known}.")
    match command:
        case FactSet():
            value = read(command.fact, turn.plan.facts[command.fact], command.value)
            return value if isinstance(value, Refusal) else None
        case FactRelease():
            fact = known_fact(turn, command.fact)
            if fact.source in SAID:
                return None
            return wrong_moment(f"Nobody has set {command.fact}: it is {_standing(fact)}.")
        case _:
            assert_never(command)


def _standing(known: FactState) -> str:
    if known.value is None:
        return "unknown"
    return f"{shown(known.value)} ({known.source})"


def obey_fact(turn: Turn, command: FactCommand, person: Told) -> None:
    """Carry the command out, and see what follows for the severity."""
    match command:
        case FactSet():
            _set(turn, command, person)
        case FactRelease():
            _release(turn, command.fact, person)
        case _:
            assert_never(command)
    if turn.state.phase.is_open:
        reassess(turn)


def _set(turn: Turn, command: FactSet, person: Told) -> None:
    name, fact = command.fact, turn.plan.facts[command.fact]
    value = read(name, fact, command.value)
    if isinstance(value, Refusal):
        return
    known = known_fact(turn, name)
    measured = known.measured if known.source in SAID else known.value
    put_fact(
        turn,
        name,
        value=value,
        source="answer" if fact.ask is not None else "set",
        at=turn.now,
        by=person.person,
        by_name=person.name,
        stale=False,
        measured=None if known.why or fact.ask is not None else measured,
        asked_at=None,
        asked=(),
    )
    before = f"{shown(known.value)} → " if known.value is not None else ""
    text = f"Fact {name}: {before}{shown(value)} (set by {person.name})."
    turn.note("fact.set", text, {"fact": name, "value": shown(value)})
    stands = " It stands, whatever is measured, until you release it." if fact.is_measured else ""
    turn.answer(f"{name} is {shown(value)} now.{stands}")


def _release(turn: Turn, name: str, person: Told) -> None:
    known = known_fact(turn, name)
    fact = turn.plan.facts[name]
    after = FactState(
        value=known.measured,
        source=_source_after(turn, name),
        at=turn.now if known.measured is not None else None,
        stale=bool(known.why),
        why=known.why,
    )
    turn.state.known_facts[name] = after
    counts = shown(after.value)
    turn.note("fact.released", f"{person.name} releases {name}: {counts}.", {"fact": name})
    more = " and is asked for again" if after.value is None and fact.ask is not None else ""
    turn.answer(f"{name} is {counts} now{more}.")


def _source_after(turn: Turn, name: str) -> FactSource | None:
    known = known_fact(turn, name)
    if known.measured is None:
        return None
    return "measured" if turn.plan.facts[name].is_measured else "alert"
