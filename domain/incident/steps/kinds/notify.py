"""A `notify` step: tell destinations, teams, users or who holds a role."""

from domain.incident.messages import named
from domain.incident.steps.moves import done, people_behind, put, rendered
from domain.incident.steps.tree import Node
from domain.incident.turn import Turn
from domain.plan_steps import NotifyStep


def begin(turn: Turn, node: Node, step: NotifyStep) -> None:
    """Send the text; delivery is not waited for."""
    put(turn, node, started_at=turn.now, tries=1)
    message = turn.message(rendered(turn, node, step.text))
    for ref in step.to:
        if ref.startswith("role:"):
            for told in people_behind(turn, ref):
                turn.tell(told, message, why=f"step {node.label}")
    others = tuple(ref for ref in step.to if not ref.startswith("role:"))
    if others:
        turn.announce_to(others, message, why=f"step {node.label}")
    done(turn, node, f"told {named(step.to)}.")
