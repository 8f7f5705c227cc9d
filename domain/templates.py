"""Texts with names in them (Jinja syntax): checked when compiled, rendered when sent.

Decides how a value looks in a text, what a missing one looks like, and that rendering
is bounded and never fails; the only module that renders with minijinja. What an alert
says is data: it is never evaluated, and its mentions wake nobody.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import quote

import minijinja
from pydantic import BaseModel, ConfigDict

from domain.alert import moment_of
from domain.clock_text import duration_text
from domain.scope import Scope
from domain.template_rules import check, refused_parts
from domain.unknown_names import Problem

__all__ = [
    "LONGEST_TEXT",
    "Problem",
    "Rendered",
    "Scope",
    "check",
    "neutralised",
    "render",
    "render_url",
]

LONGEST_TEXT = 8192
"""Bytes of one rendered text; the rest is cut, and an ellipsis says so."""

_FUEL = 5_000


class Rendered(BaseModel):
    """A text; `missing` lists the names that had no value, `problem` why it stayed raw."""

    model_config = ConfigDict(frozen=True)

    text: str
    missing: tuple[str, ...] = ()
    problem: str | None = None


Reader = Literal["people", "machine", "url"]
"""Who reads the text: for people mentions are made harmless, in a URL values are quoted."""


def render(template: str, values: Mapping[str, Any], *, for_people: bool = True) -> Rendered:
    """The text with the values filled in; never raises.

    `values` come from `trigger_values` or `incident_values`. With `for_people` off
    (dedup keys), mentions are left as they are. A template that cannot be rendered comes
    out raw, neutralised, with the problem named.
    """
    return _rendered(template, values, "people" if for_people else "machine")


def render_url(template: str, values: Mapping[str, Any]) -> Rendered:
    """The URL with the values filled in as data, percent-encoded (RFC 3986): never raises.

    So a label with `&`, `/` or `..` in it stays one value and changes no other.
    """
    return _rendered(template, values, "url")


def _rendered(template: str, values: Mapping[str, Any], reader: Reader) -> Rendered:
    refused = refused_parts(template)
    if refused:
        return _raw(template, refused[0].message)
    missing: list[str] = []
    environment = _environment(reader)
    try:
        prepared = {name: _prepared(value, name, missing) for name, value in values.items()}
        text = environment.render_str(template, None, **prepared)
    except minijinja.TemplateError as error:
        return _raw(template, error.detail or error.message)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        return _raw(template, str(error))
    return Rendered(text=_cut(text), missing=tuple(dict.fromkeys(missing)))


def _raw(template: str, problem: str) -> Rendered:
    return Rendered(text=_cut(neutralised(template)), problem=problem)


def _cut(text: str) -> str:
    encoded = text.encode(errors="replace")
    if len(encoded) <= LONGEST_TEXT:
        return text
    return encoded[: LONGEST_TEXT - 3].decode(errors="ignore") + "…"


_MENTION = re.compile(r"<(?=[!@#])|<(?=[a-z]+:[^<>|\s]*\|)|(?<![\w.+-])@(?=\w)", re.IGNORECASE)


def neutralised(text: str) -> str:
    """The text with mentions and masked links made harmless, and still readable."""
    return _MENTION.sub(lambda found: found.group() + "\u200b", text)


class _Missing:
    """A value that is not there: false, empty, and says so when shown."""

    def __init__(self, name: str, seen: list[str]) -> None:
        self._name = name
        self._seen = seen

    def __str__(self) -> str:
        self._seen.append(self._name)
        return f"‹{self._name} missing›"

    def __bool__(self) -> bool:
        return False

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Any:
        return iter(())


class _Values(dict[str, Any]):
    """A mapping whose missing keys are `_Missing`."""

    def __init__(self, path: str, values: Mapping[str, Any], seen: list[str]) -> None:
        super().__init__(values)
        self._path = path
        self._seen = seen

    def __missing__(self, key: str) -> Any:
        if self._path == "alerts.labels":
            return []
        return _Missing(f"{self._path}.{key}", self._seen)


def _prepared(value: Any, path: str, seen: list[str]) -> Any:
    if not isinstance(value, Mapping):
        return value
    inner = {
        str(name): _prepared(one, f"{path}.{name}", seen)
        for name, one in value.items()
        if one is not None
    }
    return _Values(path, inner, seen)


@lru_cache(maxsize=3)
def _environment(reader: Reader) -> minijinja.Environment:
    def shown(value: Any) -> str:
        text = _shown(value)
        match reader:
            case "people":
                return neutralised(text)
            case "machine":
                return text
            case "url":
                return _in_url(text)

    return minijinja.Environment(
        fuel=_FUEL,
        undefined_behavior="strict",
        auto_escape_callback=lambda _name: None,
        pycompat=False,
        finalizer=shown,
        filters={
            "percent": _percent,
            "duration": _duration,
            "time": _time,
            "date": _date,
            "default": _default,
            "join": _join,
        },
        tests={"defined": _is_defined, "undefined": lambda value: not _is_defined(value)},
    )


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, list | tuple):
        return ", ".join(_shown(one) for one in value)
    return "" if value is None else str(value)


def _in_url(text: str) -> str:
    """The text as one part of a URL; dots alone would be a step up the path."""
    quoted = quote(text, safe="")
    return quoted.replace(".", "%2E") if quoted in (".", "..") else quoted


def _is_defined(value: Any) -> bool:
    return value is not None and not isinstance(value, _Missing)


def _default(value: Any, other: Any = "") -> Any:
    return value if _is_defined(value) else other


def _join(value: Any, between: str = "") -> Any:
    if isinstance(value, str) or not isinstance(value, Iterable):
        return value
    return str(between).join(_shown(one) for one in value)


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _percent(value: Any) -> Any:
    """0.3 as "30 %", 0.053 as "5.3 %"; what is no number stays as it is."""
    number = _number(value)
    if number is None:
        return value
    return f"{round(number * 100, 1):g} %"


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta):
        return duration_text(value)
    seconds = _number(value)
    try:
        return value if seconds is None else duration_text(timedelta(seconds=seconds))
    except (OverflowError, ValueError):
        return value


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    found = moment_of(value) if isinstance(value, str) else None
    return found.astimezone(UTC) if found else None


def _time(value: Any) -> Any:
    moment = _moment(value)
    return value if moment is None else f"{moment:%H:%M} UTC"


def _date(value: Any) -> Any:
    moment = _moment(value)
    return value if moment is None else f"{moment:%Y-%m-%d}"
