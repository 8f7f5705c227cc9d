"""What the CEL compiler complains about, said in the words of a playbook's author.

Decides the code, the place and the help of each complaint; `domain.expressions` asks.
"""

import re

from domain.scope import TYPE_NAMES, Declared, Scope
from domain.unknown_names import Problem, nearest, unknown_name

_ERROR = re.compile(
    r"ERROR: <input>:(?P<line>\d+):(?P<column>\d+): (?P<text>.*?)(?=\n | \[[A-Z_]+\]$|\Z)",
    re.DOTALL,
)
_UNDECLARED = re.compile(r"undeclared reference to '([^']+)'")
_OVERLOAD = re.compile(r"found no matching overload for '([^']+)' applied to '\((.*)\)'")
_UNEXPECTED = re.compile(
    r"(?:mismatched input|extraneous input|no viable alternative at input) '(.*?)' ?(?:expecting|$)"
)
_TOKEN = re.compile(r"token recognition error at: '(.*)'", re.DOTALL)

FUNCTIONS = (
    "size", "has", "startsWith", "endsWith", "contains", "matches", "exists", "all",
    "exists_one", "int", "double", "string", "bool", "duration", "timestamp", "type", "dyn",
    "getFullYear", "getMonth", "getDate", "getDayOfWeek", "getHours", "getMinutes", "getSeconds",
)  # fmt: skip
"""The functions and macros an author may use, for "did you mean"."""

_SPELLING = {
    "and": "write && for and",
    "or": "write || for or",
    "not": "write ! for not",
    "=": "write == to compare",
    "=~": "write labels.name.matches('pattern')",
    "&": "write && for and",
    "|": "write || for or",
}


def problems_in(
    complaint: str, expression: str, scope: Scope, declared: Declared = ()
) -> list[Problem]:
    """Each complaint of the compiler as a problem; of several syntax errors the first."""
    found: list[Problem] = []
    for error in _ERROR.finditer(complaint):
        offset = _offset(expression, int(error["line"]), int(error["column"]))
        problem = _problem(error["text"], offset, expression, (scope, declared))
        if "*error*" not in error["text"]:
            found.append(problem)
        if problem.code == "E303":
            break
    return found or [_without_place(complaint)]


def _offset(expression: str, line: int, column: int) -> int:
    before = expression.split("\n")[: line - 1]
    return min(sum(len(one) + 1 for one in before) + column - 1, len(expression))


def _without_place(complaint: str) -> Problem:
    if "recursion limit" in complaint:
        return Problem(code="E303", message="the condition is nested too deeply (32 levels)")
    return Problem(code="E303", message=f"the condition cannot be compiled: {complaint}")


_Names = tuple[Scope, Declared]


def _problem(text: str, offset: int, expression: str, names: _Names) -> Problem:
    if undeclared := _UNDECLARED.search(text):
        return _undeclared(undeclared[1], offset, expression, names)
    if overload := _OVERLOAD.search(text):
        kinds = tuple(kind.strip() for kind in overload[2].split(", "))
        return _mismatch(overload[1], kinds, offset, _Sides(expression, offset, names[1]))
    if "cannot be the operand" in text or "cannot be the range" in text:
        return Problem(code="E302", message=_shortened(text), offset=offset)
    return _syntax(text, offset)


def _undeclared(name: str, offset: int, expression: str, names: _Names) -> Problem:
    if expression[offset : offset + 1] == "(" and "." not in name:
        close = nearest(name, FUNCTIONS)
        return Problem(
            code="E301",
            message=f"unknown function '{name}'",
            offset=max(0, expression.rfind(name, 0, offset)),
            help=f"did you mean '{close}'?" if close else f"known: {', '.join(FUNCTIONS[:8])} …",
        )
    start = _start_of(name, offset, expression)
    scope, declared = names
    problem = unknown_name(name, scope, start, code="E301", declared=declared)
    if "." not in name and "did you mean" not in problem.help and _is_compared(expression, start):
        better = f"if it is a text, quote it: '{name}'; {problem.help}"
        return problem.model_copy(update={"help": better})
    if dashed := re.search(r"(labels|annotations)\.(\w+)-$", expression[:start]):
        better = f"{dashed[1]}['{dashed[2]}-{name}']"
        return problem.model_copy(update={"help": f"write {better}: a dash is a minus"})
    return problem


def _is_compared(expression: str, start: int) -> bool:
    """Whether the name stands behind an operator that compares."""
    return expression[:start].rstrip().endswith(("==", "!="))


