"""A `parallel` step: branches side by side; when it is over its `join` says."""

from domain.incident.step_turn import start
from domain.incident.tree import Node
from domain.incident.turn import Turn
from domain.plan_steps import ParallelStep


def begin(turn: Turn, node: Node, step: ParallelStep) -> None:
    """The branches start with the walk that follows."""
    start(turn, node, f"Step {node.label}: {len(step.branches)} branches.")
