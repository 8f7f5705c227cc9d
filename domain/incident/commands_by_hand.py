"""Commands by which a person shapes an incident: who works on it, until when, at what.

Decides their shape; they are part of the one union in `domain.incident.commands`. What
they do is `domain.incident.by_hand`. Moments are aware; `zone` is the IANA zone in which
the person reads them.
"""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from domain.incident.command_part import CommandPart

Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class HandPart(CommandPart):
    """A command of this module. `zone` is for the answer's wording only."""

    zone: str = ""


class Page(HandPart):
    """Page these people (`user:`, `schedule:` or `team:`) now, for a reason."""

    kind: Literal["page"] = "page"
    to: tuple[str, ...] = Field(min_length=1, max_length=10)
    because: Said


class TakeRole(HandPart):
    """Take a role that is vacant, or whose holder has fallen silent."""

    kind: Literal["take_role"] = "take_role"
    role: str


class Join(HandPart):
    """Count me among the responders."""

    kind: Literal["join"] = "join"


class Leave(HandPart):
    """I am off this incident: every role I hold is vacant."""

    kind: Literal["leave"] = "leave"
    reason: Reason = ""


class Snooze(HandPart):
    """I am on it until then: an acknowledgement with an end. One of the two is given."""

    kind: Literal["snooze"] = "snooze"
    until: AwareDatetime | None = None
    lasting: timedelta | None = None
    reason: Reason = ""


class SetFacts(HandPart):
    """When harm began, what it means for people, when it may be over; what is None stays.

    The estimate is a moment (`eta_at`) or words (`eta`); an empty text takes a fact away.
    """

    kind: Literal["set"] = "set"
    began_at: AwareDatetime | None = None
    impact: Reason | None = None
    eta_at: AwareDatetime | None = None
    eta: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = None


class TaskAdd(HandPart):
    """Something to do that the playbook does not have; without `owner` by oneself."""

    kind: Literal["task_add"] = "task_add"
    text: Said
    owner: str | None = None
    owner_name: str = ""
    due: AwareDatetime | None = None
    due_in: timedelta | None = None


class TaskDone(HandPart):
    """The task is done."""

    kind: Literal["task_done"] = "task_done"
    task: str


class TaskUndo(HandPart):
    """The task is to do after all."""

    kind: Literal["task_undo"] = "task_undo"
    task: str


class TaskDrop(HandPart):
    """The task is not needed any more."""

    kind: Literal["task_drop"] = "task_drop"
    task: str
    reason: Reason = ""


TaskCommand = TaskAdd | TaskDone | TaskUndo | TaskDrop
HandCommand = Page | TakeRole | Join | Leave | Snooze | SetFacts | TaskCommand
