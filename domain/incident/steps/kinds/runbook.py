"""A `runbook` step: a section shown in place. Its commands are never run by themselves."""

from domain.incident.steps.moves import done, people_behind, put, tell
from domain.incident.steps.tree import Node
from domain.incident.turn import Turn
from domain.plan_steps import RunbookStep


def begin(turn: Turn, node: Node, step: RunbookStep) -> None:
    """Show it, tell who it is for, and go on."""
    put(turn, node, started_at=turn.now, tries=1)
    done(turn, node, f"{step.source} is shown.")
    tell(turn, people_behind(turn, step.assign), f"Your runbook: {step.source}")
