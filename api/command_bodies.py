"""The bodies that commands take; all may be left out where nothing is required.

Decides the tolerant outside forms (`to` or `person`, a summary as plain text). The
strict commands behind them are `domain.incident.commands`.
"""

from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, Field

from domain.incident.commands import NoteType
from domain.severity import Severity


def _as_summary(value: object) -> object:
    return {"state_now": value} if isinstance(value, str) else value


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class ReasonBody(BaseModel):
    """Why, for the timeline."""

    reason: str = Field(default="", max_length=2000)


class TextBody(BaseModel):
    """What to add to the timeline."""

    text: str = Field(default="", max_length=8000)


class ConfirmBody(BaseModel):
    """Which question is answered; without it, the one asked of the actor last."""

    question: Literal["raise", "still_on_it", "resolve", "take_command"] | None = None


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


class HandoffBody(BaseModel):
    """A role, to whom, and what they must know; a plain text is the summary's `state_now`."""

    role: str
    to: str = Field(min_length=1, validation_alias=AliasChoices("to", "person"))
    summary: Annotated[dict[str, str], BeforeValidator(_as_summary)] = {}
