"""Checks every condition and every text with names in it (E3xx).

Decides where conditions and texts stand in a playbook and what they may see. Judging
them is `domain.expressions` and `domain.templates`.
"""

from collections.abc import Callable, Iterator

from compiler.diagnostics import Diagnostic
from compiler.nodes import Loc, Mapping, Scalar
from compiler.subject import Subject
from domain import expressions, templates
from domain.scope import Scope
from domain.unknown_names import Problem

_CONDITIONS: tuple[tuple[Loc, Scope], ...] = (
    (("triggers", "*", "alert", "when"), Scope.TRIGGER),
    (("severity", "rules", "*", "when"), Scope.INCIDENT),
    (("escalation", "criteria", "*", "when"), Scope.INCIDENT),
    (("roles", "*", "pick", "*", "when"), Scope.INCIDENT),
    (("steps", "*", "when"), Scope.INCIDENT),
    (("mitigated", "when"), Scope.INCIDENT),
    (("resolve", "when"), Scope.INCIDENT),
)
_TEXTS: tuple[tuple[Loc, Scope], ...] = (
    (("title",), Scope.INCIDENT),
    (("dedup", "key"), Scope.TRIGGER),
    (("steps", "*", "notify", "text"), Scope.INCIDENT),
)
_LAST = frozenset(pattern[-1:] for pattern, _ in (*_CONDITIONS, *_TEXTS))


def check_conditions(subject: Subject) -> Iterator[Diagnostic]:
    """What is wrong with the playbook's conditions and texts, at the very character."""
    for loc, scalar in subject.scalars():
        if not isinstance(scalar.value, str) or loc[-1:] not in _LAST:
            continue
        scope = _scope_of(loc, _CONDITIONS)
        if scope is not None and not _is_torn(subject, loc):
            yield from _problems(subject, scalar, scope, expressions.check)
        scope = _scope_of(loc, _TEXTS)
        if scope is not None:
            yield from _problems(subject, scalar, scope, templates.check)


def _is_torn(subject: Subject, loc: Loc) -> bool:
    """Whether a comma inside `{ }` cut the condition; its rest is reported as a field."""
    parent = subject.node(loc[:-1])
    entries = parent.entries if isinstance(parent, Mapping) else ()
    return any(isinstance(value, Scalar) and value.value is None for _, value in entries)


def _scope_of(loc: Loc, places: tuple[tuple[Loc, Scope], ...]) -> Scope | None:
    """The scope of the place that the location matches, or None if it matches none."""
    for pattern, scope in places:
        if len(pattern) == len(loc) and all(
            wanted in ("*", step) for wanted, step in zip(pattern, loc, strict=True)
        ):
            return scope
    return None


def _problems(
    subject: Subject,
    scalar: Scalar,
    scope: Scope,
    check: Callable[[str, Scope], tuple[Problem, ...]],
) -> Iterator[Diagnostic]:
    for problem in check(scalar.text, scope):
        mark = scalar.place_of(problem.offset)
        yield subject.mark(mark, problem.code, problem.message, problem.help)
