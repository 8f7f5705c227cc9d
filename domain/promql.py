"""Labels in a PromQL query: what an alert says is data there, never part of the query.

Decides how a value is written inside quotes, and which may stand outside of them.
"""

import re
from collections.abc import Mapping

_PLACE = re.compile(r"\{\{\s*labels\s*\.\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_PLAIN = re.compile(r"[A-Za-z0-9_:.]+")
_ESCAPES = str.maketrans(
    {"\\": r"\\", '"': r"\x22", "'": r"\x27", "`": r"\x60", "\n": r"\n", "\r": r"\r"}
)


class UnfitLabelError(ValueError):
    """The query cannot be asked with these labels; the text says which one is in the way."""


def filled(query: str, labels: Mapping[str, str]) -> str:
    """The query with `{{ labels.x }}` replaced by what the label says.

    Raises:
        UnfitLabelError: a label is missing, or would change the query itself.
    """
    parts: list[str] = []
    quote, at = "", 0
    for place in _PLACE.finditer(query):
        before = query[at : place.start()]
        quote = _quote_after(before, quote)
        parts += [before, _value(place[1], labels, quote)]
        at = place.end()
    return "".join([*parts, query[at:]])


def _value(name: str, labels: Mapping[str, str], quote: str) -> str:
    value = labels.get(name)
    if value is None:
        raise UnfitLabelError(f"label '{name}' is missing")
    if not quote and not _PLAIN.fullmatch(value):
        raise UnfitLabelError(f"label '{name}' cannot stand outside quotes in a query")
    if quote == "`" and "`" in value:
        raise UnfitLabelError(f"label '{name}' cannot stand between backticks")
    return value if quote in ("", "`") else value.translate(_ESCAPES)


def _quote_after(text: str, quote: str) -> str:
    """The quote that is open after the text, if one was open before it."""
    skip = False
    for character in text:
        if skip:
            skip = False
        elif quote and quote != "`" and character == "\\":
            skip = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "\"'`":
            quote = character
    return quote
