"""Which part of the template language a playbook may use, checked before it is rendered.

Decides what is refused: whatever could grow without bound or reach past the values
given (functions, methods, `set`, macros, multiplication), and names that do not exist.
Rendering is `domain.templates`.
"""

import re
from functools import lru_cache

import minijinja

from domain.scope import NAMES, Declared, Scope
from domain.unknown_names import Problem, nearest, unknown_name

LONGEST_TEMPLATE = 16_384
"""Bytes of one template; more is refused."""

FILTERS = (
    "percent", "duration", "time", "date", "default", "join", "upper", "lower", "title", "trim",
    "length", "first", "last", "sort", "unique", "int", "float", "round", "abs",
)  # fmt: skip
"""Every filter a template may use."""

AUTH_HELP = (
    "secrets are read only where a call says who it is: auth: secret:name, "
    "or auth: { header: X-Api-Key, value: secret:name }"
)

_STATEMENTS = ("if", "elif", "else", "endif", "for", "endfor")
_WORDS = ("in", "and", "or", "not", "if", "else", "elif", "is")
_STRING = r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\""
_CODE = re.compile(
    r"\{#.*?#\}"
    rf"|\{{\{{(?P<expression>(?:{_STRING}|(?!\}}\}})[^'\"])*)\}}\}}"
    rf"|\{{%(?P<statement>(?:{_STRING}|(?!%\}})[^'\"])*)%\}}",
    re.DOTALL,
)
_QUOTED = re.compile(_STRING, re.DOTALL)
_SECRET = re.compile(r"\bsecret:[a-z][a-z0-9_]*")
_SECRET_NAME = re.compile(r"(?<![\w.])secrets?\b")
_FILTER = re.compile(r"(?<!\|)\|\s*(\w+)")
_REFUSED_SIGN = re.compile(r"\*+|__\w*|\{")
_CALL = re.compile(r"(\||\bis(?:\s+not)?\b)?\s*(\.?\b[A-Za-z_]\w*|[\])])\s*\(")


def check(template: str, scope: Scope, declared: Declared = ()) -> tuple[Problem, ...]:
    """What is wrong with the template, in order of place; empty if it is sound."""
    refused = refused_parts(template)
    if refused and refused[0].code == "E303":
        return refused
    found = list(refused)
    taken = {problem.offset for problem in refused}
    for name in sorted(_environment().undeclared_variables_in_str(template, nested=True)):
        problem = _name_problem(name, template, scope, declared)
        if problem is not None and problem.offset not in taken:
            found.append(problem)
    return tuple(sorted(found, key=lambda problem: (problem.offset, problem.message)))


@lru_cache(maxsize=1)
def _environment() -> minijinja.Environment:
    return minijinja.Environment(debug=True)


@lru_cache(maxsize=4096)
def refused_parts(template: str) -> tuple[Problem, ...]:
    """What no template may contain, whatever the scope; also asked before each rendering."""
    if len(template.encode()) > LONGEST_TEMPLATE:
        message = f"the text is longer than {LONGEST_TEMPLATE} bytes"
        return (Problem(code="E303", message=message, help="move it into a runbook"),)
    try:
        _environment().undeclared_variables_in_str(template)
    except minijinja.TemplateError as error:
        return (_syntax_problem(error, template),)
    found = [_secret_problem(secret) for secret in _SECRET.finditer(template)]
    for offset, code, is_statement in code_blocks(template):
        found += [_secret_problem(name, offset) for name in _SECRET_NAME.finditer(code)]
        found += _block_problems(offset, code, is_statement=is_statement)
    return tuple(sorted(found, key=lambda problem: problem.offset))


def code_blocks(template: str) -> list[tuple[int, str, bool]]:
    """Each `{{ }}` and `{% %}`: where its code starts, the code without strings, is it `{% %}`."""
    blocks = []
    for block in _CODE.finditer(template):
        kind = block.lastgroup
        if kind is not None:
            code = _QUOTED.sub(_blank, block[kind])
            blocks.append((block.start(kind), code, kind == "statement"))
    return blocks


