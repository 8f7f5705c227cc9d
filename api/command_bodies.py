"""The bodies that commands take; all may be left out where nothing is required.

Decides the tolerant outside forms (`to` or `person`, a summary as plain text). The
strict commands behind them are `domain.incident.commands`.
"""

from datetime import timedelta
from typing import Annotated

from pydantic import AliasChoices, BaseModel, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from compiler.durations import read_duration
from domain.incident.commands import NoteType
from domain.incident.state import Question
from domain.severity import Severity
from domain.values import Value


def _as_summary(value: object) -> object:
    return {"state_now": value} if isinstance(value, str) else value


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _as_duration(value: object) -> timedelta:
    try:
        return read_duration(value)
    except PydanticCustomError as error:
        raise ValueError(f"{value!r} is no duration: write 30m, 2h or 1h30m") from error


Lasting = Annotated[timedelta, BeforeValidator(_as_duration)]
"""A duration as people write it: `90s`, `30m`, `1h30m`."""

Moment = Annotated[str, Field(min_length=1, max_length=64)]
"""`2026-11-22T06:30+01:00`, or a wall time such as `06:30` in the person's own zone."""

Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
"""A sentence that says something."""


class ReasonBody(BaseModel):
    """Why, for the timeline."""

    reason: str = Field(default="", max_length=2000)


class TextBody(BaseModel):
    """What to add to the timeline."""

    text: str = Field(default="", max_length=8000)


class ConfirmBody(BaseModel):
    """Which question is answered; without it, the one asked of the actor last."""

    question: Question | None = None


class SeverityBody(BaseModel):
    """The severity, and why."""

    severity: Annotated[Severity, BeforeValidator(_upper)]
    reason: str = Field(min_length=1, max_length=2000)


class AssignBody(BaseModel):
    """Who is asked to take a role; a bare name is a person of the roster."""

    role: str
    to: str = Field(min_length=1, validation_alias=AliasChoices("to", "person"))


class NoteBody(BaseModel):
    """Something to remember."""

    text: str = Field(min_length=1, max_length=8000)
    type: NoteType = "plain"


class ItemBody(BaseModel):
    """Which item of the checklist; without it the whole step."""

    item: str | None = None


Because = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
"""Why, for everybody who reads the timeline later."""

REASON = AliasChoices("because", "reason")


class BecauseBody(BaseModel):
    """Why, if there is something to say."""

    because: Because = Field(default="", validation_alias=REASON)


class MustSayWhyBody(BaseModel):
    """Why, which must be said."""

    because: Annotated[Because, Field(min_length=1, validation_alias=REASON)]


class ChooseBody(BaseModel):
    """Which option, by its id, and why this one."""

    option: str = Field(min_length=1, max_length=200, examples=["rollback"])
    because: Because = Field(default="", validation_alias=REASON, examples=["deployed at 02:40"])


class AnswerBody(BaseModel):
    """The answer: a text, number or truth value, as the step asks; its text will do."""

    answer: Value = Field(
        validation_alias=AliasChoices("answer", "value"), examples=[12, "database", True]
    )


class ApproveBody(BaseModel):
    """A yes; `break_glass` says it alone in need, with a reason, and everybody hears of it."""

    because: Because = Field(default="", validation_alias=REASON)
    break_glass: bool = False


class FactBody(BaseModel):
    """What the fact is from now on, whatever is measured; a value of its type, or its text."""

    value: Value = Field(examples=[0.12, "database", ["eu-west-1"], False])


class HandoffBody(BaseModel):
    """A role, to whom, and what they must know; a plain text is the summary's `state_now`."""

    role: str
    to: str = Field(min_length=1, validation_alias=AliasChoices("to", "person"))
    summary: Annotated[dict[str, str], BeforeValidator(_as_summary)] = {}


class PageBody(BaseModel):
    """Whom to page (people, `schedule:<id>`, `team:<id>`), and why."""

    to: Annotated[list[str], BeforeValidator(_as_list), Field(min_length=1, max_length=10)]
    because: Short = Field(validation_alias=AliasChoices("because", "reason"))


class SnoozeBody(BaseModel):
    """Until when, or for how long; one of the two."""

    until: Moment | None = None
    lasting: Lasting | None = Field(
        default=None, validation_alias=AliasChoices("for", "lasting"), serialization_alias="for"
    )
    reason: str = Field(default="", max_length=2000)


class FactsBody(BaseModel):
    """What changes; what is left out stays. The estimate is a moment or words."""

    began: Moment | None = Field(default=None, validation_alias=AliasChoices("began", "began_at"))
    impact: str | None = Field(default=None, max_length=2000)
    eta: str | None = Field(default=None, max_length=200)


class TaskBody(BaseModel):
    """Something to do, by whom (oneself) and until when: a moment, or a time from now."""

    text: Short
    owner: str | None = None
    due: str | None = Field(default=None, max_length=64)
