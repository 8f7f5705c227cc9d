"""The steps of a playbook as their author writes them.

Decides the fields of each step kind; the kind is the key. One class holds them all, so
that an error always points into the file and never into a union.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from compiler.document_calls import (
    HttpForm,
    Outs,
    Params,
    PlaybookCallForm,
    Retry,
    RunRef,
    paths_must_start_in,
    run_kind,
)
from compiler.document_errors import Written
from compiler.document_human_steps import (
    ApproveForm,
    AskForm,
    ChecklistForm,
    NotifyForm,
    WaitForForm,
)
from compiler.durations import refusal
from compiler.nodes import Loc
from compiler.written_values import (
    AssignRef,
    Flag,
    Id,
    PersonRef,
    SevList,
    Text,
    Time,
    Timers,
    one_or_more,
)
from domain.plan_steps import Join, OnError, OnTimeout


class TradeoffForm(Written):
    """`tradeoff:` of an option."""

    time: Text | None = None
    risk: Text | None = None
    reversible: Flag | None = None


class OptionForm(Written):
    """One of the `options` of a decision."""

    label: Text
    suggest_when: Text | None = None
    tradeoff: TradeoffForm | None = None
    do: "tuple[Step, ...]" = ()


class DecideForm(Written):
    """`decide:` of a step."""

    by: PersonRef
    question: Text
    options: dict[Id, OptionForm]

    @model_validator(mode="after")
    def _is_a_choice(self) -> "DecideForm":
        if len(self.options) <= 1:
            message = "a decision needs at least two options"
            hint = "add another, such as one that waits, or make it plain steps"
            raise refusal("E102", message, hint, "options")
        return self


class ForEachForm(Written):
    """`for_each:` of a step; without `max` it is refused (E403)."""

    in_: Text = Field(alias="in")
    as_: Id = Field(alias="as")
    at_once: Annotated[int, Field(strict=True, ge=1, le=100)] = 1
    max: Annotated[int, Field(strict=True, ge=1, le=1000)] | None = None


KINDS = (
    "http",
    "run",
    "notify",
    "ask",
    "checklist",
    "runbook",
    "decide",
    "approve",
    "wait",
    "wait_for",
    "parallel",
    "for_each",
    "playbook",
)
"""The keys of which a step has exactly one."""

CARRIED = (
    "timeout", "deadline", "retry", "on_error", "on_timeout", "assign", "with", "out", "join", "do",
)  # fmt: skip
"""The fields beside the kind that not every kind has."""

_LASTING = ("deadline", "on_timeout", "on_error")
HAS: Mapping[str, tuple[str, ...]] = {
    "http": (*_LASTING, "timeout", "retry", "assign", "out"),
    "run": (*_LASTING, "timeout", "retry", "assign", "out", "with"),
    "notify": (),
    "ask": _LASTING,
    "checklist": (*_LASTING, "assign"),
    "runbook": ("assign",),
    "decide": _LASTING,
    "approve": _LASTING,
    "wait": (),
    "wait_for": (*_LASTING, "assign"),
    "parallel": (*_LASTING, "assign", "join"),
    "for_each": (*_LASTING, "assign", "do"),
    "playbook": (*_LASTING, "assign"),
}
"""What each kind has beside `id`, `when` and `at`."""

_INSTEAD: Mapping[tuple[str, str], str] = {
    ("ask", "timeout"): "a step that waits for people has a 'deadline'",
    ("checklist", "timeout"): "a step that waits for people has a 'deadline'",
    ("decide", "timeout"): "a step that waits for people has a 'deadline'",
    ("approve", "timeout"): "a step that waits for people has a 'deadline'",
    ("wait_for", "timeout"): "it is 'deadline' here",
    ("playbook", "timeout"): "it is 'deadline' here",
    ("ask", "assign"): "'ask.of' says who answers",
    ("decide", "assign"): "'decide.by' says who decides",
    ("approve", "assign"): "'approve.by' says who approves",
    ("playbook", "with"): "move it into 'playbook:'",
    ("playbook", "out"): "the called playbook says its own 'outputs'",
    ("ask", "out"): "the answer is steps.<id>.answer",
    ("decide", "out"): "the option chosen is steps.<id>.chosen",
    ("decide", "do"): "each option has its own 'do'",
}


def _branch(value: object) -> object:
    """The steps of one branch; a single one may stand alone."""
    return one_or_more(value)


class Step(Written):
    """One step; exactly one of the kinds is written."""

    id: Id
    when: Text | None = None
    at: SevList | None = None
    http: HttpForm | None = None
    run: RunRef | None = None
    notify: NotifyForm | None = None
    ask: AskForm | None = None
    checklist: ChecklistForm | None = None
    runbook: Text | None = None
    decide: DecideForm | None = None
    approve: ApproveForm | None = None
    wait: Time | None = None
    wait_for: WaitForForm | None = None
    parallel: Annotated[
        "tuple[Annotated[tuple[Step, ...], BeforeValidator(_branch)], ...] | None",
        BeforeValidator(one_or_more),
    ] = None
    for_each: ForEachForm | None = None
    playbook: PlaybookCallForm | None = None
    timeout: Time | None = None
    deadline: Timers | None = None
    retry: Retry | None = None
    on_error: OnError | None = None
    on_timeout: OnTimeout | None = None
    assign: AssignRef | None = None
    with_: Params | None = Field(default=None, alias="with")
    out: Outs = Field(default_factory=dict)
    join: Join | None = None
    do: "Annotated[tuple[Step, ...], BeforeValidator(one_or_more)] | None" = None

    @property
    def kind(self) -> str:
        """The kind that is written."""
        return next(kind for kind in KINDS if kind in self.model_fields_set)

    @model_validator(mode="after")
    def _one_kind(self) -> "Step":
        named = [kind for kind in KINDS if kind in self.model_fields_set]
        if len(named) > 1:
            listed = " and ".join(named)
            message = f"step '{self.id}' has two kinds: {listed}"
            raise refusal("E103", message, "make it two steps", named[1])
        if not named:
            listed = ", ".join(KINDS)
            raise refusal("E102", f"step '{self.id}' says no kind", f"add one of {listed}")
        self._has_only_what_its_kind_has(named[0])
        if self.for_each and self.do is None:
            message = f"step '{self.id}' says nothing to do for each"
            raise refusal("E102", message, "add do: with its steps", "for_each")
        paths_must_start_in(self.call, self.out)
        return self

    def _has_only_what_its_kind_has(self, kind: str) -> None:
        for field in CARRIED:
            written = "with_" if field == "with" else field
            if written in self.model_fields_set and field not in HAS[kind]:
                article = "an" if kind in ("http", "ask", "approve") else "a"
                message = f"'{field}' has no meaning in {article} {kind} step"
                instead = _INSTEAD.get((kind, field), f"remove '{field}:'")
                raise refusal("E101", message, instead, field)

    @property
    def call(self) -> str:
        """`http`, `command` or `plugin`; empty where no machine does it."""
        if self.run:
            return run_kind(self.run)[0]
        return "http" if self.http else ""

    def blocks(self) -> "Iterator[tuple[Loc, tuple[Step, ...]]]":
        """The lists of steps inside this one, each with its location below the step."""
        for name, option in self.decide.options.items() if self.decide else ():
            yield ("decide", "options", name, "do"), option.do
        for index, branch in enumerate(self.parallel or ()):
            yield ("parallel", index), branch
        if self.do is not None:
            yield ("do",), self.do


for _model in (OptionForm, DecideForm, Step):
    _model.model_rebuild()

Located = tuple[tuple[str | int, ...], Step]


def every_step(
    steps: tuple[Step, ...], loc: tuple[str | int, ...] = ("steps",)
) -> Iterator[Located]:
    """Every step however deep, with its location in the file, in the file's order."""
    for index, step in enumerate(steps):
        here = (*loc, index)
        yield here, step
        for inside, block in step.blocks():
            yield from every_step(block, (*here, *inside))
