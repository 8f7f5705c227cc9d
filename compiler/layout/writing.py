"""Writes a tree as text in the one layout.

Decides indentation, what stands on one line and where a comment goes: two spaces a level,
flow collections while they fit, a comment in its old column or two spaces behind the text.
"""

from collections.abc import Iterator, Sequence

from compiler.layout.tree import Branch, Entry, Leaf, Remark, Tree

WIDTH = 100


def write(root: Branch, header: Sequence[str], rest: Sequence[str]) -> str:
    """The file's text: what stands on top, the sections, what stands below."""
    lines = list(header)
    for at, entry in enumerate(root.entries):
        section = _entry(entry, 0)
        if at:
            before = root.entries[at - 1]
            is_apart = _is_tall(entry) or _is_tall(before)
            if is_apart and section[0]:
                section = ["", *section]
        elif section and not section[0] and not header:
            section = section[1:]
        lines += section
    lines += _below(root, 0)
    lines += rest if lines else [line for line in rest if line]
    return "".join(f"{line}\n" for line in _single_blanks(lines))


def _single_blanks(lines: list[str]) -> Iterator[str]:
    """The lines without blank ones at the start and the end."""
    start, end = 0, len(lines)
    while start < end and not lines[start]:
        start += 1
    while end > start and not lines[end - 1]:
        end -= 1
    yield from lines[start:end]


def _is_tall(entry: Entry) -> bool:
    """Whether the entry takes several lines, its comments aside."""
    return len(_own_lines(entry, 0)) > 1


def _entry(entry: Entry, indent: int) -> list[str]:
    """The entry's lines, with the comments above it."""
    above = [f"{' ' * indent}{line}".rstrip() for line in _hoisted(entry)]
    return [*above, *_own_lines(entry, indent)]


def _hoisted(entry: Entry) -> list[str]:
    """What stands above the entry, with what stood behind a dash or above a first key."""
    found = list(entry.before)
    if entry.key is None and isinstance(entry.value, Branch):
        found += [entry.head.text] if entry.head and not _one_line(entry, 0) else []
        if not _one_line(entry, 0) and entry.value.entries:
            found += [line for line in _hoisted(entry.value.entries[0]) if line]
    return found


def _own_lines(entry: Entry, indent: int) -> list[str]:
    start = " " * indent + ("-" if entry.key is None else f"{entry.key}:")
    whole = _one_line(entry, indent)
    if whole is not None:
        return [_remarked(_remarked(whole, entry.head), entry.trailing)]
    if isinstance(entry.value, Leaf):
        return _tall_leaf(entry, entry.value, start, indent)
    return _tall_branch(entry, entry.value, start, indent)


def _one_line(entry: Entry, indent: int) -> str | None:
    """The entry on one line; None if it takes several."""
    start = " " * indent + ("-" if entry.key is None else f"{entry.key}:")
    value = entry.value
    if isinstance(value, Leaf):
        if len(value.lines) > 1 or (value.below and not _fits(start, value.text)):
            return None
        return f"{start} {_quoted(value)}".rstrip()
    if value.entries and (not value.flow or value.has_remarks):
        return None
    short = flow(value)
    return f"{start} {short}" if short is not None and _fits(start, short) else None


def _fits(start: str, text: str) -> bool:
    return len(start) + 1 + len(text) <= WIDTH


def _tall_leaf(entry: Entry, leaf: Leaf, start: str, indent: int) -> list[str]:
    """A scalar over several lines, or below its key."""
    inner = " " * (indent + 2)
    if leaf.below and leaf.style != "block":
        first = _remarked(start, entry.head)
        lines = [first, *(f"{inner}{line}".rstrip() for line in leaf.lines)]
    else:
        first = _remarked(f"{start} {leaf.text}", entry.head)
        lines = [first, *(f"{inner}{line}".rstrip(" ") for line in leaf.lines[1:])]
        if leaf.style == "block":
            lines = [first, *(f"{inner}{line}" if line else "" for line in leaf.lines[1:])]
    return [*lines[:-1], _remarked(lines[-1], entry.trailing)]


def _tall_branch(entry: Entry, branch: Branch, start: str, indent: int) -> list[str]:
    """A mapping or list below its key, or beside its dash."""
    lines = _children(branch, indent + 2)
    if entry.key is None:
        return [f"{start} {lines[0].lstrip()}", *lines[1:], *_below_dash(entry, indent)]
    moved = Remark(entry.trailing.text, 0) if entry.trailing else None
    return [_remarked(_remarked(start, entry.head), moved), *lines]


def _below_dash(entry: Entry, indent: int) -> list[str]:
    """A comment behind the bracket of an item that no longer has one."""
    return [f"{' ' * (indent + 2)}{entry.trailing.text}"] if entry.trailing else []


def _children(branch: Branch, indent: int) -> list[str]:
    """The lines of what is inside; what stands above the first one of an item is hoisted."""
    lines: list[str] = []
    for at, entry in enumerate(branch.entries):
        lines += _entry(entry, indent) if at else _first(entry, indent)
    return lines + _below(branch, indent)


def _first(entry: Entry, indent: int) -> list[str]:
    above = [line for line in entry.before if line]
    return [*(f"{' ' * indent}{line}" for line in above), *_own_lines(entry, indent)]


def _below(branch: Branch, indent: int) -> list[str]:
    return [f"{' ' * indent}{line}".rstrip() for line in branch.after]


def _remarked(line: str, remark: Remark | None) -> str:
    """The line with its comment, in the old column where there is room."""
    if remark is None:
        return line
    gap = max(remark.column - len(line), 2)
    return f"{line}{' ' * gap}{remark.text}"


def flow(value: Tree) -> str | None:
    """The value inside brackets on one line; None where a text in it spans several."""
    if isinstance(value, Leaf):
        return None if len(value.lines) > 1 else _quoted(value)
    parts = []
    for entry in value.entries:
        inner = flow(entry.value)
        if inner is None:
            return None
        parts.append(inner if entry.key is None else f"{entry.key}: {inner}".rstrip())
    if value.is_mapping:
        return f"{{ {', '.join(parts)} }}" if parts else "{}"
    return f"[{', '.join(parts)}]"


def _quoted(leaf: Leaf) -> str:
    """The scalar as it was written; single quotes become double where nothing else changes."""
    text = leaf.text
    inside = text[1:-1]
    is_single = leaf.style == "quoted" and text.startswith("'")
    if is_single and inside.isprintable() and not set(inside) & {"'", '"', "\\"}:
        return f'"{inside}"'
    return text
