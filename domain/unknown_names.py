"""What an author is told about a name that does not exist, or has no value by itself.

Decides the words and the help. Which names exist is `domain.scope`, and the playbook.
"""

import difflib
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from domain.scope import NAMES, NOT_YET, OWN, Declared, Scope

_MOST_LISTED = 12

_WHERE = {
    Scope.TRIGGER: "triggers and dedup see the one alert being matched",
    Scope.INCIDENT: "outside triggers, names speak of the whole incident",
}
_TOO_EARLY = "it is judged before there is an incident, by one alert: use labels and alert"
_NONE_DECLARED = {
    "facts": "the playbook declares no facts",
    "steps": "the playbook has no steps with an id",
    "params": "the playbook declares no params",
}


class Problem(BaseModel):
    """One thing wrong with an expression or template; `offset` counts characters from 0."""

    model_config = ConfigDict(frozen=True)

    code: str
    message: str
    offset: int = 0
    help: str = ""


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The known word that was probably meant, or None if none is close."""
    found = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return found[0] if found else None


def unknown_name(
    name: str, scope: Scope, offset: int, *, code: str, declared: Declared = ()
) -> Problem:
    """What to tell the author about a dotted name that does not exist in this scope."""
    parts = name.split(".")
    root = parts[0]
    if root in NOT_YET:
        return Problem(
            code="E109",
            message=f"'{root}' is not supported yet",
            offset=offset,
            help=f"use {_listed(_roots(scope, declared))} here",
        )
    if root in OWN:
        if scope is Scope.TRIGGER:
            message = f"'{root}' has no values in triggers, dedup and what is read of an alert"
            return Problem(code=code, message=message, offset=offset, help=_TOO_EARLY)
        return _unknown_own(parts, offset, code, declared)
    if root not in _roots(scope, declared):
        return Problem(
            code=code,
            message=f"unknown name '{root}'",
            offset=offset,
            help=_meant(root, _roots(scope, declared)) or _elsewhere(root, scope, declared),
        )
    return _unknown_field(parts, scope, offset, code)


def _unknown_field(parts: list[str], scope: Scope, offset: int, code: str) -> Problem:
    """A field that one of the language's own names does not have."""
    root = parts[0]
    fields = [name.split(".")[1] for name in NAMES[scope] if name.startswith(f"{root}.")]
    if len(parts) == 1:
        return _alone(root, fields, offset, code)
    return Problem(
        code=code,
        message=f"unknown name '{root}.{parts[1]}'",
        offset=offset + len(root) + 1,
        help=_meant(parts[1], fields) or f"'{root}' has {_listed(fields)}",
    )


def _unknown_own(parts: list[str], offset: int, code: str, declared: Declared) -> Problem:
    """A name below `facts`, `steps` or `params` that the playbook does not declare."""
    root = parts[0]
    known = _below(f"{root}.", declared)
    if len(parts) == 1:
        return _alone(root, known, offset, code)
    if parts[1] not in known:
        help_text = _meant(parts[1], known) or f"declared: {_listed(known)}"
        return Problem(
            code=code,
            message=f"unknown name '{root}.{parts[1]}'",
            offset=offset + len(root) + 1,
            help=help_text if known else _NONE_DECLARED[root],
        )
    step = ".".join(parts[:2])
    results = _below(f"{step}.", declared)
    if len(parts) == 2:  # noqa: PLR2004
        return _alone(step, results, offset, code)
    return Problem(
        code=code,
        message=f"step '{parts[1]}' has no result '{parts[2]}'",
        offset=offset + len(step) + 1,
        help=_meant(parts[2], results)
        or f"it has {_listed(results)}; calls declare others in out:",
    )


def _alone(name: str, fields: Sequence[str], offset: int, code: str) -> Problem:
    message = f"'{name}' alone has no value; say which field"
    help_text = f"one of {_listed(fields)}" if fields else _NONE_DECLARED.get(name, "")
    return Problem(code=code, message=message, offset=offset, help=help_text)


def _below(prefix: str, declared: Declared) -> list[str]:
    """The distinct next parts of the declared names that start so."""
    found = [name[len(prefix) :].split(".")[0] for name, _ in declared if name.startswith(prefix)]
    return list(dict.fromkeys(found))


def _meant(word: str, known: Sequence[str]) -> str:
    close = nearest(word, known)
    return f"did you mean '{close}'?" if close else ""


def _elsewhere(root: str, scope: Scope, declared: Declared) -> str:
    names = f"known names: {_listed(_roots(scope, declared))}"
    if any(root in _roots(other, ()) for other in Scope if other is not scope):
        return f"{_WHERE[scope]}; {names}"
    return names


def _roots(scope: Scope, declared: Declared) -> list[str]:
    return list(dict.fromkeys(name.split(".")[0] for name in (*NAMES[scope], *dict(declared))))


def _listed(words: Sequence[str]) -> str:
    shown = ", ".join(words[:_MOST_LISTED])
    return f"{shown}, …" if len(words) > _MOST_LISTED else shown
