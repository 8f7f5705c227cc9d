"""Reads exports, JSON or YAML, into models, or says what is wrong where.

Decides how a place is written (`escalation_policies[2].escalation_rules[0].delay`) and what
is said of it. Fields that nobody asks for are fine in any export.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import ErrorDetails

T = TypeVar("T")

_MOST_BYTES = 50 * 1024 * 1024
_MOST_SAID = 10
_FIRST_YEAR, _LAST_YEAR = 1970, 2200
_YEAR = 366 * 86400
_LONGEST_VALUE = 60


class ExportError(Exception):
    """An export that cannot be read; each line names file, place and what was expected."""


class Exported(BaseModel):
    """A part of somebody else's answer: unknown fields are theirs, null is as good as absent."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)


def _listed(value: object) -> object:
    return () if value is None else value


def _text(value: object) -> object:
    return "" if value is None else value


Several = Annotated[tuple[T, ...], BeforeValidator(_listed)]
"""A list; null is an empty one."""

Said = Annotated[str, BeforeValidator(_text)]
"""A text; null is an empty one."""


def _in_our_time(moment: datetime) -> datetime:
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"expected a year from {_FIRST_YEAR} to {_LAST_YEAR}")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_in_our_time)]
"""A moment with its offset, in years that a schedule can be about."""

LocalMoment = Annotated[datetime, AfterValidator(_in_our_time)]
"""A moment by the wall clock of a zone that stands elsewhere."""

Minutes = Annotated[int, Field(ge=0, le=_YEAR // 60)]
Seconds = Annotated[int, Field(gt=0, le=_YEAR)]
Times = Annotated[int, Field(ge=0, le=100)]


class Reference(Exported):
    """A reference to something else of the export."""

    id: Said = ""
    type: Said = ""
    name: Said = ""
    summary: Said = ""
    username: Said = ""

    @property
    def said(self) -> str:
        """What a reader knows it by."""
        return self.name or self.summary or self.username or self.id


def distinct(things: Iterable[T]) -> tuple[T, ...]:
    """Each thing once by its `id`, as the later file has it, where the first one stood."""
    found: dict[object, T] = {}
    for number, thing in enumerate(things):
        found[getattr(thing, "id", "") or number] = thing
    return tuple(found.values())


def read_text(path: Path) -> str:
    """The file's text. Raises ExportError if there is none that can be read."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ExportError(f"{path}: cannot be read: {error.strerror}") from None
    if len(raw) > _MOST_BYTES:
        raise ExportError(f"{path}: over 50 MB; export less at a time")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ExportError(f"{path}: not UTF-8 text (byte {error.start})") from None


def read_json(path: Path) -> Any:
    """What the JSON file says. Raises ExportError naming line and column."""
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        where = f"{path}:{error.lineno}:{error.colno}"
        raise ExportError(f"{where}: not JSON: {error.msg[0].lower()}{error.msg[1:]}") from None
    except RecursionError:
        raise ExportError(f"{path}: nested too deep to be an export") from None


def read_yaml(path: Path) -> Any:
    """What the YAML file says. Raises ExportError naming line and column."""
    text = read_text(path)
    try:
        _refuse_depth(path, text)
        return yaml.load(text, Loader=_FewAliases)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = _marked(path, mark)
        raise ExportError(f"{where}: not YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError) as error:
        said = str(error).splitlines()[0]
        raise ExportError(f"{path}: not YAML: {said}") from None


def _marked(path: Path, mark: Any) -> str:
    return f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)


class _FewAliases(yaml.SafeLoader):
    """Aliases are kept, since people write them, but not more than a configuration needs."""

    aliases = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            self.aliases += 1
            if self.aliases > _MOST_ALIASES:
                raise yaml.YAMLError("too many aliases to be a configuration")
        return super().compose_node(parent, index)


_MOST_ALIASES = 200
_DEEPEST = 60


def _refuse_depth(path: Path, text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                mark = event.start_mark
                where = _marked(path, mark)
                raise ExportError(f"{where}: nested too deep to be a configuration")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def parsed(
    kind: type[T], value: object, *, path: Path, renamed: Mapping[str, str] | None = None
) -> T:
    """The value as this model. Raises ExportError with a line for each wrong place.

    `renamed` says how the file calls a field of the model.
    """
    try:
        found: T = TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        lines = [f"{path}: {_said(each, renamed or {})}" for each in problems[:_MOST_SAID]]
        if len(problems) > _MOST_SAID:
            lines.append(f"{path}: and {len(problems) - _MOST_SAID} more")
        raise ExportError("\n".join(lines)) from None
    return found


def place(loc: Iterable[str | int]) -> str:
    """`schedules[0].layers[1].start`."""
    text = ""
    for part in loc:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text or "the whole file"


_EXPECTED: Mapping[str, str] = {
    "missing": "this field is missing",
    "string_type": "expected a text",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "tuple_type": "expected a list",
    "list_type": "expected a list",
    "dict_type": "expected an object",
    "model_type": "expected an object",
    "model_attributes_type": "expected an object",
}


def _said(problem: ErrorDetails, renamed: Mapping[str, str]) -> str:
    kind = problem["type"]
    first, *rest = problem["loc"] or ("",)
    where = place([part for part in (renamed.get(str(first), first), *rest) if part != ""])
    expected = _EXPECTED.get(kind)
    if expected is None:
        message = problem["msg"].removeprefix("Value error, ")
        expected = f"{message[0].lower()}{message[1:]}"
    if kind == "missing":
        return f"{where}: {expected}"
    found = json.dumps(problem["input"], default=str, ensure_ascii=False)
    if len(found) > _LONGEST_VALUE:
        found = f"{found[:_LONGEST_VALUE]}…"
    return f"{where}: {expected}, found {found}"


def lists_in(
    path: Path, document: object, *, kinds: Mapping[str, str], guess: Callable[[object], str]
) -> Iterator[tuple[str, object, str]]:
    """Each list of the file: its kind, what is in it, and the place to name.

    `kinds` maps every key under which a list or one thing may stand to its kind. A bare list,
    or one below `data` or `results`, is what the file's name says, else what `guess` makes of
    its first entry.
    """
    if isinstance(document, dict):
        known = [(key, kinds[key]) for key in document if key in kinds]
        if known:
            for key, kind in known:
                inner = document[key]
                yield kind, inner, key
            return
        for key in ("results", "data"):
            if key in document:
                inner = document[key]
                yield _kind_of(path, inner, kinds=kinds, guess=guess), inner, key
                return
    if isinstance(document, list):
        yield _kind_of(path, document, kinds=kinds, guess=guess), document, ""
        return
    allowed = ", ".join(dict.fromkeys(kinds))
    raise ExportError(f"{path}: the whole file: expected an object with one or more of {allowed}")


def _kind_of(
    path: Path, inner: object, *, kinds: Mapping[str, str], guess: Callable[[object], str]
) -> str:
    stem = path.stem.lower().replace("-", "_")
    for key in sorted(kinds, key=len, reverse=True):
        if key.lower() in stem:
            return kinds[key]
    first = inner[0] if isinstance(inner, list) and inner else inner
    found = guess(first)
    if found:
        return found
    if inner == []:
        return ""
    allowed = ", ".join(dict.fromkeys(kinds.values()))
    raise ExportError(f"{path}: cannot tell what this lists; name the file after one of {allowed}")
