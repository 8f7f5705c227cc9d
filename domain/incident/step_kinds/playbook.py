"""A `playbook` step: another playbook runs as a child workflow."""

from domain.incident.step_turn import fail, start
from domain.incident.tree import Node
from domain.incident.turn import Turn
from domain.plan_steps import PlaybookStep


def begin(turn: Turn, node: Node, step: PlaybookStep) -> None:
    """Call it, if it was sound when this plan was compiled."""
    start(turn, node, f"Step {node.label}: playbook {step.name}.")
    if step.name not in turn.plan.subplans:
        fail(turn, node, f"playbook {step.name} was broken when this plan was compiled.")
