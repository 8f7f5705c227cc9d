"""What conditions say of one name each: contradictions, and which condition implies which.

Decides it for comparisons of a name with values written out, joined by && and ||. Any other
part of a condition counts as one that may hold or not, the same wherever it is written alike.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from math import inf

from domain.expressions import LONGEST_EXPRESSION
from domain.scope import without_literals

Literal = str | float | bool
_MOST_WAYS = 64
_MOST_PAIRS = 256
_MOST_SIGNS = 60
"""Brackets, negations and choices; of a condition with more nothing is known but its text."""
_NAME = r"[A-Za-z_]\w*(?:\s*\.\s*\w+)*"
_SUBJECT = rf"(?:{_NAME}|size\s*\(\s*{_NAME}\s*\))"
_VALUE = r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|'[^'\\]*'|\"[^\"\\]*\"|true|false"
_COMPARED = re.compile(rf"(?P<name>{_SUBJECT})\s*(?P<op>[=!<>]=|<|>)\s*(?P<value>{_VALUE})\Z")
_TURNED = re.compile(rf"(?P<value>{_VALUE})\s*(?P<op>[=!<>]=|<|>)\s*(?P<name>{_SUBJECT})\Z")
_ONE_OF = re.compile(rf"(?P<name>{_NAME})\s+in\s+\[(?P<values>[^\[\]]*)\]\Z")
_PLAIN = re.compile(rf"(?P<not>!?)\s*(?P<name>{_NAME})\Z")
_VALUES = re.compile(_VALUE)
_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}
_OPENS, _CLOSES = "([{", ")]}"


@dataclass(frozen=True, slots=True)
class Part:
    """A smallest part of a condition; without `op` nothing is known of it but its text."""

    text: str
    name: str = ""
    op: str = ""
    values: tuple[Literal, ...] = ()

    def allows(self, value: Literal) -> bool:
        """Whether the part holds where its name has this value."""
        match self.op:
            case "in":
                return value in self.values
            case "==":
                return value == self.values[0]
            case "!=":
                return value != self.values[0]
            case _:
                return _orders(value, self.op, self.values[0])


def _orders(one: Literal, op: str, other: Literal) -> bool:
    if not isinstance(one, float) or not isinstance(other, float):
        return False
    return {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[op]


Way = tuple[Part, ...]
"""Parts that hold together; a condition holds if one of its ways does."""


@lru_cache(maxsize=1024)
def ways_of(condition: str) -> tuple[Way, ...]:
    """The ways in which the condition can hold; one opaque part where it is too large."""
    if len(condition) > LONGEST_EXPRESSION:
        return ((Part(_normal(condition)),),)
    code = _masked(condition)
    is_simple = sum(code.count(sign) for sign in "([{!?") <= _MOST_SIGNS
    ways = _ways(condition, code) if is_simple else []
    return tuple(ways) if ways else ((Part(_normal(condition)),),)


def _masked(condition: str) -> str:
    """The condition with its texts made unreadable, but for where they stand."""
    blank = without_literals(condition)
    pairs = zip(condition, blank, strict=True)
    return "".join("_" if new == " " and not old.isspace() else new for old, new in pairs)


def _normal(text: str) -> str:
    return " ".join(text.split())


def _ways(text: str, code: str) -> list[Way]:
    text, code = _unwrapped(text, code)
    if len(_split(code, "?")) > 1:
        return [(_part(text),)]
    sides = _split(code, "||")
    if len(sides) > 1:
        found = [way for start, end in sides for way in _ways(text[start:end], code[start:end])]
        return found if len(found) <= _MOST_WAYS else []
    sides = _split(code, "&&")
    if len(sides) == 1:
        return [(_part(text),)]
    inner = [_ways(text[start:end], code[start:end]) for start, end in sides]
    count = 1
    for each in inner:
        count *= len(each)
    if not 0 < count <= _MOST_WAYS:
        return []
    return [tuple(part for way in chosen for part in way) for chosen in product(*inner)]


def _unwrapped(text: str, code: str) -> tuple[str, str]:
    """Without the spaces and brackets around all of it."""
    while True:
        left = len(code) - len(code.lstrip())
        text, code = text[left:].rstrip(), code[left:].rstrip()
        if not code.startswith("(") or _closing(code) != len(code) - 1:
            return text, code
        text, code = text[1:-1], code[1:-1]


def _closing(code: str) -> int:
    depth = 0
    for at, sign in enumerate(code):
        depth += (sign in _OPENS) - (sign in _CLOSES)
        if depth == 0:
            return at
    return -1


def _split(code: str, sign: str) -> list[tuple[int, int]]:
    """The sides of the sign outside all brackets."""
    found, depth, begun = [], 0, 0
    for at, each in enumerate(code):
        depth += (each in _OPENS) - (each in _CLOSES)
        if depth == 0 and at >= begun and code.startswith(sign, at):
            found.append((begun, at))
            begun = at + len(sign)
    return [*found, (begun, len(code))]


def _part(text: str) -> Part:
    whole = _normal(text)
    if found := _COMPARED.match(whole):
        value = read_literal(found["value"])
        return _compared(whole, found["name"], found["op"], value)
    if found := _TURNED.match(whole):
        value = read_literal(found["value"])
        return _compared(whole, found["name"], _MIRRORED[found["op"]], value)
    if found := _ONE_OF.match(whole):
        values = tuple(read_literal(each) for each in _VALUES.findall(found["values"]))
        return Part(whole, _tight(found["name"]), "in", values)
    if whole in ("true", "false"):
        return Part(whole, "true", "==", (whole == "true",))
    if found := _PLAIN.match(whole):
        return Part(whole, _tight(found["name"]), "==", (not found["not"],))
    return Part(whole)


def _compared(whole: str, name: str, op: str, value: Literal) -> Part:
    if op not in ("==", "!=") and not isinstance(value, float):
        return Part(whole)
    return Part(whole, _tight(name), op, (value,))


def _tight(name: str) -> str:
    return re.sub(r"\s", "", name)


def read_literal(text: str) -> Literal:
    """The value that is written out."""
    if text in ("true", "false"):
        return text == "true"
    return text[1:-1] if text[0] in "'\"" else float(text)


@dataclass(slots=True)
class _Known:
    """What a way says of one name: between which numbers, which values, which not."""

    low: tuple[float, bool] = (-inf, True)
    high: tuple[float, bool] = (inf, True)
    allowed: set[Literal] | None = None
    excluded: set[Literal] = field(default_factory=set)

    def add(self, part: Part) -> None:
        """One more part that holds."""
        if part.op in ("==", "in"):
            values = set(part.values)
            self.allowed = values if self.allowed is None else self.allowed & values
        elif part.op == "!=":
            self.excluded.add(part.values[0])
        else:
            bound, is_open = float(part.values[0]), "=" not in part.op
            if part.op[0] == ">":
                self.low = max(self.low, (bound, is_open))
            else:
                is_less = (bound, not is_open) < (self.high[0], not self.high[1])
                self.high = (bound, is_open) if is_less else self.high

    def _fits(self, value: Literal) -> bool:
        if value in self.excluded:
            return False
        if not isinstance(value, float) or isinstance(value, bool):
            return True
        above = value > self.low[0] or (value == self.low[0] and not self.low[1])
        below = value < self.high[0] or (value == self.high[0] and not self.high[1])
        return above and below

    def values(self) -> list[Literal] | None:
        """Every value that is left, or None where they cannot be counted."""
        if self.allowed is not None:
            return [value for value in self.allowed if self._fits(value)]
        if self.low[0] == self.high[0] and not self.low[1] and not self.high[1]:
            return [self.low[0]] if self._fits(self.low[0]) else []
        return [] if self.low[0] > self.high[0] or self.low[0] == self.high[0] else None

    def implies(self, part: Part) -> bool:
        """Whether every value that is left makes the part hold."""
        left = self.values()
        if left is not None:
            return all(part.allows(value) for value in left)
        if part.op == "!=":
            return not self._fits(part.values[0])
        return part.op[0] in "<>" and self._lies_within(part)

    def _lies_within(self, part: Part) -> bool:
        bound = float(part.values[0])
        match part.op:
            case ">" | ">=":
                return self.low[0] > bound or self.low == (bound, True) or self._from(part)
            case _:
                return self.high[0] < bound or self.high == (bound, True) or self._to(part)

    def _from(self, part: Part) -> bool:
        return part.op == ">=" and self.low[0] == part.values[0]

    def _to(self, part: Part) -> bool:
        return part.op == "<=" and self.high[0] == part.values[0]


def _known(way: Way) -> dict[str, _Known]:
    found: dict[str, _Known] = {}
    for part in way:
        if part.op:
            found.setdefault(part.name, _Known()).add(part)
    found.setdefault("true", _Known(allowed={True})).add(Part("true", "true", "==", (True,)))
    return found


def contradictions(way: Way) -> Iterator[tuple[Part, ...]]:
    """For each name that can have no value: the parts that say so."""
    for name, known in _known(way).items():
        if known.values() == []:
            yield tuple(dict.fromkeys(part for part in way if part.name == name and part.op))


def implies(condition: str, other: str) -> bool:
    """Whether the other condition holds wherever this one does, as far as can be seen."""
    ways, others = ways_of(condition), ways_of(other)
    if len(ways) * len(others) > _MOST_PAIRS:
        return False
    return all(
        any(_covers(way, wider) for wider in others) for way in ways if not any(contradictions(way))
    )


def _covers(way: Way, wider: Way) -> bool:
    """Whether everything in the wider way holds in this one."""
    texts = {part.text for part in way}
    known = _known(way)
    return all(
        part.text in texts
        or (bool(part.op) and part.name in known and known[part.name].implies(part))
        for part in wider
    )
