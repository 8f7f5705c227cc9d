"""An `approve` step: others say yes before what stands behind it is done."""

from domain.incident.step_turn import people_behind, start, tell
from domain.incident.tree import Node, above, known
from domain.incident.turn import Turn
from domain.plan import OPERATIONS
from domain.plan_steps import ApproveStep


def begin(turn: Turn, node: Node, step: ApproveStep) -> None:
    """Ask everybody who may approve; who asks is who decided, else who does the work."""
    wanted = _asked_by(turn, node)
    start(turn, node, f"Approval asked: {node.label}.", asked_by=wanted, votes=())
    ref, address = turn.state.reference, node.address
    lines = (
        f"Yes: watchbill step approve {ref} {address}",
        f"No: watchbill step reject {ref} {address} --because …",
    )
    people = {one.person: one for ref in step.by for one in people_behind(turn, ref)}
    others = [one for one in people.values() if step.own or one.person != wanted]
    tell(turn, others, f"Your approval is asked: {node.label}", lines)


def _asked_by(turn: Turn, node: Node) -> str | None:
    for around in above(node):
        state = known(turn.state, around)
        if state.choice is not None:
            return state.by
    doing = people_behind(turn, f"role:{OPERATIONS}")
    return doing[0].person if doing else None
