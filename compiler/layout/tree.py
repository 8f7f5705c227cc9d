"""A YAML file as it was written: every value's source text, every comment in its place.

Decides the shape between reading and writing a layout. What values mean is the compiler's.
"""

from dataclasses import dataclass, field
from typing import Literal

Style = Literal["plain", "quoted", "block"]


class UnformattableError(ValueError):
    """The file is written in a way that no layout of ours keeps; it is left alone."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment from its `#` on, and the column (from 0) in which it stood."""

    text: str
    column: int


@dataclass(slots=True)
class Leaf:
    """A scalar as its source lines, without the indentation of all but the first.

    `below` says that it starts on the line after its key.
    """

    lines: list[str]
    style: Style
    below: bool = False

    @property
    def text(self) -> str:
        """The first line."""
        return self.lines[0]


@dataclass(slots=True)
class Entry:
    """A key with its value, or an item of a list, with the comments that belong to it.

    `before` holds the lines above it, comments and single blank lines ("").
    """

    value: "Tree"
    key: str | None = None
    before: list[str] = field(default_factory=list)
    head: Remark | None = None
    trailing: Remark | None = None


@dataclass(slots=True)
class Branch:
    """A mapping or a list; `after` are the comment lines below its last entry."""

    is_mapping: bool
    flow: bool
    column: int
    entries: list[Entry] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    @property
    def has_remarks(self) -> bool:
        """Whether a comment stands somewhere inside."""
        return bool(self.after) or any(
            any(each.before)
            or each.head
            or each.trailing
            or (isinstance(each.value, Branch) and each.value.has_remarks)
            for each in self.entries
        )


Tree = Leaf | Branch
