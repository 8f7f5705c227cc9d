"""Takes sections and tickable lines out of Markdown runbooks.

Decides what `runbooks/x.md#heading` means: the heading whose GitHub anchor matches, up to
the next heading of the same or a higher level.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from pydantic import BaseModel, ConfigDict

from domain.plan_steps import ChecklistItem

LONGEST_TEXT = 8192
"""Bytes of a section that travel in a plan."""

MOST_ITEMS = 200
"""Lines that one checklist may have."""

_LARGEST = 1024 * 1024
"""Characters of a runbook that is read."""

_HEADING = re.compile(r" {0,3}(#{1,6})\s(.*)\Z", re.DOTALL)
_FENCE = re.compile(r"\s*(```|~~~)")
_ITEM = re.compile(r"\s*[-*+]\s+\[[ xX]\]\s(.*)\Z", re.DOTALL)
_LONGEST_ITEM_ID = 40


class Section(BaseModel):
    """A part of a runbook, and the anchors that the file has."""

    model_config = ConfigDict(frozen=True)

    text: str
    sha256: str


class Missing(BaseModel):
    """Why there is no such section; `known` are the files or anchors that exist."""

    model_config = ConfigDict(frozen=True)

    message: str
    word: str
    known: tuple[str, ...]
    offset: int = 0
    help: str = "there are none"


def find_section(source: str, files: Mapping[str, str]) -> Section | Missing:
    """The section that `path#heading` names; without a heading the whole file."""
    path, _, anchor = source.partition("#")
    text = files.get(path)
    if text is None:
        known = tuple(sorted(each for each in files if each.endswith(".md")))
        return Missing(message=f"no such file '{path}'", word=path, known=known)
    if len(text) > _LARGEST:
        return Missing(message=f"'{path}' is larger than 1 MiB", word=path, known=(), help=_SPLIT)
    odd = _no_text(text)
    if odd:
        return Missing(
            message=f"'{path}' is no UTF-8 text in line {odd}", word=path, known=(), help=_SAVE
        )
    found = _section_at(text, anchor)
    if found is not None:
        return found
    headings = _outline(text)[1]
    message = f"no heading '#{anchor}' in {path}"
    known = tuple(slug for _, _, slug in headings)
    return Missing(message=message, word=anchor, known=known, offset=len(path) + 1)


_SPLIT = "split it: a runbook for each kind of incident"
_SAVE = "save the file as UTF-8 text"


@lru_cache(maxsize=256)
def _no_text(text: str) -> int:
    """The line with a byte that is no text, or 0."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return text.count("\n", 0, error.start) + 1
    return 0


@lru_cache(maxsize=256)
def _section_at(text: str, anchor: str) -> Section | None:
    if not anchor:
        return _section(text)
    lines, headings = _outline(text)
    for index, (line, level, slug) in enumerate(headings):
        if slug == anchor:
            later = headings[index + 1 :]
            end = next((other for other, depth, _ in later if depth <= level), len(lines))
            return _section("\n".join(lines[line:end]))
    return None


@lru_cache(maxsize=256)
def items_of(text: str) -> tuple[ChecklistItem, ...]:
    """The tickable `- [ ]` lines as items; ids come from their words.

    Of more than `MOST_ITEMS` one more is given, so that it can be told.
    """
    taken: set[str] = set()
    items = []
    for line in _outside_fences(text.splitlines()):
        found = _ITEM.match(line[1])
        said = found[1].strip() if found else ""
        if said:
            items.append(ChecklistItem(id=item_id_of(said, taken), text=said))
        if len(items) > MOST_ITEMS:
            break
    return tuple(items)


def item_id_of(text: str, taken: set[str]) -> str:
    """An id made of the text's words that is not taken; it is taken afterwards."""
    words = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:_LONGEST_ITEM_ID].strip("_")
    stem = words if re.match(r"[a-z]", words) else f"item_{words}".strip("_")
    found, count = stem, 1
    while found in taken:
        count += 1
        found = f"{stem}_{count}"
    taken.add(found)
    return found


@lru_cache(maxsize=256)
def _outline(text: str) -> tuple[list[str], list[tuple[int, int, str]]]:
    """The file's lines, and its headings; many playbooks ask for the same file."""
    lines = text.splitlines()
    return lines, list(_headings(lines))


def _section(text: str) -> Section:
    trimmed = text.strip() + "\n"
    digest = hashlib.sha256(trimmed.encode(errors="replace")).hexdigest()
    return Section(text=trimmed, sha256=digest)


def shown(text: str) -> str:
    """The text, cut to what travels in a plan; an ellipsis says so."""
    whole = text.encode(errors="replace")
    if len(whole) <= LONGEST_TEXT:
        return text
    return whole[: LONGEST_TEXT - 3].decode(errors="ignore") + "…"


def _outside_fences(lines: list[str]) -> Iterator[tuple[int, str]]:
    """The lines with their numbers that are no code."""
    fence = ""
    for number, line in enumerate(lines):
        mark = _FENCE.match(line)
        if mark and (not fence or mark[1] == fence):
            fence = "" if fence else mark[1]
        elif not fence:
            yield number, line


def _headings(lines: list[str]) -> Iterator[tuple[int, int, str]]:
    """Line, level and anchor of each heading; a repeated anchor is numbered as on GitHub."""
    seen: dict[str, int] = {}
    for number, line in _outside_fences(lines):
        found = _HEADING.match(line)
        if found:
            words = found[2].strip().rstrip("#").lower()
            slug = re.sub(r"[^\w\- ]", "", words).strip().replace(" ", "-")
            count = seen.get(slug, 0)
            seen[slug] = count + 1
            yield number, len(found[1]), f"{slug}-{count}" if count else slug
