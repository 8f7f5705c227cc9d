"""The page of every error code, as `watchbill explain-error` prints it.

Decides where the pages live: `compiler/error_pages.md`, of which `docs/errors.md` is a
copy that a test keeps equal.
"""

import re
from functools import cache
from importlib.resources import files

_SECTION = re.compile(r"^## ([EW]\d{3})\b", re.MULTILINE)


@cache
def whole_text() -> str:
    """All pages, as Markdown."""
    return files("compiler").joinpath("error_pages.md").read_text(encoding="utf-8")


@cache
def _pages() -> dict[str, str]:
    text = whole_text()
    starts = [(found[1], found.start()) for found in _SECTION.finditer(text)]
    ends = [start for _, start in starts[1:]] + [len(text)]
    return {code: text[start:end].strip() for (code, start), end in zip(starts, ends, strict=True)}


def codes() -> tuple[str, ...]:
    """Every code that has a page."""
    return tuple(_pages())


def page_of(code: str) -> str | None:
    """The code's page, or None if there is no such code."""
    return _pages().get(code)
