"""The tests of a playbook as their author writes them, field by field.

Decides which fields exist and what their values look like. Whether what they name exists is
`compiler.lower_tests`; arguments of commands are `compiler.lower_story`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from compiler.document_errors import Written, described
from compiler.durations import read_timer, refusal
from compiler.written_values import (
    DestinationRef,
    Flag,
    Id,
    PageRef,
    ReferenceReader,
    Sev,
    Span,
    Text,
    Timer,
    one_or_more,
)
from domain.incident.view import Phase

COMMS = "this version has no communications of its own; expect announced: instead"


_YEARS = range(2000, 2101)


def read_moment(value: object) -> datetime:
    """A local date and time; E112 for anything else."""
    try:
        moment = datetime.fromisoformat(str(value)) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None or moment.year not in _YEARS:
        hint = 'write it in the playbook\'s time zone, such as "2026-11-25T03:00"'
        raise refusal("E112", f"{described(value)} is not a local moment", hint)
    return moment


read_page_ref = ReferenceReader(("schedule", "user", "team"))
read_speaker = ReferenceReader(("user", "schedule", "role"))


def _read_paged_key(value: object) -> str:
    return "only" if value == "only" else read_page_ref(value)


def _read_paged_value(value: object) -> object:
    return value if isinstance(value, bool) else read_timer(value)


def _read_answer(value: object) -> object:
    if isinstance(value, dict) or value in ("failed", "unknown"):
        return value
    hint = "allowed: failed, unknown, or a mapping of the step's outputs, such as { count: 3 }"
    raise refusal("E112", f"{described(value)} is no answer of a machine", hint)


def _read_label(value: object) -> str:
    if isinstance(value, str):
        return value
    raise refusal("E112", f"a label's value is text, not {described(value)}", "quote it")


def _read_ended(value: object) -> object:
    if value is True:
        return value
    if isinstance(value, dict) and value:
        return {name: _read_label(text) for name, text in value.items()}
    hint = "write true for every alert, or the labels of those that end"
    raise refusal("E112", f"{described(value)} does not say which alerts end", hint)


def _read_step(value: object) -> object:
    return {"state": value} if isinstance(value, str) else value


def _read_holder(value: object) -> str:
    return "nobody" if value == "nobody" else read_page_ref(value)


Moment = Annotated[datetime, BeforeValidator(read_moment)]
Texts = dict[str, str]
Paged = Annotated[
    dict[
        Annotated[str, BeforeValidator(_read_paged_key)],
        Annotated[Any, BeforeValidator(_read_paged_value)],
    ],
    Field(min_length=1),
]
UserRef = Annotated[str, BeforeValidator(ReferenceReader(("user",)))]
UserRefs = Annotated[tuple[UserRef, ...], BeforeValidator(one_or_more)]
ServingRef = Annotated[str, BeforeValidator(ReferenceReader(("schedule", "team")))]
Speaker = Annotated[str, BeforeValidator(read_speaker)]
Answer = Annotated[Any, BeforeValidator(_read_answer)]
Ended = Annotated[Any, BeforeValidator(_read_ended)]


class DeclaredForm(Written):
    """`declared:` of what is given."""

    title: Text
    severity: Sev | None = None
    by: PageRef | None = None


class GivenForm(Written):
    """`given:` of a test."""

    labels: Texts = Field(default_factory=dict)
    annotations: Texts = Field(default_factory=dict)
    summary: Text | None = None
    source: Text | None = None
    declared: DeclaredForm | None = None
    params: dict[str, Any] | None = None
    on_call: dict[ServingRef, UserRefs] = Field(default_factory=dict)
    facts: dict[str, Any] = Field(default_factory=dict)
    steps: dict[str, Answer] = Field(default_factory=dict)


class LineForm(Written):
    """One line of `story:`. What a command takes beside `by` stands beside it."""

    model_config = ConfigDict(frozen=True, extra="allow", populate_by_name=True)

    after: Span | None = None
    after_alert: Span | None = None
    say: Text | None = None
    by: Speaker | None = None
    refused: Flag = False
    facts: dict[str, Any] | None = None
    fires: Texts | None = None
    annotations: Texts = Field(default_factory=dict)
    ends: Ended | None = None


StepState = Literal["pending", "running", "done", "skipped", "failed", "cancelled"]


class StepForm(Written):
    """What is expected of one step."""

    state: StepState | None = None
    choice: Id | None = None
    results: dict[str, Any] = Field(default_factory=dict)


class ExpectForm(Written):
    """`expect:`, or one entry of it."""

    not_yet: ClassVar[Mapping[str, str]] = {"comms": COMMS}

    after: Span | None = None
    triggers: Flag | None = None
    severity: Sev | None = None
    dedup: Text | None = None
    phase: Phase | None = None
    paged: Paged | None = None
    quietly: Paged | None = None
    announced: dict[DestinationRef, Timer] | None = None
    steps: dict[str, Annotated[StepForm, BeforeValidator(_read_step)]] | None = None
    roles: dict[Id, Annotated[str, BeforeValidator(_read_holder)]] | None = None
    facts: dict[str, Any] | None = None


class TestForm(Written):
    """One entry of `tests:`."""

    __test__ = False  # pytest takes a class of this name for one of its own

    may_be_null: ClassVar[tuple[str, ...]] = ("facts",)

    name: Text
    at: Moment | None = None
    given: GivenForm = GivenForm()
    story: tuple[LineForm, ...] = ()
    expect: Annotated[tuple[ExpectForm, ...], BeforeValidator(one_or_more)]
    until: Span | None = None
