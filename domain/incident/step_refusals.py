"""Which commands about steps are refused now, and why.

Decides nothing else; the sentences name the present state and the mend.
"""

from domain.incident.commands_of_steps import StepCommand, StepDone, StepUndo
from domain.incident.tree import every, find, known
from domain.incident.turn import Turn
from domain.incident.why_not import Refusal, wrong_input, wrong_moment
from domain.plan_steps import ChecklistStep, NotifyStep


def refusal_of_step(turn: Turn, command: StepCommand) -> Refusal | None:
    """Why the command cannot be carried out now; None if it can."""
    node = find(turn.plan, turn.state, command.step)
    if node is None:
        listed = ", ".join(one.address for one in every(turn.plan, turn.state)) or "no steps"
        return wrong_input(f"There is no step '{command.step}'; the playbook has {listed}.")
    if not isinstance(command, StepDone | StepUndo):
        return None
    step, state = node.step, known(turn.state, node)
    if isinstance(step, NotifyStep):
        return wrong_input(f"Step {step.id} tells people by itself: there is nothing to tick.")
    if isinstance(step, ChecklistStep):
        if state.state in ("pending", "skipped"):
            return wrong_moment(f"Checklist {node.label} has not started.")
        if command.item is not None and command.item not in state.items:
            items = ", ".join(state.items)
            return wrong_input(
                f"Checklist {node.label} has no item '{command.item}'; it has {items}."
            )
    elif command.item is not None:
        return wrong_input(f"Step {node.label} has no items.")
    return None
