"""A `for_each` step: the same steps for each value of a list, a few at once.

More values than its author foresaw fail it before anything is done: that is what the bound
is for. Done again, it goes through the list that it was given first.
"""

from domain.declared import in_steps
from domain.expressions import Scope, value_of
from domain.incident.conditions import values_in
from domain.incident.steps.moves import done, fail, put, start
from domain.incident.steps.tree import Node, Sequence, known
from domain.incident.turn import Turn
from domain.plan_steps import ForEachStep
from domain.values import WrongTypeError, as_value


def begin(turn: Turn, node: Node, step: ForEachStep) -> None:
    """Take the list as it is now; the rounds start with the walk that follows."""
    start(turn, node, f"Step {node.label}: for each of {step.values}.")
    if known(turn.state, node).values:
        return
    declared = in_steps(turn.plan, tuple(name for name, _ in node.items))
    found = value_of(step.values, Scope.INCIDENT, values_in(turn, node), declared)
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
        put(turn, node, values=distinct)


def over(turn: Turn, node: Node, rounds: tuple[Sequence, ...]) -> None:
    """Every round is passed; those in which something failed make the whole fail."""
    bad = sum(any(known(turn.state, one).state == "failed" for one in each) for each in rounds)
    if bad:
        fail(turn, node, f"{bad} of {len(rounds)} have failed.")
    else:
        done(turn, node, f"{len(rounds)} done.")
