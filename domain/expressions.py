"""Conditions (CEL): checked when a playbook compiles, judged when it runs.

Decides whether a condition is sound and whether it holds; the only module that knows
cel-expr-python. A condition that cannot be evaluated is never a silent False: the
verdict is None and says why. The library bounds nesting (32) and loop iterations; the
length is bounded here.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cel_expr_python import cel
from pydantic import BaseModel, ConfigDict

from domain.alert import moment_of
from domain.cel_errors import problems_in
from domain.scope import (
    NAMES,
    Declared,
    Kind,
    Problem,
    Scope,
    incident_values,
    trigger_values,
    without_literals,
)

__all__ = [
    "LONGEST_EXPRESSION",
    "Problem",
    "Scope",
    "Verdict",
    "check",
    "evaluate",
    "incident_values",
    "trigger_values",
]

LONGEST_EXPRESSION = 4096
"""Bytes of one condition; more is refused, so that judging it stays bounded."""


class Verdict(BaseModel):
    """Whether a condition holds; None means it cannot be evaluated, and `why` says why."""

    model_config = ConfigDict(frozen=True)

    holds: bool | None
    why: str = ""


_TYPES: dict[Kind, Any] = {
    "text": cel.Type.STRING,
    "int": cel.Type.INT,
    "double": cel.Type.DOUBLE,
    "bool": cel.Type.BOOL,
    "list": cel.Type.List(cel.Type.STRING),
    "moment": cel.Type.TIMESTAMP,
    "duration": cel.Type.DURATION,
    "text_map": cel.Type.Map(cel.Type.STRING, cel.Type.STRING),
    "lists_map": cel.Type.Map(cel.Type.STRING, cel.Type.List(cel.Type.STRING)),
}


@lru_cache(maxsize=1024)
def _environment(scope: Scope, declared: Declared) -> Any:
    names = {**NAMES[scope], **dict(declared)}
    return cel.NewEnv(variables={name: _TYPES[kind] for name, kind in names.items()})


@lru_cache(maxsize=8192)
def _compiled(expression: str, scope: Scope, declared: Declared = ()) -> tuple[Any, str]:
    """The compiled expression and "", or None and the compiler's complaint."""
    try:
        return _environment(scope, declared).compile(expression), ""
    except (RuntimeError, ValueError) as error:
        return None, str(error)


_REFUSED_MACRO = re.compile(r"\.\s*(map|filter)\s*\(")
_HAS_FIRING = re.compile(r"\bhas\s*\(\s*alerts\s*\.\s*labels\s*\.\s*(\w+)\s*\)")


def check(expression: str, scope: Scope) -> tuple[Problem, ...]:
    """What is wrong with the condition, in order of place; empty if it is sound."""
    if len(expression.encode()) > LONGEST_EXPRESSION:
        message = f"the condition is longer than {LONGEST_EXPRESSION} bytes"
        return (Problem(code="E303", message=message, help="split it into several rules"),)
    compiled, complaint = _compiled(expression, scope)
    code = without_literals(expression)
    found = [_macro_problem(macro) for macro in _REFUSED_MACRO.finditer(code)]
    if found:
        return tuple(found)
    found += [_always_true(has) for has in _HAS_FIRING.finditer(code)]
    if compiled is None:
        found += problems_in(complaint, expression, scope)
    else:
        found += _bad_literals(expression)
        if compiled.return_type().name() != "BOOL":
            found.append(_not_bool(compiled.return_type().name()))
    return tuple(sorted(found, key=lambda problem: problem.offset))


def _macro_problem(macro: re.Match[str]) -> Problem:
    return Problem(
        code="E307",
        message=f"the macro '{macro[1]}' is refused: its order over a map is undefined",
        offset=macro.start(1),
        help="use exists, all, exists_one, size or in",
    )


def _always_true(has: re.Match[str]) -> Problem:
    return Problem(
        code="E302",
        message=f"has(alerts.labels.{has[1]}) is always true: a label nobody has is an empty list",
        offset=has.start(),
        help=f"write size(alerts.labels.{has[1]}) > 0",
    )


_LITERAL_ARGUMENT = re.compile(
    r"\b(matches|duration|timestamp)\s*\(\s*(r?'(?:\\.|[^'\\])*'|r?\"(?:\\.|[^\"\\])*\")\s*\)"
)
_WANTED = {
    "matches": "a regular expression (RE2)",
    "duration": "a duration such as '90s' or '1h30m'",
    "timestamp": "a time such as '2026-01-05T09:00:00Z'",
}


def _bad_literals(expression: str) -> list[Problem]:
    """Patterns, durations and times written out that would fail each time they are read."""
    found = []
    for call in _LITERAL_ARGUMENT.finditer(expression):
        function, literal = call[1], call[2]
        probe = f"''.matches({literal})" if function == "matches" else f"{function}({literal})"
        compiled, _ = _compiled(probe, Scope.INCIDENT)
        if compiled is not None and compiled.eval(data={}).type().name() == "ERROR":
            message = f"{literal} is not {_WANTED[function]}"
            found.append(Problem(code="E302", message=message, offset=call.start(2)))
    return found


