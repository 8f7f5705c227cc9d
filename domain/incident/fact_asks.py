"""Facts that people are asked for: who, when, and what follows silence.

Decides that whoever holds the role is asked quietly, a later holder too, and that the
deadline takes the default or, without one, asks again. Nobody is paged for a fact.
"""

from datetime import timedelta

from domain.incident.fact_text import WANTED, shown
from domain.incident.facts import known_fact, put_fact, take_value
from domain.incident.reassessing import reassess
from domain.incident.state import Told
from domain.incident.steps.moves import WITH_PEOPLE, commanders, people_behind
from domain.incident.turn import Turn
from domain.incident.view import Phase
from domain.plan_facts import FactPlan

TOPIC = "fact"
"""Deadlines `fact/<name>`: an answer is due."""


def watch_asked(turn: Turn) -> None:
    """Ask for what nobody has said yet, as soon as there is somebody to ask."""
    for name, fact in turn.plan.facts.items():
        if fact.ask is None:
            continue
        if known_fact(turn, name).value is None and _may_ask(turn, name, fact):
            _want(turn, name, fact)
        else:
            _stop_asking(turn, name)


def _may_ask(turn: Turn, name: str, fact: FactPlan) -> bool:
    """Not before somebody is there; an acknowledgement that ends takes no question back."""
    phase = turn.state.phase
    if turn.state.finished or not phase.is_open or phase is Phase.PENDING:
        return False
    was_asked = known_fact(turn, name).asked_at is not None
    return fact.ask_when == "on_trigger" or phase in WITH_PEOPLE or was_asked


def _want(turn: Turn, name: str, fact: FactPlan) -> None:
    if known_fact(turn, name).asked_at is None:
        put_fact(turn, name, asked_at=turn.now)
    known = known_fact(turn, name)
    new = [one for one in _people(turn, fact) if one.person not in known.asked]
    if new:
        _ask(turn, name, fact, new)
        put_fact(turn, name, asked=(*known.asked, *(one.person for one in new)))
    _arm(turn, name, fact)


def _people(turn: Turn, fact: FactPlan) -> list[Told]:
    """Who holds the role; before anybody has acknowledged whoever holds any."""
    found = people_behind(turn, fact.ask)
    if found or turn.state.phase in WITH_PEOPLE:
        return found
    held = turn.state.holder_ids()
    return [Told(person=one, name=turn.state.name_of(one)) for one in held]


def _ask(turn: Turn, name: str, fact: FactPlan, people: list[Told]) -> None:
    question = fact.question or f"What is {name}?"
    names = ", ".join(one.name for one in people)
    turn.note("fact.asked", f"Asked of {names}: {question}", {"fact": name})
    answer = "|".join(shown(one) for one in fact.one_of) or "VALUE"
    lines = [f"Answer: watchbill fact set {turn.state.reference} {name} {answer}"]
    if not fact.one_of:
        lines.append(f"It is {WANTED[fact.type]}.")
    if fact.default is not None:
        lines.append(f"Without an answer {shown(fact.default)} is taken.")
    message = turn.message(f"{question} {turn.state.title}", lines=tuple(lines))
    for told in people:
        turn.tell(told, message, why=f"asked for {name}")


def _arm(turn: Turn, name: str, fact: FactPlan) -> None:
    """The deadline runs from the question; a raised severity may shorten it."""
    topic = f"{TOPIC}/{name}"
    within = fact.deadline.at(turn.state.severity)
    asked_at = known_fact(turn, name).asked_at
    if within is None or asked_at is None:
        turn.clear_deadline(topic)
        return
    after = f"{shown(fact.default)} is taken" if fact.default is not None else "asked again"
    due = max(asked_at + within, turn.now)
    known = turn.state.deadlines.get(topic)
    if known is None or (known.at != due and known.at > turn.now):
        soon = turn.after(timedelta(seconds=1))
        turn.set_deadline(topic, max(due, soon), f"No answer on {name}: {after}")


def _stop_asking(turn: Turn, name: str) -> None:
    known = known_fact(turn, name)
    turn.clear_deadline(f"{TOPIC}/{name}")
    if known.asked_at is not None:
        put_fact(turn, name, asked_at=None, asked=())


def on_unanswered(turn: Turn, name: str) -> None:
    """The deadline has come: the default counts, or the question is put again."""
    fact = turn.plan.facts.get(name)
    if fact is None or known_fact(turn, name).value is not None:
        return
    if fact.default is not None:
        put_fact(turn, name, asked_at=None, asked=())
        take_value(turn, name, fact.default, "default")
        reassess(turn)
        return
    people = _people(turn, fact) or commanders(turn)
    put_fact(turn, name, asked_at=turn.now, asked=tuple(one.person for one in people))
    if people:
        _ask(turn, name, fact, people)
    else:
        turn.note("fact.asked", f"Nobody is there to say what {name} is.", {"fact": name})
