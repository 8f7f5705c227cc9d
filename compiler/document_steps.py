"""The steps of a playbook as their author writes them.

Decides the fields of each step kind; the kind is the key. One class holds them all, so
that an error always points into the file and never into a union.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, model_validator

from compiler.document_errors import Written
from compiler.durations import refusal
from compiler.written_values import AssignRef, Flag, Id, SevList, TellRef, Text, Timers, one_or_more
from domain.plan_steps import OnTimeout

_LATER_KINDS = "the step kinds of this version are notify, checklist and runbook"
_LATER_FIELD = "no step kind of this version uses it"


class NotifyForm(Written):
    """`notify:` of a step."""

    to: Annotated[tuple[TellRef, ...], BeforeValidator(one_or_more)]
    text: Text


class ItemForm(Written):
    """One line to tick."""

    id: Id | None = None
    text: Text
    required: Flag = True


def _item(value: object) -> object:
    return {"text": value} if isinstance(value, str) else value


Item = Annotated[ItemForm, BeforeValidator(_item)]


class ChecklistForm(Written):
    """`checklist:` of a step: a runbook's tickable lines, lines of its own, or both."""

    from_: Text | None = Field(default=None, alias="from")
    items: tuple[Item, ...] = ()

    @model_validator(mode="after")
    def _has_lines(self) -> "ChecklistForm":
        if self.from_ is None and not self.items:
            raise refusal("E102", "the checklist has no lines", "add 'from:' or 'items:'")
        return self


_KINDS = ("notify", "checklist", "runbook")
_NOT_FOR: Mapping[str, tuple[str, ...]] = {
    "notify": ("assign", "deadline", "on_timeout"),
    "runbook": ("deadline", "on_timeout"),
    "checklist": (),
}


class Step(Written):
    """One step; exactly one of the kinds is written."""

    not_yet: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("http", "run", "ask", "decide", "approve", "wait", "wait_for"), _LATER_KINDS
        ),
        **dict.fromkeys(("parallel", "for_each", "playbook", "do"), _LATER_KINDS),
        **dict.fromkeys(("join", "with", "out", "timeout", "retry", "on_error"), _LATER_FIELD),
    }

    id: Id
    when: Text | None = None
    at: SevList | None = None
    notify: NotifyForm | None = None
    checklist: ChecklistForm | None = None
    runbook: Text | None = None
    assign: AssignRef | None = None
    deadline: Timers | None = None
    on_timeout: OnTimeout | None = None

    @property
    def kind(self) -> str:
        """The kind that is written."""
        return next(kind for kind in _KINDS if kind in self.model_fields_set)

    @model_validator(mode="after")
    def _one_kind(self) -> "Step":
        named = [kind for kind in _KINDS if kind in self.model_fields_set]
        if len(named) > 1:
            listed = " and ".join(named)
            message = f"step '{self.id}' has two kinds: {listed}"
            raise refusal("E103", message, "make it two steps", named[1])
        if not named:
            raise refusal(
                "E102", f"step '{self.id}' says no kind", f"add one of {', '.join(_KINDS)}"
            )
        for field in _NOT_FOR[named[0]]:
            if field in self.model_fields_set:
                message = f"'{field}' has no meaning in a {named[0]} step"
                raise refusal("E101", message, f"remove '{field}:'", field)
        return self
