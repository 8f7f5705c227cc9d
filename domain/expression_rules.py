"""Whether a condition is sound: its names, its types and its bounds.

Decides what is refused before a playbook runs. Judging conditions is
`domain.expressions`. The library bounds nesting (32) and loop iterations; the length is
bounded here.
"""

import re
from functools import lru_cache
from typing import Any

from domain.cel_environments import compiled_strictly
from domain.cel_errors import problems_in
from domain.scope import OWN, Declared, Scope, without_literals
from domain.unknown_names import Problem
from domain.values import ValueType

LONGEST_EXPRESSION = 4096
"""Bytes of one condition; more is refused, so that judging it stays bounded."""

_REFUSED_MACRO = re.compile(r"\.\s*(map|filter)\s*\(")
_HAS_FIRING = re.compile(r"\bhas\s*\(\s*alerts\s*\.\s*labels\s*\.\s*(\w+)\s*\)")
_HAS_OWN = re.compile(rf"\bhas\s*\(\s*((?:{'|'.join(OWN)})\s*\.[\w\s.]+?)\s*\)")


@lru_cache(maxsize=4096)
def check(expression: str, scope: Scope, declared: Declared = ()) -> tuple[Problem, ...]:
    """What is wrong with the condition, in order of place; empty if it is sound."""
    found, kind = _checked(expression, scope, declared)
    if kind not in ("", "BOOL"):
        found = [*found, _not_bool(kind)]
    return tuple(sorted(found, key=lambda problem: problem.offset))


_READ_AS: dict[ValueType, tuple[str, ...]] = {
    "string": ("STRING", "INT", "DOUBLE", "BOOL"),
    "int": ("INT", "STRING"),
    "double": ("DOUBLE", "INT", "STRING"),
    "bool": ("BOOL", "STRING"),
    "list": ("LIST", "STRING"),
}
"""What each type may be read from: numbers, truth and lists also from their text."""

_MENDS: dict[ValueType, str] = {
    "string": "convert it: string(…)",
    "int": "convert it: int(…), or size(…) of a list",
    "double": "convert it: double(…)",
    "bool": "compare it with something, such as == 'prod' or > 0",
    "list": "name a fact of type list, alerts.labels.<name>, or write ['one', 'two']",
}


@lru_cache(maxsize=4096)
def check_value(
    expression: str, scope: Scope, wanted: ValueType, declared: Declared = (), *, read: bool = True
) -> tuple[Problem, ...]:
    """What is wrong with an expression that gives a value of this type; empty if it is sound.

    With `read` off, a text that could be read as the type is refused too.
    """
    found, kind = _checked(expression, scope, declared)
    accepted = _READ_AS[wanted] if read else _READ_AS[wanted][:1]
    if kind not in ("", "DYN", *accepted):
        message = f"this gives {_said(kind)}, not {wanted}"
        found = [*found, Problem(code="E302", message=message, help=_MENDS[wanted])]
    return tuple(sorted(found, key=lambda problem: problem.offset))


def _said(kind: str) -> str:
    return {"TIMESTAMP": "a time", "DURATION": "a duration", "MAP": "a map"}.get(kind, kind.lower())


def _checked(expression: str, scope: Scope, declared: Declared) -> tuple[list[Problem], str]:
    """What is wrong but for the type of the result, and that type's name, if there is one."""
    if len(expression.encode(errors="replace")) > LONGEST_EXPRESSION:
        message = f"the condition is longer than {LONGEST_EXPRESSION} bytes"
        return [Problem(code="E303", message=message, help="split it into several rules")], ""
    code = without_literals(expression)
    macros = [_macro_problem(macro) for macro in _REFUSED_MACRO.finditer(code)]
    if macros:
        return macros, ""
    own = declared if _names_own(code, declared) else ()
    found = [_always_true(has) for has in _HAS_FIRING.finditer(code)]
    compiled, complaint = compiled_strictly(_asked(expression, code, declared), scope, own)
    if compiled is None:
        return found + problems_in(complaint, expression, scope, declared), ""
    kind = str(compiled.return_type().name()).partition("<")[0]
    return found + _bad_literals(expression), kind


def _names_own(code: str, declared: Declared) -> bool:
    """Whether it may name anything declared; if not, all playbooks share an environment."""
    if any(root in code for root in OWN):
        return True
    return any("." not in name and name in code for name, _ in declared)


def _asked(expression: str, code: str, declared: Declared) -> str:
    """The expression with `has(facts.x)` of what is declared made true, at its place.

    To the library a declared name is a variable, and `has` takes fields.
    """
    known = {name for name, _ in declared}
    for has in _HAS_OWN.finditer(code):
        if re.sub(r"\s", "", has[1]) in known:
            blank = re.sub(r"[^\n]", " ", has.group()[4:])
            expression = expression[: has.start()] + "true" + blank + expression[has.end() :]
    return expression


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
        compiled: Any = compiled_strictly(probe, Scope.INCIDENT)[0]
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
