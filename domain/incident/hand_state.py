"""What an incident remembers because somebody said it: snooze, facts, tasks.

Decides the shape of these parts of the state. Everything is absolute.
"""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict


class HandState(BaseModel):
    """A frozen part of the state."""

    model_config = ConfigDict(frozen=True)


class Snoozed(HandState):
    """Somebody is on it until a moment; then the same level is paged again."""

    by: str
    by_name: str
    at: datetime
    until: datetime
    reason: str = ""


class FactsSaid(HandState):
    """When harm began, what it means, when it may be over: a moment or words."""

    began_at: datetime | None = None
    impact: str = ""
    eta_at: datetime | None = None
    eta: str = ""


TaskStatus = Literal["open", "done", "dropped"]


class Task(HandState):
    """Something to do beside the playbook; `reminded` once its owner was told it is due."""

    id: str
    text: str
    owner: str
    owner_name: str
    by: str
    by_name: str
    made_at: datetime
    due: datetime | None = None
    status: TaskStatus = "open"
    reminded: bool = False
    ended_by: str | None = None
    ended_by_name: str = ""
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still to do."""
        return self.status == "open"

    @property
    def period(self) -> timedelta:
        """How long its owner was given; none without a due moment."""
        return self.due - self.made_at if self.due is not None else timedelta(0)
