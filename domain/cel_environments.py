"""How conditions are compiled: strictly when a playbook is checked, loosely when it runs.

Decides which names have which type; the only module that knows cel-expr-python. Checking
knows the type of each declared name, so there is an environment for each playbook, a few of
them kept. Running looks declared names up in maps, so that all playbooks share one: an
environment takes 0.1 MB, and a worker may run a thousand playbooks.
"""

from functools import lru_cache
from typing import Any

from cel_expr_python import cel

from domain.scope import NAMES, OWN, Declared, Kind, Scope

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
    "any": cel.Type.DYN,
    "any_map": cel.Type.Map(cel.Type.STRING, cel.Type.DYN),
}


@lru_cache(maxsize=64)
def _strict(scope: Scope, declared: Declared) -> Any:
    names = {**NAMES[scope], **dict(declared)}
    return cel.NewEnv(variables={name: _TYPES[kind] for name, kind in names.items()})


@lru_cache(maxsize=64)
def _loose(scope: Scope, items: tuple[str, ...]) -> Any:
    names: dict[str, Kind] = dict(NAMES[scope])
    if scope is not Scope.TRIGGER:
        names |= dict.fromkeys(OWN, "any_map")
    names |= dict.fromkeys(items, "text")
    return cel.NewEnv(variables={name: _TYPES[kind] for name, kind in names.items()})


def compiled_strictly(expression: str, scope: Scope, declared: Declared = ()) -> tuple[Any, str]:
    """The expression with every type checked and "", or None and the compiler's complaint."""
    return _compiled(_strict(scope, declared), expression)


@lru_cache(maxsize=8192)
def compiled_to_run(expression: str, scope: Scope, items: tuple[str, ...] = ()) -> tuple[Any, str]:
    """The expression as it runs, and "", or None and the complaint; `items` are loop variables."""
    return _compiled(_loose(scope, items), expression)


def _compiled(environment: Any, expression: str) -> tuple[Any, str]:
    try:
        return environment.compile(expression), ""
    except (RuntimeError, ValueError) as error:
        return None, str(error)
