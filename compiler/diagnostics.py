"""What the compiler says to an author: one problem, one place, one mend.

Decides the form and the order of diagnostics. Which problems exist is each check's;
`compiler/error_pages.md` has a page for every code.
"""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from pydantic import BaseModel, ConfigDict, computed_field

_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_TAB_WIDTH = 4
_WIDTH = 160


class Diagnostic(BaseModel):
    """One problem at one place; `line` and `column` count from 1 in characters."""

    model_config = ConfigDict(frozen=True)

    path: str
    line: int
    column: int
    code: str
    message: str
    help: str = ""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def severity(self) -> str:
        """`error` for E codes, `warning` for W codes."""
        return "warning" if self.code.startswith("W") else "error"

    @property
    def is_error(self) -> bool:
        """Whether a playbook with this problem is refused."""
        return self.severity == "error"


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
    return next(iter(get_close_matches(word, sorted(known), n=1, cutoff=0.6)), None)


def choice(word: str, known: Iterable[str], *, of: str = "known") -> str:
    """A help text: did you mean the near one, and what is allowed."""
    names = sorted(known)
    meant = near(word, names)
    hint = f"did you mean '{meant}'? " if meant else ""
    listed = ", ".join(names) if names else "none"
    return f"{hint}{of}: {listed}"