def _blank(found: re.Match[str]) -> str:
    return "'" + " " * (len(found.group()) - 2) + "'"


def _syntax_problem(error: minijinja.TemplateError, template: str) -> Problem:
    start = error.range[0] if error.range else 0
    offset = len(template.encode()[:start].decode(errors="ignore"))
    return Problem(
        code="E303",
        message=f"the text's template is broken: {error.detail or error.message}",
        offset=offset,
        help="write {{ labels.name }}, with both pairs of braces",
    )


def _secret_problem(secret: re.Match[str], within: int = 0) -> Problem:
    return Problem(
        code="E309",
        message=f"the secret '{secret.group()}' cannot stand in a text",
        offset=within + secret.start(),
        help=AUTH_HELP,
    )


def _block_problems(offset: int, code: str, *, is_statement: bool) -> list[Problem]:
    found = []
    if is_statement:
        word = code.strip(" -+\n\t").split(maxsplit=1)[0]
        if word not in _STATEMENTS:
            message = f"'{word}' is not available in texts"
            advice = f"known: {', '.join(_STATEMENTS)}"
            at = offset + code.index(word)
            found.append(Problem(code="E308", message=message, offset=at, help=advice))
    for used in _FILTER.finditer(code):
        if used[1] not in FILTERS:
            close = nearest(used[1], FILTERS)
            advice = f"did you mean '{close}'?" if close else f"known: {', '.join(FILTERS)}"
            message, at = f"unknown filter '{used[1]}'", offset + used.start(1)
            found.append(Problem(code="E308", message=message, offset=at, help=advice))
    for call in _CALL.finditer(code):
        if call[1] is None and call[2] not in _WORDS:
            message = f"'{call[2].lstrip('.')}(' calls a function; texts have none"
            advice = "use a filter, such as {{ labels.name | default('unknown') }}"
            at = offset + call.start(2)
            found.append(Problem(code="E308", message=message, offset=at, help=advice))
    for sign in _REFUSED_SIGN.finditer(code):
        message, at = f"'{sign.group()}' is not available in texts", offset + sign.start()
        found.append(Problem(code="E308", message=message, offset=at))
    return found


def _name_problem(name: str, template: str, scope: Scope, declared: Declared) -> Problem | None:
    root = name.split(".", maxsplit=1)[0]
    if root in ("loop", "secret", "secrets"):
        return None
    own = {name: kind for name, kind in declared if scope is not Scope.TRIGGER}
    for known, kind in {**NAMES[scope], **own}.items():
        if name == known:
            return None
        if name.startswith(f"{known}.") and kind.endswith("_map"):
            key = name.removeprefix(f"{known}.")
            return _too_deep(known, key, template) if "." in key else None
        if name.startswith(f"{known}.") and known in own:
            return _no_fields(known, template)
    return unknown_name(name, scope, _place_of(name, template), code="E308", declared=declared)


def _no_fields(known: str, template: str) -> Problem:
    message = f"'{known}' is one value, it has no fields"
    at = _place_of(known, template)
    return Problem(code="E308", message=message, offset=at, help=f"write {{{{ {known} }}}}")


def _too_deep(known: str, key: str, template: str) -> Problem:
    return Problem(
        code="E308",
        message=f"'{known}.{key.split('.', maxsplit=1)[0]}' has no fields",
        offset=_place_of(f"{known}.{key}", template),
        help=f"a name with a dot in it is {known}['{key}']",
    )


def _place_of(name: str, template: str) -> int:
    pattern = re.compile(r"(?<![\w.])" + r"\s*\.\s*".join(map(re.escape, name.split("."))) + r"\b")
    for offset, code, _ in code_blocks(template):
        if found := pattern.search(code):
            return offset + found.start()
    return 0
