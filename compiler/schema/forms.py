"""Turns a form into JSON Schema: its fields, their types, words and defaults.

Decides how types become schemas; what small values look like is `compiler.schema.values`,
what belongs together `compiler.schema.rules`. Only keywords are used that mean the same in
draft 7, which editors read best, and in draft 2020-12.
"""

import types
from collections.abc import Mapping
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo

from compiler.schema.defaults import default_of
from compiler.schema.rules import FIELDS, TOGETHER
from compiler.schema.values import AROUND, READ, Schema, name_of, reference
from compiler.schema.words import words_of
from compiler.written_values import BySeverity, ReferenceReader
from compiler.yaml_text import as_yaml

_PLAIN: Mapping[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}
_BOUNDS = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
_LANGUAGE = 1


class Definitions:
    """The forms met so far, each once, by the name under which others refer to it."""

    def __init__(self) -> None:
        self.schemas: dict[str, Schema] = {}
        self._names: dict[type, str] = {}

    def refer(self, form: type[BaseModel]) -> Schema:
        """A reference to the form's schema, which is made when it is first met."""
        if form not in self._names:
            name = form.__name__.removesuffix("Form")
            if name in self.schemas:
                name = f"{form.__module__.rpartition('.')[2]}_{name}"
            self._names[form] = name
            self.schemas[name] = {}
            self.schemas[name] = self.form(form)
        return {"$ref": f"#/definitions/{self._names[form]}"}

    def form(self, form: type[BaseModel]) -> Schema:
        """An object with the form's fields and no other."""
        fields = {each.alias or name: each for name, each in form.model_fields.items()}
        required = [name for name, each in fields.items() if each.is_required()]
        found: Schema = {
            "type": "object",
            "properties": {name: self._field(form, name, each) for name, each in fields.items()},
            "additionalProperties": form.model_config.get("extra") == "allow",
        }
        if required:
            found["required"] = required
        return found | TOGETHER.get(form, {})

    def _field(self, form: type[BaseModel], name: str, field: FieldInfo) -> Schema:
        """What one field takes, with its words and what holds without it."""
        inner = self.of(field.annotation, tuple(field.metadata)) | FIELDS.get((form, name), {})
        if name == "language":
            inner = {"const": _LANGUAGE}
        if "$ref" in inner:  # what stands beside a reference is lost in draft 7
            inner = {"allOf": [inner]}
        words = words_of(form, name)
        default = _LANGUAGE if name == "language" else default_of(form, name, field)
        if default is None:
            return {"description": words} | inner
        shown = as_yaml({"Default": default}) if not isinstance(default, dict) else _shown(default)
        return {"description": f"{words} {shown.strip()}", "default": default} | inner

    def of(self, annotation: Any, metadata: tuple[Any, ...] = ()) -> Schema:
        """What a type takes, read by the readers in its metadata."""
        if hasattr(annotation, "__metadata__"):
            inner = get_args(annotation)[0]
            return self.of(inner, (*annotation.__metadata__, *metadata))
        found = self._bare(annotation)
        for each in metadata:
            if isinstance(each, BeforeValidator):
                found = self._read(each.func, found)
            else:
                for one in each.metadata if isinstance(each, FieldInfo) else (each,):
                    found = found | _bounded(one, found)
        return found

    def _read(self, reader: Any, inner: Schema) -> Schema:
        if isinstance(reader, ReferenceReader):
            return reference(reader)
        name = name_of(reader)
        if name in AROUND:
            return AROUND[name](inner)
        return dict(READ.get(name, inner))

    def _bare(self, annotation: Any) -> Schema:
        if annotation in _PLAIN:
            return {"type": _PLAIN[annotation]}
        if isinstance(annotation, type) and issubclass(annotation, BySeverity):
            return self._by_severity(annotation)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return self.refer(annotation)
        if isinstance(annotation, type) and issubclass(annotation, Enum):
            return {"enum": [each.value for each in annotation]}
        return self._generic(annotation)

    def _generic(self, annotation: Any) -> Schema:
        arguments = get_args(annotation)
        origin = get_origin(annotation)
        if origin is Literal:
            return {"enum": list(arguments)}
        if origin in (Union, types.UnionType):
            members = [self.of(each) for each in arguments if each is not types.NoneType]
            return members[0] if len(members) == 1 else {"anyOf": members}
        if origin in (tuple, list):
            return {"type": "array", "items": self.of(arguments[0])}
        if origin in (dict, Mapping):
            names = self.of(arguments[0])
            found: Schema = {"type": "object", "additionalProperties": self.of(arguments[1])}
            return found if names == {"type": "string"} else {**found, "propertyNames": names}
        return {}

    def _by_severity(self, form: type[BySeverity[Any]]) -> Schema:
        fields = {each.alias or name: each for name, each in form.model_fields.items()}
        said = {
            name: self.of(each.annotation, tuple(each.metadata))
            | {"description": words_of(BySeverity, name)}
            for name, each in fields.items()
        }
        return {"type": "object", "properties": said, "additionalProperties": False}


def _shown(default: Mapping[str, Any]) -> str:
    """A map's default on one line of the words."""
    return "Default: " + ", ".join(f"{key} {value}" for key, value in default.items())


def _bounded(constraint: Any, inner: Schema) -> Schema:
    """What a constraint of a field says in the words of JSON Schema."""
    found: Schema = {}
    for ours, theirs in _BOUNDS.items():
        if getattr(constraint, ours, None) is not None:
            found[theirs] = getattr(constraint, ours)
    shortest = getattr(constraint, "min_length", None)
    if shortest is not None:
        is_object = inner.get("type") == "object"
        found["minProperties" if is_object else "minItems"] = shortest
    return found
