"""Alertmanager's matchers: how they are written, and what they are here.

Decides what becomes a label with its values, and what a condition. There an absent label
is an empty one, and a regular expression (RE2) takes the whole value.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from domain.patterns import InvalidPatternError, matches_whole

_MATCHER = re.compile(
    r"\s*(?:\"([^\"]+)\"|([A-Za-z_:][\w:.]*))\s*(=~|!=|!~|=)\s*(.*?)\s*\Z", re.DOTALL
)
_LITERAL = re.compile(r"(?:[\w :/@,=<>-]|\\[.\-/])+", re.ASCII)
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
_WORDS_OF_CEL = frozenset({"in", "true", "false", "null"})
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


class Matcher(NamedTuple):
    """One matcher; `op` is `=`, `!=`, `=~` or `!~`."""

    label: str
    op: str
    value: str

    def __str__(self) -> str:
        return f'{self.label}{self.op}"{self.value}"'


def read_matchers(text: str) -> tuple[Matcher, ...]:
    """The matchers of one line: `a="b", c=~"d|e"`. Raises ValueError saying what is wrong."""
    inner = text.strip().removeprefix("{").removesuffix("}")
    return tuple(_matcher(part) for part in _parts(inner) if part.strip())


def _parts(text: str) -> Iterator[str]:
    """What stands between commas outside quotes."""
    start, is_quoted, is_escaped = 0, False, False
    for index, char in enumerate(text):
        if is_escaped:
            is_escaped = False
        elif char == "\\" and is_quoted:
            is_escaped = True
        elif char == '"':
            is_quoted = not is_quoted
        elif char == "," and not is_quoted:
            yield text[start:index]
            start = index + 1
    yield text[start:]


def _matcher(text: str) -> Matcher:
    found = _MATCHER.match(text)
    if not found:
        raise ValueError(f"'{text.strip()}' is no matcher such as severity=\"critical\"")
    value = found[4]
    if value.startswith('"'):
        if len(value) < 2 or not value.endswith('"'):  # noqa: PLR2004
            raise ValueError(f"'{text.strip()}' has an open quote")
        value = re.sub(
            r"\\(.)", lambda each: _ESCAPES.get(each[1], each[0]), value[1:-1], flags=re.DOTALL
        )
    return checked(Matcher(found[1] or found[2], found[3], value))


def checked(matcher: Matcher) -> Matcher:
    """The matcher, if its regular expression is one. Raises ValueError if not."""
    if matcher.op in ("=~", "!~"):
        try:
            matches_whole(matcher.value, "")
        except InvalidPatternError as error:
            raise ValueError(str(error)) from None
    return matcher


def values_of(matcher: Matcher) -> tuple[str, ...] | None:
    """The values that the label may have, if there are only so many; None for all else."""
    if matcher.op == "=" and matcher.value:
        return (matcher.value,)
    if matcher.op != "=~":
        return None
    pattern = matcher.value
    whole = re.fullmatch(r"\^?\((?:\?:)?([^()]*)\)\$?", pattern)
    options = (whole[1] if whole else pattern.removeprefix("^").removesuffix("$")).split("|")
    if not all(_LITERAL.fullmatch(option) for option in options):
        return None
    return tuple(dict.fromkeys(option.replace("\\", "") for option in options))


def condition_of(matcher: Matcher) -> str:
    """The matcher as a condition over `labels`, which may lack the label."""
    there, label = presence(matcher.label)
    match matcher.op:
        case "=" if not matcher.value:
            return f"(!{there} || {label} == '')"
        case "!=" if not matcher.value:
            return f"({there} && {label} != '')"
        case "=":
            return f"({there} && {label} == {literal(matcher.value)})"
        case "!=":
            return f"(!{there} || {label} != {literal(matcher.value)})"
    test = f"{label}.matches({_pattern(matcher.value)})"
    takes_empty = matches_whole(matcher.value, "")
    if matcher.op == "=~":
        return f"(!{there} || {test})" if takes_empty else f"({there} && {test})"
    return f"({there} && !{test})" if takes_empty else f"(!{there} || !{test})"


def is_one_of(label: str, values: Iterable[str]) -> str:
    """The condition that the label has one of these values."""
    there, name = presence(label)
    listed = [literal(value) for value in values]
    if len(listed) == 1:
        return f"({there} && {name} == {listed[0]})"
    return f"({there} && {name} in [{', '.join(listed)}])"


def presence(label: str) -> tuple[str, str]:
    """That the label is there, and the label, in CEL."""
    if _IDENTIFIER.match(label) and label not in _WORDS_OF_CEL:
        return f"has(labels.{label})", f"labels.{label}"
    quoted = literal(label)
    return f"({quoted} in labels)", f"labels[{quoted}]"


def literal(text: str) -> str:
    """The text as a literal of a condition."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{''.join(_visible(char) for char in escaped)}'"


def _visible(char: str) -> str:
    return char if char.isprintable() else f"\\U{ord(char):08x}"


def _pattern(regex: str) -> str:
    """The pattern over the whole value, raw where that can be."""
    whole = rf"\A(?:{regex})\z"
    return f"r'{whole}'" if whole.isprintable() and "'" not in whole else literal(whole)
