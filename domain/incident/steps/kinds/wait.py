"""A `wait` step: so much time passes."""

from domain.clock_text import duration_text
from domain.incident.steps.moves import done, start
from domain.incident.steps.tree import Node
from domain.incident.turn import Turn
from domain.plan_steps import WaitStep


def begin(turn: Turn, node: Node, step: WaitStep) -> None:
    """Wait from now on."""
    lasting = duration_text(step.lasting)
    start(turn, node, f"Step {node.label} waits {lasting}.")
    until = turn.after(step.lasting)
    turn.set_deadline(f"wait/{node.address}", until, f"Step {node.label} waits {lasting}")


def on_over(turn: Turn, node: Node, step: WaitStep) -> None:
    """The time has passed."""
    done(turn, node, f"waited {duration_text(step.lasting)}.")
