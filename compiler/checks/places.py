"""Where conditions, expressions and texts stand in a playbook, at any depth.

Decides for each place what it may see, and what it must give. Judging what stands there is
`domain.expressions` and `domain.templates`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from compiler.nodes import Loc, Mapping, Scalar
from compiler.steps_written import StepWritten, step_at
from compiler.subject import Subject
from domain.scope import TYPE_NAMES, Scope
from domain.values import ValueType

Use = Literal["condition", "value", "text"]


@dataclass(frozen=True, slots=True)
class Place:
    """One condition, expression or text; `step` is the one it stands in.

    An expression gives a value of the type `wanted`; `read` allows a text of it.
    """

    loc: Loc
    scalar: Scalar
    use: Use
    scope: Scope = Scope.INCIDENT
    step: StepWritten | None = None
    wanted: ValueType = "string"
    read: bool = True

    @property
    def sees_results(self) -> bool:
        """Whether results of steps have a value here."""
        return self.step is not None or self.loc[:1] == ("outputs",)


_OUTSIDE: tuple[tuple[Loc, Use, Scope], ...] = (
    (("triggers", "*", "alert", "when"), "condition", Scope.TRIGGER),
    (("severity", "rules", "*", "when"), "condition", Scope.INCIDENT),
    (("escalation", "criteria", "*", "when"), "condition", Scope.INCIDENT),
    (("roles", "*", "pick", "*", "when"), "condition", Scope.INCIDENT),
    (("mitigated", "when"), "condition", Scope.INCIDENT),
    (("resolve", "when"), "condition", Scope.INCIDENT),
    (("facts", "*", "first"), "value", Scope.TRIGGER),
    (("facts", "*", "alert"), "value", Scope.TRIGGER),
    (("outputs", "*", "value"), "value", Scope.INCIDENT),
    (("title",), "text", Scope.INCIDENT),
    (("dedup", "key"), "text", Scope.TRIGGER),
    (("facts", "*", "http", "url"), "text", Scope.INCIDENT),
)
_INSIDE: tuple[tuple[Loc, Use], ...] = (
    (("when",), "condition"),
    (("decide", "options", "*", "suggest_when"), "condition"),
    (("wait_for", "when"), "condition"),
    (("for_each", "in"), "value"),
    (("notify", "text"), "text"),
    (("ask", "question"), "text"),
    (("decide", "question"), "text"),
    (("decide", "options", "*", "label"), "text"),
    (("http", "url"), "text"),
    (("http", "headers", "*"), "text"),
    (("http", "body"), "text"),
    (("http", "idempotency_key"), "text"),
)
_DEEP: tuple[Loc, ...] = (("http", "json"), ("with",), ("playbook", "with"))
"""Below these every text counts."""

_FIRST = frozenset(pattern[0] for pattern, *_ in _OUTSIDE)
_LAST = frozenset(pattern[-1] for pattern, *_ in (*_OUTSIDE, *_INSIDE))
_HEADERS: Loc = ("http", "headers")


def places_of(subject: Subject) -> tuple[Place, ...]:
    """Every condition, expression and text of the playbook, in the order of the file."""
    return subject.once("places", lambda: _places_of(subject))


def _places_of(subject: Subject) -> Iterator[Place]:
    by_loc = {step.loc: step for step in subject.steps()}
    for loc, scalar in subject.scalars():
        if not isinstance(scalar.value, str):
            continue
        if loc[0] == "steps":
            place = _inside(loc, scalar, step_at(loc, by_loc))
        else:
            place = _outside(subject, loc, scalar) if loc[0] in _FIRST else None
        if place is not None and not (place.use == "condition" and _is_torn(subject, loc)):
            yield place


def _outside(subject: Subject, loc: Loc, scalar: Scalar) -> Place | None:
    for pattern, use, scope in _OUTSIDE if loc[-1] in _LAST else ():
        if _fits(pattern, loc):
            wanted = _type_beside(subject, loc) if use == "value" else "string"
            return Place(loc, scalar, use, scope, wanted=wanted)
    return None


def _inside(loc: Loc, scalar: Scalar, step: StepWritten | None) -> Place | None:
    if step is None:
        return None
    rest = loc[len(step.loc) :]
    may_fit = loc[-1] in _LAST or rest[:2] == _HEADERS
    for pattern, use in _INSIDE if may_fit else ():
        if _fits(pattern, rest):
            is_list = use == "value"
            wanted: ValueType = "list" if is_list else "string"
            return Place(loc, scalar, use, step=step, wanted=wanted, read=not is_list)
    if any(rest[: len(start)] == start for start in _DEEP):
        return Place(loc, scalar, "text", step=step)
    return None


def _fits(pattern: Loc, loc: Loc) -> bool:
    return (
        len(pattern) == len(loc)
        and pattern[-1] in ("*", loc[-1])
        and all(wanted in ("*", step) for wanted, step in zip(pattern, loc, strict=True))
    )


def _type_beside(subject: Subject, loc: Loc) -> ValueType:
    """The `type` that stands beside the expression; a text where none can be read."""
    node = subject.node((*loc[:-1], "type"))
    written = node.text if isinstance(node, Scalar) else ""
    return next((name for name in TYPE_NAMES.values() if name == written), "string")


def _is_torn(subject: Subject, loc: Loc) -> bool:
    """Whether a comma inside `{ }` cut the condition; its rest is reported as a field."""
    parent = subject.node(loc[:-1])
    entries = parent.entries if isinstance(parent, Mapping) else ()
    return any(isinstance(value, Scalar) and value.value is None for _, value in entries)
