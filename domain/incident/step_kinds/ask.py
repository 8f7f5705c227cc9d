"""An `ask` step: a question to who holds a role, answered by a typed value."""

from domain.incident.step_turn import people_behind, rendered, start, tell
from domain.incident.tree import Node
from domain.incident.turn import Turn
from domain.plan_steps import AskStep


def begin(turn: Turn, node: Node, step: AskStep) -> None:
    """Put the question."""
    question = rendered(turn, node, step.question)
    start(turn, node, f"Asked: {question}", detail=question)
    lines = (f"Answer: watchbill step answer {turn.state.reference} {node.address} VALUE",)
    tell(turn, people_behind(turn, step.of), question, lines)
