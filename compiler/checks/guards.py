"""What a condition makes sure of before it reads a result of a step.

Decides which parts of a condition are read only where `steps.x.ok` holds, where
`has(steps.x.out)` does, or where an option was chosen. It reads conditions and, with their
words for and, or and not, the code in texts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

Guard = tuple[str, ...]
"""`("ok", step)`, `("has", step, output)` or `("chosen", step, option)`."""

Guards = frozenset[Guard]
NOTHING: Guards = frozenset()

_RESULT = r"steps\s*\.\s*(\w+)\s*\.\s*(\w+)"
_OK = re.compile(rf"{_RESULT}(?:\s*(==|!=)\s*(true|false))?\Z")
_HAS = re.compile(rf"has\s*\(\s*{_RESULT}\s*\)\Z")
_DEFINED = re.compile(rf"{_RESULT}\s+is\s+defined\Z")
_CHOSEN = re.compile(rf"{_RESULT}\s*(==|!=)\s*(['\"])(\w+)\4\Z")
_OPENS, _CLOSES = "([{", ")]}"
_MOST_SIGNS = 60
"""Brackets, negations and choices; a condition with more is taken to guard nothing."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """A part of a condition, from `start` to `end`, and what holds where it is read."""

    start: int
    end: int
    guards: Guards


@dataclass(frozen=True, slots=True)
class Truth:
    """What holds if an expression is true, and what if it is false."""

    if_true: Guards = NOTHING
    if_false: Guards = NOTHING


@lru_cache(maxsize=1024)
def truth_of(expression: str, code: str) -> Truth:
    """What follows from the whole condition; `code` is it without its literals."""
    if _is_too_much(code):
        return Truth()
    return _Reader(expression, code).truth(0, len(code))


@lru_cache(maxsize=1024)
def guarded_parts(expression: str, code: str, known: Guards = NOTHING) -> tuple[Guarded, ...]:
    """The smallest parts of the condition with what guards each of them."""
    if _is_too_much(code):
        return (Guarded(0, len(code), known),)
    return tuple(_Reader(expression, code).parts(0, len(code), known))


def _is_too_much(code: str) -> bool:
    return sum(code.count(sign) for sign in "(!?") > _MOST_SIGNS


class _Reader:
    """Reads the structure of and, or, not and choice; the rest is left alone."""

    def __init__(self, expression: str, code: str) -> None:
        self.text = expression
        self.code = code

    def parts(self, start: int, end: int, known: Guards) -> Iterator[Guarded]:
        """Each part between the two places with what guards it."""
        start, end = self._trimmed(start, end)
        if choice := self._choice(start, end):
            asked, yes, no = choice
            truth = self.truth(*asked)
            yield from self.parts(*asked, known)
            yield from self.parts(*yes, known | truth.if_true)
            yield from self.parts(*no, known | truth.if_false)
            return
        for sign in ("||", "&&"):
            sides = self._split(start, end, sign)
            if len(sides) > 1:
                yield from self._sides(sides, sign, known)
                return
        if self.code[start:end].startswith("!") and start + 1 < end:
            yield from self.parts(start + 1, end, known)
            return
        yield Guarded(start, end, known)

    def _sides(self, sides: list[tuple[int, int]], sign: str, known: Guards) -> Iterator[Guarded]:
        """In CEL the order of the sides does not matter: one that is decided hides errors."""
        truths = [self.truth(*side) for side in sides]
        for index, side in enumerate(sides):
            others = [each for number, each in enumerate(truths) if number != index]
            sure = [each.if_true if sign == "&&" else each.if_false for each in others]
            yield from self.parts(*side, known.union(*sure))

    def truth(self, start: int, end: int) -> Truth:
        """What follows from the part between the two places."""
        start, end = self._trimmed(start, end)
        if self._choice(start, end):
            return Truth()
        for sign in ("||", "&&"):
            sides = self._split(start, end, sign)
            if len(sides) > 1:
                return _joined([self.truth(*side) for side in sides], sign)
        if self.code[start:end].startswith("!") and start + 1 < end:
            inner = self.truth(start + 1, end)
            return Truth(inner.if_false, inner.if_true)
        return _plain(self.text[start:end])

    def _trimmed(self, start: int, end: int) -> tuple[int, int]:
        """The part without the spaces and brackets around all of it."""
        while start < end:
            while start < end and self.code[start].isspace():
                start += 1
            while end > start and self.code[end - 1].isspace():
                end -= 1
            if start < end and self.code[start] == "(" and self._closing(start, end) == end - 1:
                start, end = start + 1, end - 1
                continue
            break
        return start, end

    def _closing(self, start: int, end: int) -> int:
        depth = 0
        for at in range(start, end):
            depth += (self.code[at] in _OPENS) - (self.code[at] in _CLOSES)
            if depth == 0:
                return at
        return -1

    def _split(self, start: int, end: int, sign: str) -> list[tuple[int, int]]:
        """The sides of the sign outside all brackets; the whole where it does not stand."""
        found, depth, begun, at = [], 0, start, start
        while at < end:
            depth += (self.code[at] in _OPENS) - (self.code[at] in _CLOSES)
            if depth == 0 and self.code.startswith(sign, at):
                found.append((begun, at))
                at += len(sign)
                begun = at
                continue
            at += 1
        return [*found, (begun, end)]

    def _choice(self, start: int, end: int) -> tuple[tuple[int, int], ...] | None:
        """Condition, yes and no of `c ? a : b`; None if it is none."""
        asks = self._split(start, end, "?")
        if len(asks) == 1:
            return None
        first, rest = asks[0], asks[1][0]
        sides = self._split(rest, end, ":")
        if len(sides) == 1:
            return None
        nested = self.code[rest : sides[0][1]].count("?")
        middle = sides[min(nested, len(sides) - 2)][1]
        return first, (rest, middle), (middle + 1, end)


def _joined(sides: list[Truth], sign: str) -> Truth:
    all_true = NOTHING.union(*(each.if_true for each in sides))
    all_false = NOTHING.union(*(each.if_false for each in sides))
    some_true = frozenset.intersection(*(each.if_true for each in sides))
    some_false = frozenset.intersection(*(each.if_false for each in sides))
    if sign == "&&":
        return Truth(all_true, some_false)
    return Truth(some_true, all_false)


def _plain(text: str) -> Truth:
    """What a part without and, or and not says of a step."""
    holds: Guards
    if (ok := _OK.match(text)) and ok[2] == "ok":
        holds = frozenset({("ok", ok[1])})
        says_not = (ok[3] == "!=") != (ok[4] == "false")
        return Truth(if_false=holds) if says_not else Truth(if_true=holds)
    if there := _HAS.match(text) or _DEFINED.match(text):
        has: Guard = ("has", there[1], there[2])
        return Truth(if_true=frozenset({has}))
    if (chosen := _CHOSEN.match(text)) and chosen[2] == "chosen":
        holds = frozenset({("chosen", chosen[1], chosen[5])})
        return Truth(if_true=holds) if chosen[3] == "==" else Truth(if_false=holds)
    return Truth()
