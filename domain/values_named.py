"""What the names in a condition stand for, said beside it: `env is 'staging'`.

Decides the wording, and that a long value is cut. Which names exist is `domain.scope`.
"""

import re
from collections.abc import Mapping
from typing import Any

from domain.scope import without_literals

_NAME = re.compile(r"(?<![\w.])[a-z_]\w*(?:\s*\.\s*`?\w+`?)+(?!\s*\()")
_CALLED = re.compile(r"(?<![\w.])[a-z_]\w*(?:\s*\.\s*`?\w+`?)+(?=\s*\()")
_LONGEST = 40


def said_of(condition: str, values: Mapping[str, Any]) -> str:
    """The values of the names that it reads, each once, as far as they have one."""
    code = without_literals(condition)
    named = [_parts(found.group()) for found in _NAME.finditer(code)]
    named += [_parts(found.group())[:-1] for found in _CALLED.finditer(code)]
    found = {parts[-1]: _value(parts, values) for parts in named if len(parts) > 1}
    return ", ".join(f"{name} is {_shown(one)}" for name, one in found.items() if one is not None)


def _parts(name: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", name))


def _value(parts: tuple[str, ...], values: Mapping[str, Any]) -> Any:
    value: Any = values
    for part in parts:
        value = value.get(part) if isinstance(value, Mapping) else None
    return None if isinstance(value, Mapping) else value


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    text = " ".join(value.split())
    return f"'{text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}'"
