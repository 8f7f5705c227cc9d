"""The tree of a YAML file: plain values that still know where they stood.

Decides the shape between text and meaning. Reading it from text is `compiler.source`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

Plain = str | int | float | bool | None
Value = Plain | list["Value"] | dict[str, "Value"]


class Mark(NamedTuple):
    """A place in a file; line and column count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value; `text` is what stood there, `value` what it means."""

    mark: Mark
    value: Plain
    text: str
    quoted: bool = False
    block: bool = False
    lines: Sequence[str] = field(default=(), repr=False, compare=False)

    def plain(self) -> Plain:
        """The value without its place."""
        return self.value

    def place_of(self, offset: int) -> Mark:
        """Where the character at this offset of the value stands in the file.

        Exact for values without escapes; in a folded text the line is right.
        """
        line, column = self.mark.line, self.mark.column + (1 if self.quoted else 0)
        if self.block:
            line, column = line + 1, self._indent_from(line + 1)
        left = offset
        while line < len(self.lines):
            room = len(self.lines[line - 1].rstrip()) - column + 1
            if left <= max(room, 0):
                break
            left -= max(room, 0) + 1
            line += 1
            column = column if self.block else self._indent_from(line)
        last = len(self.lines[line - 1]) + 1 if line <= len(self.lines) else column + left
        return Mark(line, max(1, min(column + left, last)))

    def _indent_from(self, line: int) -> int:
        """The column at which the text of this line, or of the next with any, starts."""
        for text in self.lines[line - 1 :]:
            if text.strip():
                return len(text) - len(text.lstrip()) + 1
        return 1


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of nodes."""

    mark: Mark
    items: tuple["Node", ...]

    def plain(self) -> list[Value]:
        """The values without their places."""
        return [item.plain() for item in self.items]


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in the order of the file; no key twice."""

    mark: Mark
    entries: tuple[tuple[Scalar, "Node"], ...]
    by_key: dict[str, tuple[Scalar, "Node"]] = field(
        default_factory=dict, repr=False, compare=False
    )
    """The same by key, in mappings that are too long to search."""

    def plain(self) -> dict[str, Value]:
        """The values by key, without their places."""
        return {key.text: value.plain() for key, value in self.entries}

    def key(self, name: str) -> Scalar | None:
        """The key's node, or None if the mapping lacks it."""
        if self.by_key:
            found = self.by_key.get(name)
            return found[0] if found else None
        return next((key for key, _ in self.entries if key.text == name), None)

    def get(self, name: str) -> "Node | None":
        """The value's node, or None if the mapping lacks the key."""
        if self.by_key:
            found = self.by_key.get(name)
            return found[1] if found else None
        return next((value for key, value in self.entries if key.text == name), None)


Node = Scalar | Listing | Mapping

Loc = tuple[str | int, ...]


def descend(node: Node, loc: Loc) -> Node:
    """The node at this location; steps that the file does not have are left out.

    A short form (`page: schedule:x` for a list) thus points at the short form itself.
    """
    for step in loc:
        child: Node | None = None
        match node:
            case Mapping():
                child = node.get(str(step))
            case Listing() if isinstance(step, int) and step < len(node.items):
                child = node.items[step]
            case _:
                pass
        node = child or node
    return node


def key_at(node: Node, loc: Loc) -> Scalar | None:
    """The key that the last step of the location names, or None if it is no key there."""
    parent = descend(node, loc[:-1])
    return parent.key(str(loc[-1])) if isinstance(parent, Mapping) and loc else None


def scalars(node: Node, loc: Loc = ()) -> Iterator[tuple[Loc, Scalar]]:
    """Every scalar value below the node with its location, in the order of the file."""
    match node:
        case Scalar():
            yield loc, node
        case Listing():
            for index, item in enumerate(node.items):
                yield from scalars(item, (*loc, index))
        case Mapping():
            for key, value in node.entries:
                yield from scalars(value, (*loc, key.text))
