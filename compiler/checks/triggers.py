"""Checks what a trigger's condition relies on (W310).

Decides which labels and annotations a condition reads without knowing that the sender
sends them; what each always sends is `domain.senders`. Such a trigger counts as matching,
since failing to page is worse; that may be far more alerts than its author meant.
"""

import re
from collections.abc import Iterator

from compiler.condition_logic import ways_of
from compiler.diagnostics import Diagnostic
from compiler.nodes import Loc, Mapping, Scalar
from compiler.subject import Subject
from domain.scope import without_literals
from domain.senders import Field, is_always_sent, senders_of

_READ = re.compile(r"\b(?:alert\s*\.\s*)?(labels|annotations)\s*\.\s*(\w+)")
_GUARD = re.compile(r"\bhas\s*\(\s*(?:alert\s*\.\s*)?(labels|annotations)\s*\.\s*(\w+)\s*\)")
_IN = re.compile(r"['\"](\w+)['\"]\s+in\s+(?:alert\s*\.\s*)?(labels|annotations)\b")


def check_triggers(subject: Subject) -> Iterator[Diagnostic]:
    """Every name that a trigger's condition takes for granted, where it is first read."""
    for loc, scalar in subject.scalars():
        if len(loc) == _DEPTH and (loc[0], loc[2], loc[3]) == ("triggers", "alert", "when"):
            yield from _taken_for_granted(subject, loc, scalar)


_DEPTH = len(("triggers", 0, "alert", "when"))


def _taken_for_granted(subject: Subject, loc: Loc, scalar: Scalar) -> Iterator[Diagnostic]:
    matched = _matched(subject, loc)
    required = {("labels", name) for name in matched}
    senders = _senders(scalar.text) or senders_of(matched)
    guarded = {(found[1], found[2]) for found in _GUARD.finditer(scalar.text)}
    guarded |= {(found[2], found[1]) for found in _IN.finditer(scalar.text)}
    known = required | guarded
    for found in _READ.finditer(without_literals(scalar.text)):
        name = (found[1], found[2])
        if name in known:
            continue
        known.add(name)
        kind, field, mend = _KINDS[found[1]]
        if is_always_sent(field, found[2], senders):
            continue
        message = f"an alert without the {kind} '{found[2]}' counts as matching this trigger"
        if len(senders) == 1:
            lacking = f"{next(iter(senders))} need not send the {kind} '{found[2]}'"
            message = f"{lacking}: without it an alert counts as matching this trigger"
        help_text = mend.format(name=found[2])
        yield subject.mark(scalar.place_of(found.start(2)), "W310", message, help_text)


def _senders(condition: str) -> frozenset[str]:
    """Who can have sent an alert for which the condition holds; none where it does not say."""
    found: set[str] = set()
    for way in ways_of(condition):
        said = [part for part in way if part.name == "alert.source" and part.op in ("==", "in")]
        if not said:
            return frozenset()
        found |= {str(value) for value in said[0].values}
    return frozenset(found)


_KINDS: dict[str, tuple[str, Field, str]] = {
    "labels": ("label", "labels", "guard it: has(labels.{name}) && …, or require it in match"),
    "annotations": (
        "annotation",
        "annotations",
        "guard it: has(alert.annotations.{name}) && …",
    ),
}


def _matched(subject: Subject, loc: Loc) -> set[str]:
    """The labels that the same trigger's `match` requires."""
    match = subject.node((*loc[:-1], "match"))
    entries = match.entries if isinstance(match, Mapping) else ()
    return {str(key.text) for key, _ in entries}
