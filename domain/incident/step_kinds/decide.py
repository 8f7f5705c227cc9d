"""A `decide` step: a person chooses one of several ways, and its steps run."""

from domain.incident.conditions import verdict_on
from domain.incident.step_turn import people_behind, rendered, start, tell
from domain.incident.tree import Node
from domain.incident.turn import Turn
from domain.plan_steps import DecideStep


def begin(turn: Turn, node: Node, step: DecideStep) -> None:
    """Put the question to who decides, with what speaks for each option now."""
    question = rendered(turn, node, step.question)
    suggested = tuple(
        option.id
        for option in step.options
        if option.suggest_when and verdict_on(turn, option.suggest_when, node).holds
    )
    start(turn, node, f"To decide: {question}", detail=question, suggested=suggested)
    lines = tuple(
        f"{option.id}: {rendered(turn, node, option.label)}"
        + (" (suggested)" if option.id in suggested else "")
        for option in step.options
    )
    say = f"Decide: watchbill step choose {turn.state.reference} {node.address} OPTION"
    tell(turn, people_behind(turn, step.by), question, (*lines, say))
