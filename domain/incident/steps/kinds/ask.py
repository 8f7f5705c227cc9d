"""An `ask` step: a question to who holds a role, answered by a typed value."""

from domain.incident.state import Told
from domain.incident.steps.moves import done, put, rendered, start
from domain.incident.steps.tree import Node
from domain.incident.turn import Turn
from domain.plan_steps import AskStep
from domain.values import Value


def begin(turn: Turn, node: Node, step: AskStep) -> None:
    """Put the question."""
    question = rendered(turn, node, step.question)
    start(turn, node, f"Asked: {question}", detail=question, question=question)


def takes(step: AskStep) -> str:
    """What an answer may be, in words."""
    if step.one_of:
        return f"one of {', '.join(shown(one) for one in step.one_of)}"
    words = {"string": "text", "int": "a whole number", "double": "a number"}
    return words.get(step.type, "yes or no" if step.type == "bool" else "a list: a, b, c")


def shown(value: Value) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def answer(turn: Turn, node: Node, value: Value, person: Told) -> None:
    """Somebody says it."""
    put(turn, node, by=person.person, by_name=person.name)
    done(turn, node, f"{person.name} answers {shown(value)}.", results={"answer": value})
    turn.answer(f"Answered: {shown(value)}.")


def take_default(turn: Turn, node: Node, value: Value) -> None:
    """Nobody answered in time, and the author says what counts then."""
    put(turn, node, timed_out=True)
    done(turn, node, f"nobody answered, {shown(value)} is taken.", results={"answer": value})
