"""What an incident says to the playbooks that its steps have called.

Decides how a child workflow is named, and that it ends with the step that called it.
"""

import base64
import hashlib

from domain.incident.step_effects import ParentNews, TellChild
from domain.incident.steps.tree import Node, known
from domain.incident.turn import Turn
from domain.plan_steps import PlaybookStep


def child_id(playbook: str, reference: str, call: str) -> str:
    """The child's workflow id, `[a-z0-9-]`: the same call always names the same child."""
    digest = base64.b32encode(hashlib.sha256(call.encode()).digest()).decode()[:8].lower()
    return f"{playbook.replace('_', '-')[:80]}-{reference.lower()}-{digest}"


def tell_child(turn: Turn, node: Node, news: ParentNews, summary: str) -> None:
    """Tell the playbook that a step has called, if it has called one."""
    state, step = known(turn.state, node), node.step
    if state.child is None or state.call is None or not isinstance(step, PlaybookStep):
        return
    turn.effects.append(
        TellChild(
            id=turn.next_id("child"),
            summary=summary,
            workflow_id=child_id(step.name, state.child, state.call),
            news=news,
        )
    )


def end_child(turn: Turn, node: Node) -> None:
    """The step is stopped: the playbook it called ends too."""
    because = f"ended with {turn.state.reference}, step {node.label}"
    news = ParentNews(severity=turn.state.severity, ended=True, because=because)
    tell_child(turn, node, news, f"End {known(turn.state, node).child}: {node.label} is stopped")
