"""A `for_each` step: the same steps for each value of a list, a few at once.

More values than its author foresaw fail it before anything is done: that is what the bound
is for.
"""

from domain.declared import in_steps
from domain.expressions import Scope, value_of
from domain.incident.conditions import values_in
from domain.incident.step_turn import done, fail, start
from domain.incident.tree import Node
from domain.incident.turn import Turn
from domain.plan_steps import ForEachStep
from domain.values import WrongTypeError, as_value


def begin(turn: Turn, node: Node, step: ForEachStep) -> None:
    """Take the list as it is now; the rounds start with the walk that follows."""
    declared = in_steps(turn.plan, tuple(name for name, _ in node.items))
    found = value_of(step.values, Scope.INCIDENT, values_in(turn, node), declared)
    start(turn, node, f"Step {node.label}: for each of {step.values}.")
    try:
        values = as_value(found.value, "list")
    except WrongTypeError:
        fail(turn, node, f"{step.values} is no list now ({found.why}).")
        return
    distinct = tuple(dict.fromkeys(values)) if isinstance(values, tuple) else ()
    if len(distinct) > step.most:
        fail(turn, node, f"{len(distinct)} values, at most {step.most}: nothing was done.")
    elif not distinct:
        done(turn, node, "the list is empty.")
    else:
        turn.state.steps[node.address] = turn.state.steps[node.address].model_copy(
            update={"values": distinct}
        )
