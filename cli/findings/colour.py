"""The text form with colours, for terminals; without its colours it is the plain text.

Decides which part has which colour, and whether a stream gets any: what the author says
first, then NO_COLOR, then FORCE_COLOR, then whether it is a terminal that can show them.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TextIO

from compiler.diagnostics import Diagnostic, rendered, source_lines

_RESET = "\x1b[0m"
_BOLD = "\x1b[1m"
_CODES = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m"}
_CARET = "\x1b[1;32m"
_HELP = "\x1b[1;36m"


class Colour(StrEnum):
    """What the author says about colours."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


def wants_colour(said: Colour, stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether what is written to the stream is coloured."""
    if said is not Colour.AUTO:
        return said is Colour.ALWAYS
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return stream.isatty() and environment.get("TERM") != "dumb"


def coloured_report(diagnostics: Iterable[Diagnostic], files: Mapping[str, str]) -> str:
    """All problems one below the other; `files` gives the source text by path."""
    lines = {path: source_lines(text) for path, text in files.items()}
    return "\n".join(_coloured(found, lines.get(found.path)) for found in diagnostics)


def _coloured(found: Diagnostic, lines: list[str] | None) -> str:
    """The plain text of the problem, its parts painted."""
    plain = rendered(found, lines)
    place = f"{found.path}:{found.line}:{found.column}:"
    kind = f"{found.severity}[{found.code}]"
    head = f"{place} {kind}: {found.message}"
    painted = f"{_BOLD}{place}{_RESET} {_paint(kind, _CODES[found.severity])}: {found.message}"
    rest = plain[len(head) :].split("\n")
    if len(rest) > 2 and rest[2].strip() == "^":  # noqa: PLR2004  # the line below the source
        rest[2] = rest[2].replace("^", _paint("^", _CARET))
    help_at = len(rest) - 1 - found.help.count("\n")
    if found.help and rest[help_at].startswith("help:"):
        rest[help_at] = _paint("help:", _HELP) + rest[help_at].removeprefix("help:")
    return painted + "\n".join(rest)


def _paint(text: str, colour: str) -> str:
    return f"{colour}{text}{_RESET}"
