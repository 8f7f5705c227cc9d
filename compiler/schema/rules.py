"""What belongs together in a form, as far as JSON Schema can say it.

Decides which fields exclude or need one another. `compiler.document` and its like judge
the same for the compiler.
"""

from collections.abc import Mapping
from typing import Any

from compiler.document import CriterionForm, TriggerForm
from compiler.document_calls import AuthForm, HttpForm
from compiler.document_drill import EveryForm
from compiler.document_facts import FactForm
from compiler.document_human_steps import ChecklistForm
from compiler.document_steps import HAS, KINDS, DecideForm, Step
from compiler.roster_document import DestinationForm, ScheduleForm

Schema = dict[str, Any]

_OF_EVERY_STEP = ("id", "when", "at")
_FACT_SOURCES = ("query", "http", "alert", "ask")


def _one_of(*names: str) -> Schema:
    """Exactly one of these fields is written."""
    return {"oneOf": [{"required": [name]} for name in names]}


def _any_of(*names: str) -> Schema:
    """At least one of these fields is written."""
    return {"anyOf": [{"required": [name]} for name in names]}


def _not_both(first: str, second: str) -> Schema:
    return {"not": {"required": [first, second]}}


def _needs(field: str, other: str) -> Schema:
    """Where one field is written the other is as well."""
    return {"if": {"required": [field]}, "then": {"required": [other]}}


def _pairs(names: tuple[str, ...]) -> list[Schema]:
    """No two of these fields are written."""
    return [
        _not_both(first, second) for at, first in enumerate(names) for second in names[at + 1 :]
    ]


def _of_kind(kind: str) -> Schema:
    """What a step of this kind may have beside the kind."""
    allowed = [*_OF_EVERY_STEP, kind, *HAS[kind]]
    then: Schema = {"propertyNames": {"enum": allowed}}
    return {"if": _only(kind), "then": then}


def _only(kind: str) -> Schema:
    """The step names this kind and no other, so that two kinds are told once."""
    others = [{"required": [each]} for each in KINDS if each != kind]
    return {"required": [kind], "not": {"anyOf": others}}


TOGETHER: Mapping[type, Schema] = {
    EveryForm: {**_one_of("cron", "interval"), "allOf": [_needs("cron", "tz")]},
    TriggerForm: _one_of("alert", "heartbeat", "manual"),
    CriterionForm: {**_one_of("after", "when"), **_any_of("page", "raise")},
    AuthForm: {
        **_one_of("bearer", "basic", "header"),
        "allOf": [_needs("header", "value"), _needs("value", "header")],
    },
    HttpForm: _not_both("json", "body"),
    FactForm: {"allOf": [*_pairs(_FACT_SOURCES), _needs("ask", "question")]},
    ChecklistForm: _any_of("from", "items"),
    DestinationForm: {"minProperties": 1},
    ScheduleForm: {**_not_both("rotate", "import"), **_any_of("rotate", "import", "layers")},
    Step: {
        **_one_of(*KINDS),
        "allOf": [
            *(_of_kind(kind) for kind in KINDS),
            {"if": _only("for_each"), "then": {"required": ["do"]}},
        ],
    },
}
"""Keywords beside `properties`, by form."""

FIELDS: Mapping[tuple[type, str], Schema] = {
    (DecideForm, "options"): {"minProperties": 2},
}
"""Keywords beside a field's own schema, by form and field."""
