"""Walks the types of a document along a location, to say what may stand there.

Decides which models a value may be read as; unions are laid open, lists and mappings entered.
"""

from collections.abc import Mapping
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from compiler.nodes import Loc


def models_at(model: type[BaseModel], loc: Loc) -> list[type[BaseModel]]:
    """The models that the value at this location may be."""
    candidates: list[Any] = [model]
    for step in loc:
        inner = [child for each in candidates for child in _children(each, step)]
        candidates = inner or candidates
    return [each for each in candidates if isinstance(each, type) and issubclass(each, BaseModel)]


def _children(annotation: Any, step: str | int) -> list[Any]:
    """The types that one step into this type may lead to, unions laid open."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            if step in (name, field.alias):
                return _opened(field.annotation)
        return []
    arguments = get_args(annotation)
    match get_origin(annotation):
        case origin if origin is dict or origin is Mapping:
            return _opened(arguments[1])
        case origin if origin in (list, tuple) and isinstance(step, int):
            return _opened(arguments[0])
        case _:
            return []


def _opened(annotation: Any) -> list[Any]:
    """The type's members if it is a union, without None and without metadata."""
    arguments = get_args(annotation)
    if hasattr(annotation, "__metadata__"):
        return _opened(arguments[0])
    if get_origin(annotation) is Union or type(annotation).__name__ == "UnionType":
        return [each for member in arguments for each in _opened(member)]
    return [] if annotation is type(None) else [annotation]


def names_of(model: type[BaseModel]) -> list[str]:
    """The fields as authors write them."""
    return [field.alias or name for name, field in model.model_fields.items()]


def fields_of(model: type[BaseModel]) -> str:
    """The required fields of a document, as a hint what to start with."""
    required = [
        field.alias or name for name, field in model.model_fields.items() if field.is_required()
    ]
    return ", ".join(f"'{name}:'" for name in required or names_of(model)[:3])
