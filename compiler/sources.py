"""Reads `sources.yaml`: what the generic JSON of each sender means.

Decides the file's fields. What a mapping does with a message is
`domain.source_mapping`.
"""

from typing import Annotated

from pydantic import BeforeValidator, Field

from compiler.diagnostics import Diagnostic
from compiler.document_errors import Written, validate
from compiler.durations import refusal
from compiler.language import newer_language
from compiler.source import Loaded
from compiler.written_values import Whole, one_or_more
from domain.source_mapping import DEFAULT_MAPPING, SourceMapping, StatusWords, path_problem

_FORM = 'write a path such as body.check.name or body["odd key"][0], or a text'


def _source_value(value: object) -> str:
    """The text of a path or a literal; E112 if it cannot be read."""
    if not isinstance(value, str):
        raise refusal("E112", f"'{value}' is not a path or a text", _FORM)
    problem = path_problem(value)
    if problem:
        raise refusal("E112", problem[1], _FORM)
    return value


SourceValue = Annotated[str, BeforeValidator(_source_value)]
Words = Annotated[tuple[str, ...], BeforeValidator(one_or_more)]


class StatusForm(Written):
    """`status:` of a sender."""

    value: SourceValue
    firing: Words | None = None
    resolved: Words | None = None


class SenderForm(Written):
    """One sender of `senders`."""

    identity: Annotated[tuple[SourceValue, ...], BeforeValidator(one_or_more)]
    status: StatusForm | None = None
    starts_at: SourceValue | None = None
    ends_at: SourceValue | None = None
    labels_from: SourceValue | None = None
    labels: dict[str, SourceValue] = Field(default_factory=dict)
    annotations_from: SourceValue | None = None
    annotations: dict[str, SourceValue] = Field(default_factory=dict)
    summary: SourceValue | None = None
    url: SourceValue | None = None


class SourcesForm(Written):
    """The file `sources.yaml`."""

    language: Whole
    senders: dict[str, SenderForm] = Field(default_factory=dict)


def compile_sources(file: Loaded | None) -> tuple[dict[str, SourceMapping], list[Diagnostic]]:
    """The mapping of each sender by name, and what is wrong; none for a broken file."""
    if file is None or (file.root is None and file.diagnostics):
        return {}, []
    newer = newer_language(file)
    if newer:
        return {}, [newer]
    form, found = validate(SourcesForm, file.root, file.path)
    senders = form.senders if form else {}
    return {name: _mapping(sender) for name, sender in senders.items()}, found


def _mapping(form: SenderForm) -> SourceMapping:
    """The sender's mapping; a field that it does not write is read in our plain form."""
    written = {name: getattr(form, name) for name in form.model_fields_set - {"status"}}
    said = {name: value for name, value in written.items() if value is not None}
    if form.status:
        words = {name: value for name, value in form.status if value is not None}
        said["status"] = StatusWords(**words)
    return DEFAULT_MAPPING.model_copy(update=said)
