"""Judges conditions (CEL) when a playbook runs, and what an expression gives.

Decides whether a condition holds. One that cannot be evaluated is never a silent False:
the verdict is None and says why. Whether it is sound is `domain.expression_rules`.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.alert import moment_of
from domain.cel_environments import compiled_to_run
from domain.cel_errors import problems_in
from domain.expression_rules import LONGEST_EXPRESSION, check, check_value
from domain.scope import (
    NAMES,
    OWN,
    Declared,
    Kind,
    Scope,
    incident_values,
    trigger_values,
    without_literals,
)
from domain.unknown_names import Problem

__all__ = [
    "LONGEST_EXPRESSION",
    "Problem",
    "Scope",
    "Verdict",
    "check",
    "check_value",
    "evaluate",
    "incident_values",
    "trigger_values",
    "value_of",
]


class Verdict(BaseModel):
    """Whether a condition holds; None means it cannot be evaluated, and `why` says why."""

    model_config = ConfigDict(frozen=True)

    holds: bool | None
    why: str = ""


class Found(BaseModel):
    """The value of an expression; None means that it has none, and `why` says why."""

    model_config = ConfigDict(frozen=True)

    value: Any = None
    why: str = ""


def evaluate(
    expression: str, scope: Scope, values: Mapping[str, Any], declared: Declared = ()
) -> Verdict:
    """Whether the condition holds for these values; never raises.

    `values` come from `trigger_values` or `incident_values`. What is not `declared` of
    `facts`, `steps` and `params` has no value.
    """
    found = value_of(expression, scope, values, declared)
    if found.why:
        return Verdict(holds=None, why=found.why)
    if not isinstance(found.value, bool):
        given = type(found.value).__name__
        said = _KIND_NAMES.get(given, given)
        return Verdict(holds=None, why=f"the condition gives {said}, not true or false")
    return Verdict(holds=found.value, why=_SAID[found.value])


_KIND_NAMES = {"str": "string", "float": "double", "dict": "map"}
_SAID = {True: "the condition holds", False: "the condition is false"}


def value_of(
    expression: str, scope: Scope, values: Mapping[str, Any], declared: Declared = ()
) -> Found:
    """What the expression gives for these values: text, number, truth or list; never raises."""
    if len(expression.encode(errors="replace")) > LONGEST_EXPRESSION:
        return Found(why=f"the condition is longer than {LONGEST_EXPRESSION} bytes")
    items = tuple(name for name, _ in declared if "." not in name)
    compiled, complaint = compiled_to_run(expression, scope, items)
    if compiled is None:
        problems = problems_in(complaint, expression, scope, declared)
        return Found(why=f"the condition is broken: {problems[0].message}")
    bound: dict[str, Any] = {}
    try:
        bound |= _bindings(expression, scope, values)
        bound |= _own_values(expression, values, declared)
        result = compiled.eval(data=bound)
        kind, value = result.type().name(), result.value()
    except (RuntimeError, ValueError, TypeError, OverflowError) as error:
        return Found(why=_why_not(str(error), expression, bound))
    if kind == "ERROR":
        return Found(why=_why_not(str(value), expression, bound))
    if kind.startswith("LIST"):
        return Found(value=[one.value() if hasattr(one, "value") else one for one in value])
    return Found(value=value)


_FIRING_LABEL = re.compile(
    r"alerts\s*\.\s*labels\s*(?:\.\s*(?:(\w+)|`([^`]+)`)|\[\s*(?:'([^']*)'|\"([^\"]*)\")\s*\])"
)


def _bindings(expression: str, scope: Scope, values: Mapping[str, Any]) -> dict[str, Any]:
    """One value for each named name that has one; asked-for firing labels exist."""
    bound: dict[str, Any] = {}
    for name, root, field, kind in _asked_for(expression, scope):
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


@lru_cache(maxsize=8192)
def _asked_for(expression: str, scope: Scope) -> tuple[tuple[str, str, str, Kind], ...]:
    """The language's names that may stand in the expression: whole, root, field, kind."""
    parts = ((name, *name.partition(".")[::2], kind) for name, kind in NAMES[scope].items())
    return tuple(
        (name, root, field, kind) for name, root, field, kind in parts if root in expression
    )


_OWN_NAME = re.compile(
    rf"(?<![\w.])({'|'.join(OWN)})\s*\.\s*`?(\w++)`?(?:\s*\.\s*`?(\w++)`?(?!\s*\())?"
)


@lru_cache(maxsize=8192)
def _named(expression: str) -> tuple[tuple[str, ...], ...]:
    """The facts, parameters and results of steps that the expression names, part by part."""
    found = _OWN_NAME.finditer(without_literals(expression))
    return tuple(
        (name[1], name[2], name[3]) if name[1] == "steps" and name[3] else (name[1], name[2])
        for name in found
    )


def _own_values(
    expression: str, values: Mapping[str, Any], declared: Declared
) -> Iterator[tuple[str, Any]]:
    """The named values below each of `facts`, `steps` and `params`, and the loop variables."""
    kinds = dict(declared)
    found: dict[str, dict[str, Any]] = {}
    for parts in _named(expression):
        if not isinstance(values.get(parts[0]), Mapping):
            continue
        inner = found.setdefault(parts[0], {})
        for part in parts[1:-1]:
            inner = inner.setdefault(part, {})
        value: Any = values
        for part in parts:
            value = value.get(part) if isinstance(value, Mapping) else None
        kind = kinds.get(".".join(parts))
        if kind is not None and value is not None:
            inner[parts[-1]] = _as_kind(value, kind)
    yield from found.items()
    for name in kinds:
        if "." not in name and values.get(name) is not None:
            yield name, values[name]


def _as_kind(value: Any, kind: str) -> Any:
    """The value as the library takes it: what is declared a double is one."""
    if isinstance(value, tuple):
        return list(value)
    if kind == "double" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


_MISSING_KEY = re.compile(r'Key not found in map : "(.*)"')
_MISSING_VALUE = re.compile(r'No value with name "([^"]+)"')
_LIBRARY_CODE = re.compile(r"^[A-Z_]+: | \[[A-Z_]+\]$")


def _why_not(complaint: str, expression: str, bound: Mapping[str, Any]) -> str:
    """The library's run-time complaint in the words of the person reading it."""
    if key := _MISSING_KEY.search(complaint):
        if own := _without_value(key[1], expression, bound):
            return f"'{own}' has no value"
        is_annotation = re.search(
            rf"annotations\s*(?:\.\s*`?|\[\s*['\"]){re.escape(key[1])}\b", expression
        )
        return f"{'annotation' if is_annotation else 'label'} '{key[1]}' is missing"
    if name := _MISSING_VALUE.search(complaint):
        return f"'{name[1]}' has no value"
    if "Iteration budget" in complaint:
        return "the condition takes too long to evaluate"
    return f"the condition fails: {_LIBRARY_CODE.sub('', complaint)}"


def _without_value(key: str, expression: str, bound: Mapping[str, Any]) -> str | None:
    """The declared name that ends so, or leads there, and has no value."""
    for parts in _named(expression):
        value: Any = bound
        for part in parts:
            value = value.get(part) if isinstance(value, Mapping) else None
        if value is None and key in parts[1:]:
            return ".".join(parts)
    return None
