"""What the CEL compiler complains about, said in the words of a playbook's author.

Decides the code, the place and the help of each complaint; `domain.expressions` asks.
"""

import re

from domain.scope import Problem, Scope, nearest, unknown_name

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


def problems_in(complaint: str, expression: str, scope: Scope) -> list[Problem]:
    """Each complaint of the compiler as a problem; of several syntax errors the first."""
    found: list[Problem] = []
    for error in _ERROR.finditer(complaint):
        offset = _offset(expression, int(error["line"]), int(error["column"]))
        problem = _problem(error["text"], offset, expression, scope)
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


def _problem(text: str, offset: int, expression: str, scope: Scope) -> Problem:
    if undeclared := _UNDECLARED.search(text):
        return _undeclared(undeclared[1], offset, expression, scope)
    if overload := _OVERLOAD.search(text):
        return _mismatch(overload[1], overload[2], offset)
    if "cannot be the operand" in text or "cannot be the range" in text:
        return Problem(code="E302", message=_shortened(text), offset=offset)
    return _syntax(text, offset)


def _undeclared(name: str, offset: int, expression: str, scope: Scope) -> Problem:
    if expression[offset : offset + 1] == "(" and "." not in name:
        close = nearest(name, FUNCTIONS)
        return Problem(
            code="E301",
            message=f"unknown function '{name}'",
            offset=max(0, expression.rfind(name, 0, offset)),
            help=f"did you mean '{close}'?" if close else f"known: {', '.join(FUNCTIONS[:8])} …",
        )
    start = _start_of(name, offset, expression)
    problem = unknown_name(name, scope, start, code="E301")
    if dashed := re.search(r"(labels|annotations)\.(\w+)-$", expression[:start]):
        better = f"{dashed[1]}['{dashed[2]}-{name}']"
        return problem.model_copy(update={"help": f"write {better}: a dash is a minus"})
    return problem


def _start_of(name: str, offset: int, expression: str) -> int:
    """Where the dotted name begins; the compiler points at its last dot."""
    head = name.rpartition(".")[0] or name
    if expression.startswith(head, offset):
        return offset
    return max(0, expression.rfind(head, 0, offset + 1))


def _mismatch(function: str, arguments: str, offset: int) -> Problem:
    kinds = [kind.strip() for kind in arguments.split(", ")]
    operator = function.strip("@_").replace("_", " ") if not function[0].isalnum() else function
    advice = ""
    if "string" in kinds and ("int" in kinds or "double" in kinds):
        advice = "labels are text: quote the number, or convert with int(labels.name)"
    elif operator in ("&&", "||", "!"):
        advice = "each side must be true or false: compare it with something"
    message = f"'{operator}' does not take {' and '.join(kinds)}"
    return Problem(code="E302", message=message, offset=offset, help=advice)


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
