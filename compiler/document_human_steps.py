"""What people do in steps, as authors write it: notify, checklist, ask, approve.

Decides the fields of these kinds. `decide` holds steps of its own and stands with them in
`compiler.document_steps`.
"""

from typing import Annotated

from pydantic import BeforeValidator, Field, JsonValue, model_validator

from compiler.document_errors import Written
from compiler.durations import refusal
from compiler.typed_values import TypeName, must_be_typed
from compiler.written_values import Flag, Id, PersonRef, Span, TellRef, Text, one_or_more


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


class AskForm(Written):
    """`ask:` of a step."""

    of: PersonRef
    question: Text
    type: TypeName = "string"
    one_of: Annotated[tuple[JsonValue, ...], BeforeValidator(one_or_more)] = ()
    default: JsonValue = None

    @model_validator(mode="after")
    def _typed(self) -> "AskForm":
        must_be_typed(self.type, self.default, self.one_of)
        return self


class ApproveForm(Written):
    """`approve:` of a step; `self` lets the one who asks be one of those who say yes."""

    by: Annotated[tuple[PersonRef, ...], BeforeValidator(one_or_more)]
    need: Annotated[int, Field(strict=True, ge=1, le=20)] = 1
    self_: Flag = Field(default=False, alias="self")


class WaitForForm(Written):
    """`wait_for:` of a step."""

    when: Text
    hold: Span | None = None
