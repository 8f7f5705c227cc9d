"""Where a step stands, as a refusal says it; and what to say of one that is not there.

Decides wording only.
"""

from domain.clock_text import local_time
from domain.incident.steps.tree import Node, contains, every, known
from domain.incident.turn import Turn
from domain.incident.why_not import Refusal, wrong_input, wrong_moment
from domain.plan_steps import DecideStep, ForEachStep, all_steps

SHOWN = 30
"""How many ids or rounds a refusal lists."""


def standing(turn: Turn, node: Node) -> str:
    """`Step rollback has failed since 03:10 CET (503)`: its state, since when, and why."""
    own = known(turn.state, node)
    words = {
        "pending": "has not started",
        "running": "is running",
        "done": "is done",
        "skipped": "is skipped",
        "failed": "has failed",
        "cancelled": "was stopped",
    }
    word = words[own.state]
    if own.state == "running" and own.taken_over:
        word = f"is done by hand by {own.by_name}"
    at = own.ended_at if own.is_settled else own.started_at
    since = f" since {local_time(at, turn.plan.timezone)}" if at is not None else ""
    why = own.detail.rstrip(".") if own.state in ("failed", "skipped", "done") else ""
    return f"Step {node.label} {word}{since}{f' ({why})' if why else ''}"


def unknown_step(turn: Turn, address: str) -> Refusal:
    """There is no such step, or not yet: which ones there are, or what it waits for."""
    wanted = address.partition("@")[0]
    ids = [step.id for step in all_steps(turn.plan.steps)]
    if wanted not in ids:
        listed = ", ".join(ids[:SHOWN]) or "no steps"
        more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
        return wrong_input(f"There is no step '{address}'; the playbook has {listed}{more}.")
    rounds = [node for node in every(turn.plan, turn.state) if node.step.id == wanted]
    if rounds:
        listed = ", ".join(
            f"{node.address} ({', '.join(value for _, value in node.items)})"
            if node.items
            else node.address
            for node in rounds[:SHOWN]
        )
        return wrong_input(f"There is no step '{address}'; {wanted} exists as {listed}.")
    return wrong_moment(f"Step {wanted} is not there yet: {_what_is_missing(turn, wanted)}.")


def _what_is_missing(turn: Turn, wanted: str) -> str:
    for node in every(turn.plan, turn.state):
        if not contains(node.step, wanted):
            continue
        if isinstance(node.step, DecideStep):
            option = next(
                one.id
                for one in node.step.options
                if any(step.id == wanted for step in all_steps(one.do))
            )
            if known(turn.state, node).choice != option:
                return f"it belongs to option {option} of {node.label}, which is not chosen"
        elif isinstance(node.step, ForEachStep) and not known(turn.state, node).values:
            return f"{node.label} has no list yet"
    return "what stands around it has not started"
