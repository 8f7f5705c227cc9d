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
from domain.plan_steps import (
    DecideStep,
    ForEachStep,
    ParallelStep,
    Step,
    all_steps,
    blocks_of,
)

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


def live(plan: Plan, state: IncidentState) -> Iterator[Node]:
    """Every step inside which, or on which, something goes on: all around it runs."""
    yield from _live(state, top(plan))


def _live(state: IncidentState, steps: Sequence) -> Iterator[Node]:
    for node in steps:
        own = known(state, node)
        if own.state == "pending":
            continue
        yield node
        if own.state == "running" and not own.taken_over:
            for block in blocks(state, node):
                yield from _live(state, block)


def find(plan: Plan, state: IncidentState, address: str) -> Node | None:
    """The step at this address, if it exists by now."""
    wanted, _, rounds = address.partition("@")
    numbers = rounds.split(".") if rounds else []
    if not all(number.isdecimal() for number in numbers):
        return None
    return _find(state, top(plan), wanted, tuple(map(int, numbers)))


def _find(
    state: IncidentState, steps: Sequence, wanted: str, rounds: tuple[int, ...]
) -> Node | None:
    for node in steps:
        if node.step.id == wanted:
            return node if node.rounds == rounds else None
        if not contains(node.step, wanted):
            continue
        towards = blocks(state, node)
        if isinstance(node.step, ForEachStep):
            number = rounds[len(node.rounds)] if len(rounds) > len(node.rounds) else 0
            towards = towards[number - 1 : number] if number else ()
        found = (_find(state, block, wanted, rounds) for block in towards)
        return next((one for one in found if one is not None), None)
    return None


def contains(step: Step, wanted: str) -> bool:
    """Whether the step of this id stands inside, however deep."""
    return any(one.id == wanted for block in blocks_of(step) for one in all_steps(block))


def calling(plan: Plan, state: IncidentState, effect: str) -> Node | None:
    """The step that this effect works for."""
    address = next((name for name, one in state.steps.items() if one.call == effect), None)
    return find(plan, state, address) if address is not None else None


def above(node: Node) -> Iterator[Node]:
    """The steps around this one, from the inside out."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent
