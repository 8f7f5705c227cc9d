"""Which results of steps a condition or a text names, and what guards each of them.

Decides it for conditions as CEL reads them, and for texts with their `{% if %}`, their
`a if b else c` and `| default(…)`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from compiler.checks.guards import NOTHING, Guards, Truth, guarded_parts, truth_of
from domain.scope import without_literals
from domain.template_rules import code_blocks

_NAME = re.compile(r"(?<![\w.])steps\s*\.\s*(\w+)(?:\s*\.\s*(\w+))?")
_DEFAULTS = re.compile(r"(?:\s*\|\s*(?:percent|duration|time|date)\b)*\s*\|\s*default\b")
"""Other filters cannot take what is missing, or make a text of it."""
_ASKS_ONLY = re.compile(r"\s+is\s+(?:not\s+)?(?:un)?defined\b")
_HAS = re.compile(r"\bhas\s*\(\s*\Z")
_WORDS = ((r"\band\b", "&& "), (r"\bor\b", "||"), (r"\bnot\b", "!  "))
_INLINE = re.compile(r"\bif\b(.*?)(?:\belse\b(.*))?\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Named:
    """One result that is named: where, of which step, and what holds there.

    `asks_only` where it is asked whether it is there, or another text stands in for it.
    """

    offset: int
    step: str
    output: str
    guards: Guards
    asks_only: bool = False


def named_in_condition(expression: str, known: Guards = NOTHING) -> Iterator[Named]:
    """Every result that the condition names."""
    if "steps" in expression:
        code = _masked(expression)
        yield from _named(expression, code, 0, known)


def condition_holds(expression: str) -> Guards:
    """What is sure wherever the condition holds."""
    if "steps" not in expression:
        return NOTHING
    return truth_of(expression, _masked(expression)).if_true


def _masked(expression: str) -> str:
    """The expression with its literals made unreadable, but for where they begin and end."""
    blank = without_literals(expression)
    pairs = zip(expression, blank, strict=True)
    return "".join("_" if new == " " and not old.isspace() else new for old, new in pairs)


def _named(text: str, code: str, start: int, known: Guards) -> Iterator[Named]:
    for part in guarded_parts(text, code, known):
        for found in _NAME.finditer(code, part.start, part.end):
            asks_only = bool(
                _HAS.search(code, 0, found.start())
                or _DEFAULTS.match(code, found.end())
                or _ASKS_ONLY.match(code, found.end())
            )
            yield Named(start + found.start(), found[1], found[2] or "", part.guards, asks_only)


@dataclass(frozen=True, slots=True)
class _Open:
    """An `if` or `for` that is open: what holds in it now, and what in its `else`."""

    now: Guards = NOTHING
    otherwise: Guards = NOTHING


def named_in_text(template: str, known: Guards = NOTHING) -> Iterator[Named]:
    """Every result that the text names."""
    if "steps" not in template:
        return
    stack: list[_Open] = []
    for offset, code, is_statement in code_blocks(template):
        text = template[offset : offset + len(code)]
        around = known.union(*(each.now for each in stack))
        if is_statement:
            yield from _statement(stack, _Code(text, code, offset), known)
        else:
            yield from _expression(_Code(text, code, offset), around)


def _statement(stack: list[_Open], block: "_Code", known: Guards) -> Iterator[Named]:
    """What the statement names; it opens, turns or closes a part of the text."""
    word, rest = block.word()
    outside = known.union(*(each.now for each in stack[:-1]))
    inside = known.union(*(each.now for each in stack))
    match word:
        case "if":
            yield from rest.named(inside)
            truth = rest.truth()
            stack.append(_Open(now=truth.if_true, otherwise=truth.if_false))
        case "for":
            yield from rest.named(inside)
            stack.append(_Open())
        case "elif" if stack:
            before = stack[-1].otherwise
            yield from rest.named(outside | before)
            truth = rest.truth()
            stack[-1] = _Open(now=before | truth.if_true, otherwise=before | truth.if_false)
        case "else" if stack:
            stack[-1] = _Open(now=stack[-1].otherwise)
        case "endif" | "endfor" if stack:
            stack.pop()
        case _:
            pass


def _expression(block: "_Code", around: Guards) -> Iterator[Named]:
    """What `{{ a if b else c }}`, or a plain expression, names."""
    inline = _INLINE.search(block.code)
    if inline is None:
        yield from block.named(around)
        return
    asked = block.part(*inline.span(1))
    truth = asked.truth()
    yield from block.part(0, inline.start()).named(around | truth.if_true)
    yield from asked.named(around)
    if inline[2] is not None:
        yield from block.part(*inline.span(2)).named(around | truth.if_false)


class _Code:
    """A piece of a text's code, with the signs of conditions for its words."""

    def __init__(self, text: str, code: str, offset: int) -> None:
        self.text = _as_condition(text)
        self.code = _as_condition(code)
        self.offset = offset

    def part(self, start: int, end: int) -> "_Code":
        """From one place of it to another."""
        return _Code(self.text[start:end], self.code[start:end], self.offset + start)

    def word(self) -> tuple[str, "_Code"]:
        """Its first word, and the rest."""
        found = re.match(r"\W*(\w+)", self.code)
        end = found.end() if found else 0
        return found[1] if found else "", self.part(end, len(self.code))

    def named(self, known: Guards) -> Iterator[Named]:
        """Every result that it names."""
        return _named(self.text, self.code, self.offset, known)

    def truth(self) -> Truth:
        """What follows from it as a condition."""
        return truth_of(self.text.rstrip(" -+"), self.code.rstrip(" -+"))


def _as_condition(code: str) -> str:
    """The code with the signs of conditions for its words, every offset unchanged."""
    for word, sign in _WORDS:
        code = re.sub(word, sign, code)
    return code
