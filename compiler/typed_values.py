"""Values that authors write for something that has a type: defaults, choices, parameters.

Decides what fits a type. What comes from outside is read more kindly, by `domain.values`;
what stands in a file is meant as it is written.
"""

from collections.abc import Sequence
from typing import Annotated, get_args

from pydantic import BeforeValidator

from compiler.document_errors import described
from compiler.durations import refusal, refused_inside
from domain.values import Value, ValueType, as_value

_WANTED: dict[ValueType, str] = {
    "string": "a text",
    "int": "a whole number",
    "double": "a number",
    "bool": "true or false",
    "list": "a list of texts",
}
_TYPES = ", ".join(get_args(ValueType))
_OTHERS = {
    "str": "string",
    "text": "string",
    "integer": "int",
    "number": "double",
    "float": "double",
    "boolean": "bool",
    "array": "list",
}


def _read_type(value: object) -> str:
    if isinstance(value, str) and value in get_args(ValueType):
        return value
    meant = _OTHERS.get(str(value))
    hint = f"did you mean '{meant}'? " if meant else ""
    raise refusal("E112", f"{described(value)} is not a type", f"{hint}allowed: {_TYPES}")


TypeName = Annotated[ValueType, BeforeValidator(_read_type)]


def fits(value: object, wanted: ValueType) -> bool:
    """Whether what is written is a value of the type as it stands."""
    match wanted:
        case "string":
            return isinstance(value, str)
        case "bool":
            return isinstance(value, bool)
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "double":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "list":
            return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)


def misfit(value: object, wanted: ValueType) -> tuple[str, str]:
    """What is said of a value that does not fit, and the mend."""
    message = f"expected {_WANTED[wanted]}, not {described(value)}"
    if wanted == "string" and isinstance(value, bool | int | float):
        return message, f'quote it: "{str(value).lower()}"'
    if wanted == "list" and isinstance(value, str):
        return message, f"write it as [{value}]"
    return message, f"its type is {wanted}"


def must_fit(value: object, wanted: ValueType, *inside: str | int) -> None:
    """Refuse a written value of another type, at its place; nothing written fits.

    Raises:
        PydanticCustomError: E112.
    """
    if value is None or fits(value, wanted):
        return
    message, help_text = misfit(value, wanted)
    raise refused_inside("E112", message, help_text, *inside)


def must_be_typed(
    wanted: ValueType, default: object, one_of: Sequence[object], name: str = "default"
) -> None:
    """Refuse a default or a choice of another type, and a default that is no choice.

    Raises:
        PydanticCustomError: E112.
    """
    for index, choice in enumerate(one_of):
        must_fit(choice, wanted, "one_of", index)
    must_fit(default, wanted, name)
    if default is not None and one_of and default not in one_of:
        allowed = ", ".join(str(one) for one in one_of)
        message = f"{described(default)} is not one of the allowed values"
        raise refused_inside("E112", message, f"allowed: {allowed}", name)


def typed(value: object, wanted: ValueType) -> Value | None:
    """What is written as a value of its type; None where nothing is."""
    return None if value is None else as_value(value, wanted)


def all_typed(values: Sequence[object], wanted: ValueType) -> tuple[Value, ...]:
    """The choices as values of their type."""
    return tuple(as_value(one, wanted) for one in values)
