"""A `wait_for` step: until a condition has held for some time.

One that cannot be evaluated keeps waiting; that is noted, and its deadline reminds.
"""

from domain.clock_text import duration_text
from domain.incident.conditions import note_unknown, verdict_on
from domain.incident.steps.moves import done, put, start
from domain.incident.steps.tree import Node, known
from domain.incident.turn import Turn
from domain.plan_steps import WaitForStep


def begin(turn: Turn, node: Node, step: WaitForStep) -> None:
    """Wait, and look at once."""
    start(turn, node, f"Step {node.label} waits for: {step.until}", since=None)


def look(turn: Turn, node: Node, step: WaitForStep) -> None:
    """Follow the condition after anything has changed."""
    verdict = verdict_on(turn, step.until, node)
    if verdict.holds is None:
        note_unknown(turn, f"step {node.address}", step.until, verdict)
    since = known(turn.state, node).since
    if not verdict.holds:
        turn.clear_deadline(f"hold/{node.address}")
        if since is not None:
            put(turn, node, since=None)
    elif not step.hold:
        done(turn, node, f"{step.until}.")
    elif since is None:
        put(turn, node, since=turn.now)
        text = f"Step {node.label} goes on if this holds for {duration_text(step.hold)}"
        turn.set_deadline(f"hold/{node.address}", turn.after(step.hold), text)


def on_held(turn: Turn, node: Node, step: WaitForStep) -> None:
    """It has held for long enough."""
    if known(turn.state, node).since is not None:
        done(turn, node, f"{step.until}, for {duration_text(step.hold)}.")
