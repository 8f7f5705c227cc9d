"""Reads a YAML text into a tree that still has its comments and the source of its scalars.

Decides to whom a comment belongs: to the line on which it stands, else to the entry below
it, or to the end of the block in whose column it stands. Only for texts that
`compiler.source` takes: no aliases, tags or several documents.
"""

import re
from collections import Counter
from dataclasses import dataclass

import yaml

from compiler.layout.tree import Branch, Entry, Leaf, Remark, Tree, UnformattableError

_COMMENT = re.compile(r"#.*")
"""What starts with a # between two values is a comment, whatever stands before it."""


@dataclass(frozen=True, slots=True)
class Written:
    """The root of a text, the comment lines below all of it, and every comment's text."""

    root: Tree | None
    rest: list[str]
    comments: Counter[str]


def read(text: str) -> Written:
    """The text as a tree.

    Raises:
        UnformattableError: where a key spans lines, or a text says its own indentation.
    """
    reader = _Reader(text)
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        reader.take(event)
    return Written(reader.root, reader.rest(), Counter(reader.comments))


class _Reader:
    """Follows the parser's events and looks at what stands between them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.root: Tree | None = None
        self.stack: list[Branch] = []
        self.keys: list[str | None] = []
        self.waiting: list[str] = []
        self.last: Entry | None = None
        self.heads: list[Remark | None] = []
        self.befores: list[list[str]] = []
        self.comments: list[str] = []

    def take(self, event: yaml.Event) -> None:
        """Adds one event to the tree."""
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._open(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._close(event)
            case _:
                pass

    def rest(self) -> list[str]:
        """The comment lines after the last value."""
        self._look(len(self.text))
        return _without_ends(self.waiting)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        start, end = _span(event)
        before = self.at
        self._look(start)
        source = self.text[start:end]
        style = event.style or "plain"
        if self.stack and self.stack[-1].is_mapping and self.keys[-1] is None:
            if "\n" in source:
                raise UnformattableError("a key spans several lines")
            self._begin(source)
            self.at = end
            return
        is_value = bool(self.stack) and self.stack[-1].is_mapping
        below = is_value and "\n" in self.text[before:start] and bool(source)
        leaf = _block(source) if style in "|>" else _flowing(source, style, below=below)
        self.at = start + len(source.rstrip("\n")) if style in "|>" else end
        self._place(leaf)

    def _begin(self, key: str) -> None:
        """A key, or an item of a list, starts here with the comments above it."""
        self.keys[-1] = key
        self.befores[-1] = self.waiting
        self.heads[-1] = None
        self.waiting = []

    def _open(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        start, end = _span(event)
        self._look(start)
        is_flow = bool(event.flow_style)
        if is_flow and self.text[start] in "{[":
            self.at = end
        if self.stack and not self.stack[-1].is_mapping:
            self._begin("")
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        self.stack.append(Branch(is_mapping, is_flow, self._column(start)))
        self.keys.append(None)
        self.heads.append(None)
        self.befores.append([])

    def _close(self, event: yaml.MappingEndEvent | yaml.SequenceEndEvent) -> None:
        branch = self.stack[-1]
        start, end = _span(event)
        if branch.flow:
            if self.text[start:end] in ("}", "]"):
                self._look(start)
                self.at = end
            branch.after = [line for line in self.waiting if line]
            self.waiting = []
        else:
            self._look_below(start, branch)
        self.stack.pop()
        self.keys.pop()
        self.heads.pop()
        self.befores.pop()
        self._place(branch)

    def _place(self, value: Tree) -> None:
        """The value stands under its key, in its list, or alone."""
        if not self.stack:
            self.root = value
            self.last = None
            return
        parent = self.stack[-1]
        if not parent.is_mapping and self.keys[-1] is None:
            self._begin("")
        entry = Entry(
            value=value,
            key=self.keys[-1] if parent.is_mapping else None,
            before=self.befores[-1],
            head=self.heads[-1],
        )
        if parent.flow:
            entry.before = [line for line in entry.before if line]
        parent.entries.append(entry)
        self.keys[-1] = None
        self.heads[-1] = None
        self.befores[-1] = []
        if isinstance(value, Leaf) or value.flow or not value.entries:
            self.last = entry

    def _look(self, until: int) -> None:
        """Takes the comments and blank lines up to here."""
        gap = self.text[self.at : until]
        self.at = until
        lines = gap.split("\n")
        if found := _COMMENT.search(lines[0]):
            self._on_the_line(self._noted(found), self._column(until - len(gap) + found.start()))
        for line in lines[1:-1] if until < len(self.text) else lines[1:]:
            self._own_line(line)

    def _own_line(self, line: str) -> None:
        if found := _COMMENT.search(line):
            self.waiting.append(self._noted(found))
        elif not line.strip() and (not self.waiting or self.waiting[-1]):
            self.waiting.append("")

    def _on_the_line(self, text: str, column: int) -> None:
        """A comment behind a key, behind a bracket, or behind a value."""
        remark = Remark(text, column)
        if self._is_at_the_start(text):
            self.waiting.append(text)
        elif self.stack and self.keys[-1] is not None and self.heads[-1] is None:
            self.heads[-1] = remark
        elif self._is_just_opened():
            self._note_above(remark)
        elif self.last is not None and self.last.trailing is None:
            self.last.trailing = remark
        else:
            self.waiting.append(text)

    def _is_at_the_start(self, text: str) -> bool:
        """Whether nothing but this comment has been met."""
        return self.root is None and not self.stack and text.startswith("#")

    def _is_just_opened(self) -> bool:
        return bool(self.stack) and self.stack[-1].flow and not self.stack[-1].entries

    def _note_above(self, remark: Remark) -> None:
        """A comment behind an opening bracket stands behind the key that it belongs to."""
        above = len(self.stack) - 2
        if above >= 0 and self.heads[above] is None:
            self.heads[above] = remark
        else:
            self.waiting.append(remark.text)

    def _look_below(self, until: int, branch: Branch) -> None:
        """Takes the comments behind the last entry, and those in the block's own column."""
        gap = self.text[self.at : until]
        first, *lines = gap.split("\n")
        taken = len(first)
        if found := _COMMENT.search(first):
            self._on_the_line(self._noted(found), self._column(self.at + found.start()))
        lines = lines[:-1] if until < len(self.text) else lines
        end = self.at + taken
        kept: list[str] = []
        for line in lines:
            taken += 1 + len(line)
            found = _COMMENT.search(line)
            if found and not self._is_inside(found.start(), branch):
                break
            kept.append(self._noted(found) if found else "")
            if found:
                end = self.at + taken
                branch.after += [each for at, each in enumerate(kept) if each or at == 0]
                kept = []
        self.at = end

    def _is_inside(self, column: int, branch: Branch) -> bool:
        parent = self.stack[-2] if len(self.stack) > 1 else None
        return column >= branch.column and (parent is None or column > parent.column)

    def _noted(self, found: re.Match[str]) -> str:
        """The comment's text, which must not be lost."""
        self.comments.append(found[0].rstrip())
        return self.comments[-1]

    def _column(self, index: int) -> int:
        return index - (self.text.rfind("\n", 0, index) + 1)


