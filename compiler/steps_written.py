"""The steps of a playbook as they stand in the file, also where their shape is broken.

Decides which step a place belongs to, and what stands around each step. Their meaning is
`compiler.document_steps`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from compiler.document_steps import KINDS
from compiler.nodes import Listing, Loc, Mapping, Node, Scalar


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A list of steps inside another step: an option, a branch, what a loop does."""

    owner: "StepWritten"
    name: str


@dataclass(frozen=True, slots=True)
class StepWritten:
    """One step, told by its location; `around` are the blocks it stands in, outermost first.

    `index` is its place in its own block. `id` is empty where none can be read.
    """

    loc: Loc
    id: str = field(compare=False)
    node: Mapping = field(compare=False, repr=False)
    index: int = field(compare=False)
    around: tuple[Block, ...] = field(default=(), compare=False, repr=False)

    @property
    def kind(self) -> str:
        """The first kind that is written; empty where none is."""
        return next((kind for kind in KINDS if self.node.get(kind) is not None), "")

    @property
    def items(self) -> tuple[str, ...]:
        """The variables of the loops around it, outermost first."""
        return tuple(
            item for block in self.around if (item := block.owner.item) and block.name == "do"
        )

    @property
    def item(self) -> str:
        """The variable of the loop that this step is; empty if it is none."""
        return self.text("for_each", "as")

    def at(self, *keys: str) -> Node | None:
        """The node below these keys."""
        node: Node | None = self.node
        for key in keys:
            node = node.get(key) if isinstance(node, Mapping) else None
        return node

    def text(self, *keys: str) -> str:
        """The text below these keys; empty where there is none."""
        node = self.at(*keys)
        return node.text if isinstance(node, Scalar) and isinstance(node.value, str) else ""

    def lineage(self) -> tuple["StepWritten", ...]:
        """The steps around it, outermost first, and itself."""
        return (*(block.owner for block in self.around), self)


def steps_written(root: Mapping) -> tuple[StepWritten, ...]:
    """Every step, however deep, in the order of the file."""
    return tuple(_steps_in(root.get("steps"), ("steps",), ()))


def _steps_in(node: Node | None, loc: Loc, around: tuple[Block, ...]) -> Iterator[StepWritten]:
    if isinstance(node, Mapping):  # a single step may stand alone
        yield from _step(node, loc, 0, around)
    for index, each in enumerate(node.items if isinstance(node, Listing) else ()):
        if isinstance(each, Mapping):
            yield from _step(each, (*loc, index), index, around)


def _step(node: Mapping, loc: Loc, index: int, around: tuple[Block, ...]) -> Iterator[StepWritten]:
    named = node.get("id")
    step_id = named.text if isinstance(named, Scalar) else ""
    step = StepWritten(loc, step_id, node, index, around)
    yield step
    options = step.at("decide", "options")
    for key, option in options.entries if isinstance(options, Mapping) else ():
        if isinstance(option, Mapping):
            inside = (*loc, "decide", "options", key.text, "do")
            yield from _steps_in(option.get("do"), inside, (*around, Block(step, key.text)))
    branches = step.at("parallel")
    for number, branch in enumerate(branches.items if isinstance(branches, Listing) else ()):
        inside = (*loc, "parallel", number)
        yield from _steps_in(branch, inside, (*around, Block(step, f"branch {number + 1}")))
    yield from _steps_in(node.get("do"), (*loc, "do"), (*around, Block(step, "do")))


def step_at(loc: Loc, by_loc: dict[Loc, StepWritten]) -> StepWritten | None:
    """The innermost step that the location lies in."""
    for length in range(len(loc), 1, -1):
        found = by_loc.get(loc[:length])
        if found is not None:
            return found
    return None
