"""Turns what pydantic says about a document into diagnostics at its nodes.

Decides place, code and words of shape errors (E1xx): an unknown field points at its key,
a missing one at the first key of the mapping that lacks it, all else at the value. Models
say by `not_yet` which fields belong to the language without being built.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from compiler.diagnostics import Diagnostic, choice, near
from compiler.document_types import fields_of, models_at, names_of
from compiler.nodes import Listing, Loc, Mark, Node, Scalar, descend, key_at
from compiler.nodes import Mapping as MappingNode


class Written(BaseModel):
    """What an author writes: frozen, and no field that the language does not know.

    `not_yet` lists fields of the language that this version refuses as not supported yet,
    `may_be_null` those in whose mappings nothing means something.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    not_yet: ClassVar[Mapping[str, str]] = {}
    may_be_null: ClassVar[tuple[str, ...]] = ()


M = TypeVar("M", bound=BaseModel)

_HOW = {
    "text": "write one text",
    "a whole number": "write digits alone, without quotes and without a point",
    "a number": "write a number, without quotes",
    "true or false": "write true or false, without quotes",
    "a list": "write [one, two], or one entry a line, each after '- '",
    "a mapping": "write { name: value }, or name: value on lines of its own",
}

_KINDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "float_type": "a number",
}


def validate(model: type[M], node: Node | None, path: str) -> tuple[M | None, list[Diagnostic]]:
    """The document as the model, or None with what is wrong in it; never raises."""
    if not isinstance(node, MappingNode):
        mark = node.mark if node else Mark(1, 1)
        what = described(node.plain()) if node else "an empty file"
        message = f"expected a mapping of fields, not {what}"
        found = diagnostic(path, mark, "E112", message, f"start with {fields_of(model)}")
        return None, [found]
    data = (*_DATA, *getattr(model, "may_be_null", ()))
    nothing = islice(_nothing_said(node, data), _MOST_TOLD)
    empty = [_empty(key, value, path) for key, value in nothing]
    try:
        form = model.model_validate(node.plain())
    except ValidationError as error:
        return None, _joined(_all_of(error, model, node, path), empty)
    return (None if empty else form), [found for _, found in empty]


_DATA = ("json",)


def _nothing_said(
    node: Node, data: tuple[str, ...], key: Scalar | None = None
) -> Iterator[tuple[Scalar | None, Scalar]]:
    """Every value that is null, with its key; only in JSON for others does null mean anything."""
    match node:
        case Scalar():
            if node.value is None:
                yield key, node
        case Listing():
            for item in node.items:
                yield from _nothing_said(item, data)
        case MappingNode():
            for name, value in node.entries:
                if name.text not in data or isinstance(value, Scalar):
                    yield from _nothing_said(value, data, name)


def _empty(key: Scalar | None, value: Scalar, path: str) -> tuple[Mark | None, Diagnostic]:
    what = f"'{key.text}' is empty" if key else "this entry is empty"
    help_text = "write a value, or remove the field"
    return key.mark if key else None, diagnostic(path, value.mark, "E112", what, help_text)


def _joined(
    found: list[Diagnostic], empty: list[tuple[Mark | None, Diagnostic]]
) -> list[Diagnostic]:
    """All of them, but for an empty value that is said by its key or by its place already."""
    at_key = {Mark(each.line, each.column) for each in found}
    told = [said for key, said in empty if key not in at_key]
    places = {(each.line, each.column) for each in told}
    return [each for each in found if (each.line, each.column) not in places] + told


def diagnostic(path: str, mark: Mark, code: str, message: str, help_text: str = "") -> Diagnostic:
    """A diagnostic at this place."""
    return Diagnostic(
        path=path, line=mark.line, column=mark.column, code=code, message=message, help=help_text
    )


def at_value(
    path: str, root: Node, loc: Loc, code: str, message: str, *, help_text: str = ""
) -> Diagnostic:
    """A diagnostic at the value at this location of the file."""
    return diagnostic(path, descend(root, loc).mark, code, message, help_text)


def at_key(
    path: str, root: Node, loc: Loc, code: str, message: str, *, help_text: str = ""
) -> Diagnostic:
    """A diagnostic at the key that the location's last step names, else at the value."""
    key = key_at(root, loc)
    return diagnostic(path, (key or descend(root, loc)).mark, code, message, help_text)


def described(value: object) -> str:
    """What the author wrote, quoted and short."""
    match value:
        case None:
            return "nothing"
        case bool():
            return f"'{str(value).lower()}'"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            return f"'{value}'" if len(value) <= _QUOTED else f"'{value[:_QUOTED]}…'"
        case _:
            return f"'{value}'"


_QUOTED = 60
_MOST_TOLD = 400
"""Mistakes of one document that are looked at; far fewer are shown."""


def _all_of(
    error: ValidationError, model: type[BaseModel], root: Node, path: str
) -> list[Diagnostic]:
    """One diagnostic for each mistake; a field that was only misspelt is not also missing."""
    details = error.errors(include_url=False)[:_MOST_TOLD]
    misspelt = set(_misspelt(details))
    found = []
    for detail in details:
        if detail["type"] == "missing" and detail["loc"] in misspelt:
            continue
        found.append(_one(detail, model, root, path))
    return found


