"""The parts of a condition: which of them make it false, and which labels it wants first.

Decides where a condition falls apart: at `&&` and `||` outside of brackets and strings, and
never where `? :` stands beside them. Judging each part is `domain.expressions`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.expressions import LONGEST_EXPRESSION, evaluate
from domain.scope import Declared, Scope, without_literals
from domain.values_named import said_of

_OPENS, _CLOSES = "([{", ")]}"


class FalsePart(BaseModel):
    """A part that is false, and what the names in it stand for: `env is 'staging'`."""

    model_config = ConfigDict(frozen=True)

    text: str
    given: str = ""

    def __str__(self) -> str:
        return f"{self.text} ({self.given})" if self.given else self.text


def false_parts(
    condition: str, scope: Scope, values: Mapping[str, Any], declared: Declared = ()
) -> tuple[FalsePart, ...]:
    """Of a condition that is false: the parts of `&&` that are, all of those of `||`."""
    return tuple(
        FalsePart(text=" ".join(part.split()), given=said_of(part, values))
        for part in _false(condition, scope, values, declared)
    )


_TEXT = r"(?:'[^'\\\\]*'|\"[^\"\\\\]*\")"
_WANTED = re.compile(
    rf"\s*labels\.(\w+)\s*(?:==\s*({_TEXT})|in\s*\[\s*({_TEXT}(?:\s*,\s*{_TEXT})*)\s*\])\s*"
)


def leading_labels(condition: str) -> dict[str, frozenset[str]]:
    """The labels whose values a condition asks for before anything else, with those it takes.

    An alert that has such a label with another value makes it false, whatever follows; one
    that lacks the label does not, since then nobody can say. Only `labels.x == 'y'` and
    `labels.x in ['y', 'z']` at the head of a row of `&&` count.
    """
    found: dict[str, frozenset[str]] = {}
    if len(condition) > LONGEST_EXPRESSION // 4 or any(
        True for sign in ("?", "||") for _ in _places(condition, sign)
    ):
        return found
    for part in _split(condition, "&&"):
        wanted = _WANTED.fullmatch(part)
        if wanted is None:
            break
        texts = re.findall(_TEXT, wanted[2] or wanted[3])
        found.setdefault(wanted[1], frozenset(text[1:-1] for text in texts))
    return found


def _false(
    condition: str, scope: Scope, values: Mapping[str, Any], declared: Declared
) -> Iterator[str]:
    text = _unwrapped(condition)
    if any(True for _ in _places(text, "?")):
        yield text
        return
    for operator in ("||", "&&"):
        parts = _split(text, operator)
        if len(parts) > 1:
            false = [one for one in parts if evaluate(one, scope, values, declared).holds is False]
            for part in false:
                yield from _false(part, scope, values, declared)
            return
    yield text


def _split(text: str, operator: str) -> list[str]:
    """The text's parts between this operator, outside of brackets and strings."""
    parts, begin = [], 0
    for place in _places(text, operator):
        parts.append(text[begin:place])
        begin = place + len(operator)
    return [*parts, text[begin:]]


def _places(text: str, wanted: str) -> Iterator[int]:
    """Where this stands outside of brackets and strings."""
    code = without_literals(text)
    depth = 0
    for place, char in enumerate(code):
        if char in _OPENS:
            depth += 1
        elif char in _CLOSES:
            depth -= 1
        elif depth == 0 and code.startswith(wanted, place):
            yield place


def _unwrapped(text: str) -> str:
    """The text without brackets around the whole of it."""
    text = text.strip()
    while text.startswith("(") and text.endswith(")"):
        inner = text[1:-1]
        if not _is_balanced(inner):
            break
        text = inner.strip()
    return text


def _is_balanced(text: str) -> bool:
    depth = 0
    for char in without_literals(text):
        depth += (char == "(") - (char == ")")
        if depth < 0:
            return False
    return depth == 0