def _start_of(name: str, offset: int, expression: str) -> int:
    """Where the dotted name begins; the compiler points at its last dot."""
    head = name.rpartition(".")[0] or name
    if expression.startswith("(", offset):  # of has(…): what it asks for follows
        offset = max(offset, expression.find(head, offset))
    if expression.startswith(head, offset):
        return offset
    return max(0, expression.rfind(head, 0, offset + 1))


_NAME_BEFORE = re.compile(r"([A-Za-z_]\w*(?:\.\w+)*)\s*$")
_NAME_AFTER = re.compile(r"\W*?([A-Za-z_]\w*(?:\.\w+)*)(?!\s*\()")
_WHOLE_AFTER = re.compile(r"[=<>!+*/%-]*\s*(-?\d+)(?![\w.])")
_WHOLE_BEFORE = re.compile(r"(?<![\w.])(-?\d+)\s*$")
_COMPARE: dict[str, str] = {
    "string": "with a text, such as 'database'",
    "int": "with a whole number, such as 3",
    "double": "with a number that has a point, such as 0.25",
    "bool": "with nothing: it is true or false by itself",
}


class _Sides:
    """What stands on either side of the operator that does not fit."""

    def __init__(self, expression: str, offset: int, declared: Declared) -> None:
        self._before, self._after = expression[:offset], expression[offset:]
        self._declared = dict(declared)

    def whole(self) -> str | None:
        """The whole number that is written out beside it."""
        found = _WHOLE_AFTER.match(self._after) or _WHOLE_BEFORE.search(self._before)
        return found[1] if found else None

    def declared(self) -> tuple[str, str] | None:
        """The declared name beside it, and its type as its author wrote it."""
        for found in (_NAME_BEFORE.search(self._before), _NAME_AFTER.match(self._after)):
            kind = self._declared.get(found[1]) if found else None
            if found and kind in TYPE_NAMES:
                return found[1], TYPE_NAMES[kind]
        return None


def _mismatch(function: str, kinds: tuple[str, ...], offset: int, sides: _Sides) -> Problem:
    operator = function.strip("@_").replace("_", " ") if not function[0].isalnum() else function
    message = f"'{operator}' does not take {' and '.join(kinds)}"
    advice = _advice(operator, kinds, sides)
    return Problem(code="E302", message=message, offset=offset, help=advice)


def _advice(operator: str, kinds: tuple[str, ...], sides: _Sides) -> str:
    own = sides.declared()
    if operator in ("&&", "||", "!"):
        known = f"{own[0]} is {_a(own[1])}: " if own and own[1] != "bool" else ""
        return f"{known}each side must be true or false: compare it with something"
    if own and operator in ("==", "!=", "<", "<=", ">", ">="):
        what = f"{own[0]} is {_a(own[1])}: compare it"
        whole = sides.whole()
        if own[1] == "list":
            return f"{own[0]} is a list: compare size({own[0]}), or write 'x' in {own[0]}"
        return f"{what} with {whole}.0" if own[1] == "double" and whole else _joined(what, own[1])
    if "string" in kinds and ("int" in kinds or "double" in kinds):
        return "labels are text: quote the number, or convert with int(labels.name)"
    if {"int", "double"} <= set(kinds):
        return "one side is an int, the other a double: write 1.0 for 1, or convert with double(…)"
    return ""


def _a(kind: str) -> str:
    return f"an {kind}" if kind == "int" else f"a {kind}"


def _joined(what: str, kind: str) -> str:
    return f"{what} {_COMPARE[kind]}"


def _syntax(text: str, offset: int) -> Problem:
    if "<EOF>' expecting" in text or ("missing" in text and "<EOF>" in text):
        return Problem(
            code="E303",
            message="the condition ends too early",
            offset=offset,
            help="is a value, a quote or a bracket missing?",
        )
    if token := _TOKEN.search(text):
        return _unexpected(token[1], offset)
    if unexpected := _UNEXPECTED.search(text):
        return _unexpected(unexpected[1], offset)
    return Problem(code="E303", message=_shortened(text), offset=offset)


def _unexpected(word: str, offset: int) -> Problem:
    if word[:1] in ("'", '"') and (len(word) == 1 or word[-1:] != word[:1]):
        message, advice = "a quote is not closed", "close it with the same kind of quote"
    else:
        message, advice = f"unexpected '{word.strip()}'", _SPELLING.get(word.strip(), "")
    return Problem(code="E303", message=message, offset=offset, help=advice)


def _shortened(text: str) -> str:
    return text.removeprefix("Syntax error: ").split(" expecting {")[0].strip()
