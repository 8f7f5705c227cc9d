"""What an incident remembers of its steps and facts.

Decides the shape of these parts of the state. A step is remembered under its address: its
id, or `id@2` for the second round of a `for_each` (`id@2.1` inside another).
"""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.incident.step_effects import ParentNews
from domain.values import Value


class StepPart(BaseModel):
    """A frozen part of the state."""

    model_config = ConfigDict(frozen=True)


class ItemState(StepPart):
    """Who ticked a checklist line."""

    done_by: str | None = None
    done_at: datetime | None = None


class Vote(StepPart):
    """What one person said to an approval; `own` approved what they asked for themselves."""

    person: str
    name: str
    approves: bool
    at: datetime
    because: str = ""


Standing = Literal["pending", "running", "done", "skipped", "failed", "cancelled"]
"""`failed` waits for a person unless its author lets it continue; `cancelled` was stopped."""

SETTLED: tuple[Standing, ...] = ("done", "skipped", "failed", "cancelled")


class StepState(StepPart):
    """Where a step of the playbook stands.

    `results` are its declared outputs, `detail` one line on how it went, `output` the
    beginning and the end of what its call has written, `call` the id of
    the effect that works on it, `tries` how often it was started. `by` is who chose,
    answered, skipped or took it over; `asked_by` is who wants an approval. `values` are a
    `for_each`'s. `since` is when a `wait_for` began to hold. `told` are the people who know
    that it waits for them, `counted_from` is when its present period began (its start, or the
    latest reminder).
    """

    state: Standing = "pending"
    started_at: datetime | None = None
    ended_at: datetime | None = None
    deadline: datetime | None = None
    timed_out: bool = False
    items: dict[str, ItemState] = {}
    results: dict[str, Value] = {}
    detail: str = ""
    output: str = ""
    call: str | None = None
    tries: int = 0
    by: str | None = None
    by_name: str = ""
    because: str = ""
    taken_over: bool = False
    choice: str | None = None
    suggested: tuple[str, ...] = ()
    asked_by: str | None = None
    votes: tuple[Vote, ...] = ()
    values: tuple[str, ...] = ()
    since: datetime | None = None
    question: str = ""
    told: tuple[str, ...] = ()
    counted_from: datetime | None = None
    child: str | None = None
    """The reference of the incident that a `playbook` step opened."""
    news: ParentNews | None = None
    """What that incident was told last."""

    @property
    def ok(self) -> bool:
        """Whether it succeeded."""
        return self.state == "done"

    @property
    def is_settled(self) -> bool:
        """Whether nothing more happens to it by itself."""
        return self.state in SETTLED


FactSource = Literal["first", "measured", "alert", "answer", "default", "set"]


class FactState(StepPart):
    """What is known of a fact. `value` None is unknown.

    `stale` says that it is too old, `why` what stands against measuring it. One that a
    person has `set` stands until they let it go, whatever is measured; `measured` is what
    would hold then, and `why` not empty says that nothing would. `asked_at` is since when an
    answer is wanted.
    """

    value: Value | None = None
    source: FactSource | None = None
    at: datetime | None = None
    by: str | None = None
    by_name: str = ""
    stale: bool = False
    why: str = ""
    measured: Value | None = None
    asked_at: datetime | None = None
    asked: tuple[str, ...] = ()
    """Who has been asked for it, and has not answered."""
