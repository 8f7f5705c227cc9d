"""The tree of a playbook's steps as one incident walks it.

Decides which steps exist so far and how each is addressed: a step inside a `for_each` exists
once for each value, inside a decision once its option is chosen. Ids are unique in the
playbook, so the address is the id, with the rounds it stands in: `drain@2`, `drain@2.1`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from domain.incident.state import IncidentState
from domain.incident.step_state import StepState
from domain.plan import Plan
from domain.plan_steps import DecideStep, ForEachStep, ParallelStep, Step

BLANK = StepState()


@dataclass(frozen=True, slots=True)
class Node:
    """One step of the tree: `rounds` of the loops around it count from 1.

    `items` are the loops' variables, outermost first.
    """

    step: Step
    rounds: tuple[int, ...] = ()
    items: tuple[tuple[str, str], ...] = ()
    parent: "Node | None" = field(default=None, repr=False)

    @property
    def address(self) -> str:
        """Under which the state remembers it."""
        if not self.rounds:
            return self.step.id
        return f"{self.step.id}@{'.'.join(map(str, self.rounds))}"

    @property
    def label(self) -> str:
        """How people call it: the id, and the values of its loops."""
        if not self.items:
            return self.step.id
        return f"{self.step.id} ({', '.join(value for _, value in self.items)})"


Sequence = tuple[Node, ...]


def top(plan: Plan) -> Sequence:
    """The steps of the playbook's own list."""
    return tuple(Node(step) for step in plan.steps)


def known(state: IncidentState, node: Node) -> StepState:
    """What is remembered of the step."""
    return state.steps.get(node.address, BLANK)


def blocks(state: IncidentState, node: Node) -> tuple[Sequence, ...]:
    """The sequences inside a step, as far as they exist by now."""
    match node.step:
        case DecideStep():
            choice = known(state, node).choice
            return tuple(
                _inside(node, option.do) for option in node.step.options if option.id == choice
            )
        case ParallelStep():
            return tuple(_inside(node, branch) for branch in node.step.branches)
        case ForEachStep():
            return tuple(
                _inside(node, node.step.do, (index, value))
                for index, value in enumerate(known(state, node).values, start=1)
            )
        case _:
            return ()


def _inside(node: Node, steps: tuple[Step, ...], round_: tuple[int, str] | None = None) -> Sequence:
    rounds, items = node.rounds, node.items
    if round_ is not None and isinstance(node.step, ForEachStep):
        rounds = (*rounds, round_[0])
        items = (*items, (node.step.item, round_[1]))
    return tuple(Node(step, rounds, items, node) for step in steps)


def below(state: IncidentState, node: Node) -> Iterator[Node]:
    """Every step inside this one, in order."""
    for block in blocks(state, node):
        for child in block:
            yield child
            yield from below(state, child)


def every(plan: Plan, state: IncidentState) -> Iterator[Node]:
    """Every step that exists by now, in the order of the file."""
    for node in top(plan):
        yield node
        yield from below(state, node)


def find(plan: Plan, state: IncidentState, address: str) -> Node | None:
    """The step at this address, if it exists by now."""
    return next((node for node in every(plan, state) if node.address == address), None)


def calling(plan: Plan, state: IncidentState, effect: str) -> Node | None:
    """The step that this effect works for."""
    addresses = {address for address, one in state.steps.items() if one.call == effect}
    return next((node for node in every(plan, state) if node.address in addresses), None)


def above(node: Node) -> Iterator[Node]:
    """The steps around this one, from the inside out."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent
