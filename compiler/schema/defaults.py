"""What a field means where its author says nothing, as editors show it.

Decides which defaults are told; the values are those of `compiler.defaults`, of the plan's
own fields and of the roster's, so that they are written down once.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from compiler import defaults
from compiler.document import (
    AnnounceForm,
    DedupForm,
    ExhaustedForm,
    HandoffForm,
    MitigatedForm,
    PlaybookForm,
    PolicyForm,
    ResolveForm,
    RoleForm,
)
from compiler.document_calls import RetryForm
from compiler.document_facts import FactForm, ReassessForm
from compiler.document_human_steps import WaitForForm
from compiler.document_steps import Step
from compiler.durations import written
from compiler.ops_document import CommandForm
from compiler.roster_document import ImportForm, UserForm
from compiler.sources import SenderForm, StatusForm
from domain.ops import CommandSpec
from domain.plan import URGENCY, Dedup, HandoffPlan, Mitigated, Plan, ReassessPlan, ResolvePlan
from domain.plan_facts import FactPlan
from domain.plan_steps import ParallelStep, RetryPlan, StepPlan, WaitForStep
from domain.roster import CalendarImport
from domain.severity import PerSeverity, Severity
from domain.source_mapping import SourceMapping, StatusWords

_LADDER = {
    "ack_within": defaults.ACK_WITHIN,
    "repeat": defaults.REPEAT,
    "ack_expires": defaults.ACK_EXPIRES,
}
_EVERYWHERE = tuple(Severity)

FILLED_IN: Mapping[type, Mapping[str, Any]] = {
    PlaybookForm: {"urgency": URGENCY, "timezone": "UTC"},
    PolicyForm: _LADDER,
    ExhaustedForm: {"again_every": defaults.AGAIN_EVERY},
    HandoffForm: {"max_shift": defaults.MAX_SHIFT},
    ResolveForm: {"confirm": defaults.CONFIRM},
    AnnounceForm: {"on": defaults.ANNOUNCE_ON},
    RoleForm: {"at": _EVERYWHERE},
    ReassessForm: {
        "raise": ReassessPlan.model_fields["raise_by"].default,
        "lower": ReassessPlan.model_fields["lower_by"].default,
    },
    FactForm: {"when": FactPlan.model_fields["ask_when"].default},
    Step: {"join": ParallelStep.model_fields["join"].default},
    UserForm: {"tz": "UTC"},
}
"""Defaults that lowering fills in, by form and field."""

PLANNED: Mapping[type, type[BaseModel]] = {
    PlaybookForm: Plan,
    DedupForm: Dedup,
    HandoffForm: HandoffPlan,
    MitigatedForm: Mitigated,
    ResolveForm: ResolvePlan,
    ReassessForm: ReassessPlan,
    FactForm: FactPlan,
    RetryForm: RetryPlan,
    Step: StepPlan,
    WaitForForm: WaitForStep,
    CommandForm: CommandSpec,
    ImportForm: CalendarImport,
    SenderForm: SourceMapping,
    StatusForm: StatusWords,
}
"""Forms whose fields mean, where nothing is written, what the plan's of that name do."""

NOT_ALONE = {(FactForm, "max_age"), (FactForm, "deadline"), (RetryForm, "attempts")}
"""Fields whose default depends on another, or is the form's own."""


def default_of(form: type[BaseModel], name: str, field: FieldInfo) -> Any:
    """What holds where the author leaves the field out, as one writes it; None if nothing does."""
    for owner in form.__mro__:
        found = FILLED_IN.get(owner, {}).get(name)
        if found is not None:
            return as_written(found)
    own = None if field.is_required() else as_written(field.default)
    planned = PLANNED.get(form)
    if own is None and planned and name in planned.model_fields and (form, name) not in NOT_ALONE:
        other = planned.model_fields[name]
        own = None if other.is_required() else as_written(other.default)
    return own


def as_written(value: Any) -> Any:
    """A value as its author would write it; None for one that says nothing."""
    match value:
        case PerSeverity():
            return _short({each.value: _scalar(value.at(each)) for each in Severity})
        case bool() | int() | float() | str() | timedelta() | Enum():
            return _scalar(value) if value != "" else None
        case tuple() | list():
            return [as_written(each) for each in value] or None
        case dict():
            return {key: as_written(each) for key, each in value.items()} or None
        case _:
            return None


def _scalar(value: Any) -> Any:
    if value is None or isinstance(value, timedelta):
        return written(value)
    return value.value if isinstance(value, Enum) else value


def _short(values: dict[str, Any]) -> Any:
    """One value alone where all are the same."""
    distinct = list(dict.fromkeys(map(str, values.values())))
    return next(iter(values.values())) if len(distinct) == 1 else values