def _not_bool(kind: str) -> Problem:
    return Problem(
        code="E304",
        message=f"the condition gives {kind.lower()}, not true or false",
        help="compare it with something, such as == 'prod' or > 0",
    )


def evaluate(
    expression: str, scope: Scope, values: Mapping[str, Any], declared: Declared = ()
) -> Verdict:
    """Whether the condition holds for these values; never raises.

    `values` come from `trigger_values` or `incident_values`.
    """
    if len(expression.encode()) > LONGEST_EXPRESSION:
        return Verdict(holds=None, why=f"the condition is longer than {LONGEST_EXPRESSION} bytes")
    compiled, complaint = _compiled(expression, scope, declared)
    if compiled is None:
        problems = problems_in(complaint, expression, scope)
        return Verdict(holds=None, why=f"the condition is broken: {problems[0].message}")
    try:
        bound = _bindings(expression, scope, values) | _declared_values(values, declared)
        result = compiled.eval(data=bound)
        kind, value = result.type().name(), result.value()
    except (RuntimeError, ValueError, TypeError, OverflowError) as error:
        return Verdict(holds=None, why=_why_not(str(error), expression))
    if kind == "ERROR":
        return Verdict(holds=None, why=_why_not(str(value), expression))
    if not isinstance(value, bool):
        return Verdict(holds=None, why=f"the condition gives {kind.lower()}, not true or false")
    return Verdict(holds=value, why="the condition holds" if value else "the condition is false")


class Found(BaseModel):
    """The value of an expression; None means that it has none, and `why` says why."""

    model_config = ConfigDict(frozen=True)

    value: Any = None
    why: str = ""


def value_of(
    expression: str, scope: Scope, values: Mapping[str, Any], declared: Declared = ()
) -> Found:
    """What the expression gives for these values: text, number, truth or list; never raises."""
    if len(expression.encode()) > LONGEST_EXPRESSION:
        return Found(why=f"the expression is longer than {LONGEST_EXPRESSION} bytes")
    compiled, complaint = _compiled(expression, scope, declared)
    if compiled is None:
        problems = problems_in(complaint, expression, scope)
        return Found(why=f"the expression is broken: {problems[0].message}")
    try:
        bound = _bindings(expression, scope, values) | _declared_values(values, declared)
        result = compiled.eval(data=bound)
        kind, value = result.type().name(), result.value()
    except (RuntimeError, ValueError, TypeError, OverflowError) as error:
        return Found(why=_why_not(str(error), expression))
    if kind == "ERROR":
        return Found(why=_why_not(str(value), expression))
    if kind == "LIST":
        return Found(value=[one.value() if hasattr(one, "value") else one for one in value])
    return Found(value=value)


_FIRING_LABEL = re.compile(
    r"alerts\s*\.\s*labels\s*(?:\.\s*(?:(\w+)|`([^`]+)`)|\[\s*(?:'([^']*)'|\"([^\"]*)\")\s*\])"
)


def _bindings(expression: str, scope: Scope, values: Mapping[str, Any]) -> dict[str, Any]:
    """One value for each declared name that has one; asked-for firing labels exist."""
    bound: dict[str, Any] = {}
    for name, kind in NAMES[scope].items():
        root, _, field = name.partition(".")
        value = values.get(root)
        if field:
            value = value.get(field) if isinstance(value, Mapping) else None
        if kind == "moment" and isinstance(value, str):
            value = moment_of(value)
        if value is not None:
            bound[name] = value
    if "alerts.labels" in bound:
        asked = ["".join(found) for found in _FIRING_LABEL.findall(expression)]
        bound["alerts.labels"] = {name: [] for name in asked} | dict(bound["alerts.labels"])
    return bound


def _declared_values(values: Mapping[str, Any], declared: Declared) -> dict[str, Any]:
    """The value of each declared name that has one, as its kind."""
    bound: dict[str, Any] = {}
    for name, kind in declared:
        value: Any = values
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        if value is not None:
            bound[name] = list(value) if kind == "list" else value
    return bound


_MISSING_KEY = re.compile(r'Key not found in map : "(.*)"')
_MISSING_VALUE = re.compile(r'No value with name "([^"]+)"')
_LIBRARY_CODE = re.compile(r"^[A-Z_]+: | \[[A-Z_]+\]$")


def _why_not(complaint: str, expression: str) -> str:
    """The library's run-time complaint in the words of the person reading it."""
    if key := _MISSING_KEY.search(complaint):
        is_annotation = re.search(
            rf"annotations\s*(?:\.\s*`?|\[\s*['\"]){re.escape(key[1])}\b", expression
        )
        return f"{'annotation' if is_annotation else 'label'} '{key[1]}' is missing"
    if name := _MISSING_VALUE.search(complaint):
        return f"'{name[1]}' has no value"
    if "Iteration budget" in complaint:
        return "the condition takes too long to evaluate"
    return f"the condition fails: {_LIBRARY_CODE.sub('', complaint)}"
