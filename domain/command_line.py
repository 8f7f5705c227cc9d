"""A command's arguments: its argv with the parameters of a step filled in.

Decides which values a command takes, and that a value never becomes more than the argument
it stands in: no shell reads it, and none is read as an option. What runs them is
`activities.automation`.
"""

import re
from collections.abc import Mapping

from domain.ops import CommandParam, CommandSpec
from domain.patterns import InvalidPatternError, matches_whole
from domain.values import Value, WrongTypeError, as_value

LONGEST_VALUE = 4096
"""Characters of one value; whoever needs more passes a name, not a text."""

PLACEHOLDER = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")


class RefusedParamError(ValueError):
    """A command cannot be started with this; the text says why and names the parameter."""


def arguments_of(spec: CommandSpec, given: Mapping[str, Value]) -> tuple[str, ...]:
    """The program and its arguments, each filled by itself. Raises RefusedParamError."""
    values = checked(spec, given)
    if PLACEHOLDER.search(spec.argv[0]):
        raise RefusedParamError("the program itself cannot be a parameter")
    filled: list[str] = []
    for part in spec.argv:
        filled.extend(_filled(part, values))
    return tuple(filled)


def checked(spec: CommandSpec, given: Mapping[str, Value]) -> dict[str, Value]:
    """Every parameter as a value that the command takes. Raises RefusedParamError."""
    for name in given:
        if name not in spec.params:
            known = ", ".join(spec.params) or "none"
            raise RefusedParamError(f"there is no parameter '{name}'; there are: {known}")
    return {name: _value(name, param, given) for name, param in spec.params.items()}


def _value(name: str, param: CommandParam, given: Mapping[str, Value]) -> Value:
    found = given.get(name, param.default)
    if found is None:
        raise RefusedParamError(f"parameter '{name}' has no value")
    try:
        value = as_value(found, param.type)
    except WrongTypeError as error:
        raise RefusedParamError(f"parameter '{name}': {error}") from None
    for text in texts_of(value):
        _refuse(name, param, text)
    return value


def _refuse(name: str, param: CommandParam, text: str) -> None:
    """Raise if the command does not take this text."""
    if len(text) > LONGEST_VALUE:
        raise RefusedParamError(f"parameter '{name}' is longer than {LONGEST_VALUE} characters")
    if "\0" in text:
        raise RefusedParamError(f"parameter '{name}' has a NUL character in it")
    if text.startswith("-") and not param.dash:
        raise RefusedParamError(f"parameter '{name}' is '{text[:60]}': it would read as an option")
    if param.one_of and text not in [one for each in param.one_of for one in texts_of(each)]:
        allowed = ", ".join(one for each in param.one_of for one in texts_of(each))
        raise RefusedParamError(f"parameter '{name}' is '{text[:60]}', not one of {allowed}")
    if param.pattern is None:
        return
    try:
        is_taken = matches_whole(param.pattern, text)
    except InvalidPatternError as error:
        raise RefusedParamError(f"parameter '{name}': {error}") from None
    if not is_taken:
        raise RefusedParamError(f"parameter '{name}' is '{text[:60]}', not like {param.pattern}")


def _filled(part: str, values: Mapping[str, Value]) -> tuple[str, ...]:
    """One argument; as many as a list has where it is nothing but that list."""
    whole = PLACEHOLDER.fullmatch(part)
    if whole is not None and whole[1] in values:
        return texts_of(values[whole[1]])

    def text(found: re.Match[str]) -> str:
        value = values.get(found[1])
        if value is None or isinstance(value, tuple):
            wrong = "is a list" if isinstance(value, tuple) else "is not declared"
            raise RefusedParamError(f"parameter '{found[1]}' {wrong}: it cannot stand in '{part}'")
        return texts_of(value)[0]

    return (PLACEHOLDER.sub(text, part),)


def texts_of(value: Value) -> tuple[str, ...]:
    """The value as arguments: one, or as many as a list has."""
    match value:
        case tuple():
            return value
        case bool():
            return ("true" if value else "false",)
        case _:
            return (str(value),)
