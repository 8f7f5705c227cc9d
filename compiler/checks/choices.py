"""Checks what names with a fixed choice of values are compared with (E312).

Decides which values a name can have: a fact's, parameter's or answer's `one_of`, the options
of a decision, the severities and phases of incidents.
"""

import re
from collections.abc import Iterator, Mapping

from compiler.checks.places import Place, places_of
from compiler.condition_logic import read_literal
from compiler.diagnostics import Diagnostic, choice
from compiler.nodes import Listing, Node, Scalar
from compiler.nodes import Mapping as MappingNode
from compiler.subject import Subject
from domain.expressions import LONGEST_EXPRESSION
from domain.incident.view import Phase
from domain.scope import Scope, without_literals
from domain.severity import Severity

_TEXT = r"'[^'\\\n]*'|\"[^\"\\\n]*\""
_NAME = (
    r"(?<![\w.'\"])(?P<name>(?:facts|params|incident|alert)\s*\.\s*\w+|steps\s*\.\s*\w+\s*\.\s*\w+)"
)
_AFTER = re.compile(rf"{_NAME}\s*[=!]=\s*(?P<values>{_TEXT})")
_BEFORE = re.compile(rf"(?P<values>{_TEXT})\s*[=!]=\s*{_NAME}(?!\s*\()")
_ONE_OF = re.compile(rf"{_NAME}\s+in\s+\[(?P<values>[^\[\]]*)\]")
_TEXTS = re.compile(_TEXT)

Choices = Mapping[str, tuple[str, ...]]


def check_choices(subject: Subject) -> Iterator[Diagnostic]:
    """Each text that a name is compared with and can never be."""
    allowed = subject.once("choices", lambda: [_choices(subject)])[0]
    for place in places_of(subject):
        if place.use == "condition" and len(place.scalar.text) <= LONGEST_EXPRESSION:
            yield from _compared(subject, place, allowed)


def _compared(subject: Subject, place: Place, allowed: Choices) -> Iterator[Diagnostic]:
    text = place.scalar.text
    code = without_literals(text)
    for pattern in (_AFTER, _BEFORE, _ONE_OF):
        for found in pattern.finditer(text):
            name = re.sub(r"\s", "", found["name"])
            is_code = not code[found.start("name")].isspace()
            known = allowed.get(name) if is_code else None
            if known is None or (place.scope is Scope.TRIGGER) != name.startswith("alert."):
                continue
            for value in _TEXTS.finditer(found["values"]):
                word = str(read_literal(value.group()))
                if word not in known:
                    at = found.start("values") + value.start()
                    message = f"{name} is never '{word}'"
                    help_text = choice(word, known, of="it is one of")
                    yield subject.mark(place.scalar.place_of(at), "E312", message, help_text)


def _choices(subject: Subject) -> Choices:
    """The values of each name that has a fixed choice of texts."""
    found: dict[str, tuple[str, ...]] = {
        "incident.severity": tuple(Severity),
        "incident.phase": tuple(Phase),
        "alert.status": ("firing", "resolved"),
    }
    for section in ("facts", "params"):
        node = subject.root.get(section)
        for key, each in node.entries if isinstance(node, MappingNode) else ():
            if isinstance(each, MappingNode):
                found[f"{section}.{key.text}"] = _texts(each.get("one_of"))
    for step in subject.steps():
        if step.kind == "ask":
            found[f"steps.{step.id}.answer"] = _texts(step.at("ask", "one_of"))
        if step.kind == "decide":
            options = step.at("decide", "options")
            keys = options.entries if isinstance(options, MappingNode) else ()
            found[f"steps.{step.id}.chosen"] = tuple(key.text for key, _ in keys)
    return {name: values for name, values in found.items() if values}


def _texts(node: Node | None) -> tuple[str, ...]:
    """The texts of a list; none where anything else is in it."""
    items = node.items if isinstance(node, Listing) else ()
    texts = [each.value for each in items if isinstance(each, Scalar)]
    return (
        tuple(each for each in texts if isinstance(each, str)) if len(texts) == len(items) else ()
    )
