"""What the compiler says to an author: one problem, one place, one mend.

Decides the form and the order of diagnostics. Which problems exist is each check's;
`compiler/error_pages.md` has a page for every code.
"""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from itertools import groupby, islice
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, computed_field

_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_TAB_WIDTH = 4
_WIDTH = 160

MOST_IN_ONE_FILE = 100
"""Problems that are told of one file; mending them first shows which of the rest are real."""

_LONGEST_SENTENCE = 600
_LONGEST_WORD = 80
_MOST_LISTED = 40
_MOST_COMPARED = 500


def _sentence(text: str) -> str:
    """The text on one line and of a length for people, also where it quotes a file."""
    short = text if len(text) <= _LONGEST_SENTENCE else f"{text[:_LONGEST_SENTENCE]}…"
    if short.isprintable():
        return short
    return "".join(each if each.isprintable() else "\ufffd" for each in short)


Sentence = Annotated[str, AfterValidator(_sentence)]


class Diagnostic(BaseModel):
    """One problem at one place; `line` and `column` count from 1 in characters."""

    model_config = ConfigDict(frozen=True)

    path: str
    line: int
    column: int
    code: str
    message: Sentence
    help: Sentence = ""
    in_tests: bool = Field(default=False, exclude=True, repr=False)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def severity(self) -> str:
        """`error` for E codes, `warning` for W codes."""
        return "warning" if self.code.startswith("W") else "error"

    @property
    def is_error(self) -> bool:
        """Whether it must be mended before the folder is sound."""
        return self.severity == "error"

    @property
    def refuses(self) -> bool:
        """Whether the file is not served because of it; its own tests keep no plan away."""
        return self.is_error and not self.in_tests


def source_lines(text: str) -> list[str]:
    """The text's lines as YAML counts them, without their line breaks."""
    return _LINE_BREAK.split(text)


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics by place; at one place only those of the most basic kind stay.

    One mistake gets one diagnostic: a phone number that was read as a number (E008) is
    not reported once more as a value of the wrong kind (E112).
    """
    distinct = sorted(set(diagnostics), key=_rank)
    kept: list[Diagnostic] = []
    places: dict[tuple[str, int, int], Diagnostic] = {}
    for diagnostic in distinct:
        place = (diagnostic.path, diagnostic.line, diagnostic.column)
        first = places.setdefault(place, diagnostic)
        if first is diagnostic or first.code == diagnostic.code:
            kept.append(diagnostic)
    return tuple(kept)


def cut(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """At most `MOST_IN_ONE_FILE` of each file, errors before warnings, and how many more.

    The diagnostics come in order, and stay so. W012 stands at the first that is left out.
    """
    kept: list[Diagnostic] = []
    for path, group in groupby(diagnostics, key=lambda each: each.path):
        found = list(group)
        if len(found) > MOST_IN_ONE_FILE:
            first = sorted(found, key=lambda each: (not each.refuses, not each.is_error))
            told, left = first[:MOST_IN_ONE_FILE], first[MOST_IN_ONE_FILE:]
            found = sorted([*told, _and_more(path, left)], key=_rank)
        kept += found
    return tuple(kept)


def _and_more(path: str, left: list[Diagnostic]) -> Diagnostic:
    first = min(left, key=_rank)
    errors = sum(each.is_error for each in left)
    counted = f"{len(left)} more problems in this file are not shown, {errors} of them errors"
    return Diagnostic(
        path=path,
        line=first.line,
        column=first.column,
        code="W012",
        message=counted if errors else f"{len(left)} more warnings in this file are not shown",
        help="mend those that are shown first; often they have one cause",
    )


def _rank(diagnostic: Diagnostic) -> tuple[str, int, int, bool, str, str]:
    """Where a diagnostic stands in the report: by place, errors first, then by code."""
    return (
        diagnostic.path,
        diagnostic.line,
        diagnostic.column,
        not diagnostic.is_error,
        diagnostic.code,
        diagnostic.message,
    )


def rendered(diagnostic: Diagnostic, lines: list[str] | None) -> str:
    """The problem as people read it: place and text, the source line, a caret, the help."""
    at = f"{diagnostic.path}:{diagnostic.line}:{diagnostic.column}"
    parts = [f"{at}: {diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}"]
    if lines and 1 <= diagnostic.line <= len(lines):
        shown, caret = _excerpt(lines[diagnostic.line - 1], diagnostic.column)
        parts.append(f"  {shown}".rstrip())
        parts.append(f"  {' ' * caret}^")
    if diagnostic.help:
        parts.append(f"help: {diagnostic.help}")
    return "\n".join(parts)


def _excerpt(line: str, column: int) -> tuple[str, int]:
    """The part of the line around the column as it can be printed, and where the caret goes."""
    start = max(0, column - 1 - _WIDTH // 2) if len(line) > _WIDTH else 0
    shown = line[start : start + _WIDTH]
    printable = "".join(each if each.isprintable() or each == "\t" else "\ufffd" for each in shown)
    before = printable[: column - 1 - start].expandtabs(_TAB_WIDTH)
    return printable.expandtabs(_TAB_WIDTH), len(before)


def report(diagnostics: Iterable[Diagnostic], files: Mapping[str, str]) -> str:
    """All problems one below the other; `files` gives the source text by path."""
    lines = {path: source_lines(text) for path, text in files.items()}
    return "\n".join(rendered(found, lines.get(found.path)) for found in diagnostics)


def near(word: str, known: Iterable[str]) -> str | None:
    """The known word that the author most likely meant, or None if none is close."""
    return _nearest(word, tuple(sorted(known))) if len(word) <= _LONGEST_WORD else None


@lru_cache(maxsize=1024)
def _nearest(word: str, known: tuple[str, ...]) -> str | None:
    if len(known) > _MOST_COMPARED:
        alike = (each for each in known if each[:1] == word[:1])
        known = tuple(islice(alike, _MOST_COMPARED))
    return next(iter(get_close_matches(word, known, n=1, cutoff=0.6)), None)


def listed(names: Iterable[str]) -> str:
    """The names in order, with commas; of very many the first."""
    ordered = sorted(names)
    shown = ", ".join(ordered[:_MOST_LISTED])
    more = len(ordered) - _MOST_LISTED
    return f"{shown} and {more} more" if more > 0 else shown or "none"


def choice(word: str, known: Iterable[str], *, of: str = "known") -> str:
    """A help text: did you mean the near one, and what is allowed."""
    names = tuple(known)
    meant = near(word, names)
    hint = f"did you mean '{meant}'? " if meant else ""
    return f"{hint}{of}: {listed(names)}"