def _misspelt(
    details: list[ErrorDetails],
) -> Iterator[tuple[int | str, ...]]:
    """The locations of the fields that unknown keys were probably meant to be."""
    missing = {detail["loc"] for detail in details if detail["type"] == "missing"}
    for detail in details:
        if detail["type"] == "extra_forbidden":
            parent = detail["loc"][:-1]
            wanted = [str(loc[-1]) for loc in missing if loc[:-1] == parent]
            meant = near(str(detail["loc"][-1]), wanted)
            if meant:
                yield (*parent, meant)


def _one(detail: ErrorDetails, model: type[BaseModel], root: Node, path: str) -> Diagnostic:
    """The diagnostic for one of pydantic's errors."""
    loc = detail["loc"]
    is_key = bool(loc) and loc[-1] == "[key]"
    loc = loc[:-1] if is_key else loc
    match detail["type"]:
        case "extra_forbidden":
            return _unknown(loc, model, root, path)
        case "missing":
            return _missing(loc, root, path)
        case "author":
            context = detail["ctx"]
            field = context.get("field")
            place = at_key if is_key or field else at_value
            loc = (*loc, field) if field else (*loc, *context.get("inside", ()))
            return place(
                path, root, loc, context["code"], context["text"], help_text=context["help"]
            )
        case _:
            return _misfit(detail, model, root, path)


def _unknown(loc: Loc, model: type[BaseModel], root: Node, path: str) -> Diagnostic:
    """E101 for a field nobody knows, E109 for one that is not built yet."""
    name = str(loc[-1])
    owners = models_at(model, loc[:-1])
    for owner in owners:
        reason = getattr(owner, "not_yet", {}).get(name)
        if reason is not None:
            message = f"'{name}' is not supported yet"
            return at_key(path, root, loc, "E109", message, help_text=reason)
    allowed = {field for owner in owners for field in names_of(owner)}
    where = f" in '{loc[-2]}'" if len(loc) > 1 and isinstance(loc[-2], str) else ""
    message = f"unknown field '{name}'{where}"
    help_text = choice(name, allowed, of="allowed")
    if _is_torn_off(loc, root):
        help_text = "if it is part of the condition before it, quote the condition"
    return at_key(path, root, loc, "E101", message, help_text=help_text)


def _is_torn_off(loc: Loc, root: Node) -> bool:
    """Whether a comma inside `{ when: ... }` probably made a field of a condition's rest."""
    parent = descend(root, loc[:-1])
    if not isinstance(parent, MappingNode):
        return False
    value = parent.get(str(loc[-1]))
    return parent.get("when") is not None and isinstance(value, Scalar) and value.value is None


def _missing(loc: Loc, root: Node, path: str) -> Diagnostic:
    """E102 at the first key of the mapping that lacks the field."""
    parent = descend(root, loc[:-1])
    mark = parent.mark
    if isinstance(parent, MappingNode) and parent.entries:
        mark = parent.entries[0][0].mark
    message = f"the field '{loc[-1]}' is missing"
    return diagnostic(path, mark, "E102", message, f"add '{loc[-1]}:' here")


def _misfit(detail: ErrorDetails, model: type[BaseModel], root: Node, path: str) -> Diagnostic:
    """E112 for a value of the wrong kind."""
    node = descend(root, detail["loc"])
    wrote = described(node.plain())
    kind = _KINDS.get(detail["type"])
    if kind:
        help_text = ""
        if kind == "text" and isinstance(node, Scalar) and node.value is not None:
            help_text = f'quote it: "{node.text}"'
        elif kind == "a mapping":
            owners = models_at(model, detail["loc"])
            help_text = f"write it with {fields_of(owners[0])}" if owners else _HOW[kind]
        else:
            help_text = _HOW.get(kind, "")
        return diagnostic(path, node.mark, "E112", f"expected {kind}, not {wrote}", help_text)
    message, help_text = _unfit(detail, wrote, str(node.plain()))
    return diagnostic(path, node.mark, "E112", message, help_text)


def _unfit(detail: ErrorDetails, wrote: str, word: str) -> tuple[str, str]:
    """What is said of a value of the right kind that is still not allowed, and the mend."""
    context = detail.get("ctx", {})
    match detail["type"]:
        case "greater_than_equal":
            return f"{wrote} is too small", f"write {context['ge']} or more"
        case "less_than_equal":
            return f"{wrote} is too large", f"write {context['le']} or less"
        case _ if "expected" in context:
            allowed = re.findall(r"'([^']+)'", str(context["expected"]))
            return f"{wrote} is not allowed here", choice(word, allowed, of="allowed")
        case _:
            reason = detail["msg"].removeprefix("Value error, ")
            return f"{wrote} does not fit: {reason[:1].lower()}{reason[1:]}", ""