def _span(event: yaml.Event) -> tuple[int, int]:
    """Where the event starts and ends in the text."""
    start, end = event.start_mark, event.end_mark
    if start is None or end is None:
        raise UnformattableError("the parser does not say where a value stands")
    return start.index, end.index


def _flowing(source: str, style: str, *, below: bool) -> Leaf:
    """A plain or quoted scalar; its further lines without their indentation."""
    first, *others = source.split("\n")
    lines = [first.rstrip() if others else first, *(line.strip() for line in others)]
    return Leaf(lines, "plain" if style == "plain" else "quoted", below)


def _block(source: str) -> Leaf:
    """A literal or folded scalar; its lines without what all are indented by."""
    header, *lines = source.rstrip("\n").split("\n")
    if any(each.isdigit() for each in header.partition("#")[0]):
        raise UnformattableError("a text says its own indentation")
    if "+" in header:
        lines += [""] * (len(source) - len(source.rstrip("\n")) - 1)
    indents = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip()]
    cut = min(indents, default=0)
    return Leaf([header.rstrip(), *(line[cut:] for line in lines)], "block")


def _without_ends(lines: list[str]) -> list[str]:
    """The lines without blank ones at their end."""
    while lines and not lines[-1]:
        lines = lines[:-1]
    return lines
