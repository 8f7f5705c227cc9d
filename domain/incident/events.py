"""What can happen to an incident; `reduce` takes one at a time.

Decides the events' shapes. Commands (`domain.incident.commands`) are events too.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.alert import Alert
from domain.incident.command_part import CommandPart
from domain.incident.commands import Command
from domain.incident.effects import SendResult
from domain.incident.input import Called as CalledInput
from domain.incident.input import Declaration
from domain.incident.people import LookUpAnswer
from domain.incident.step_effects import CallResult, ChildResult, ParentNews, Reading, Watched
from domain.maintenance import Window


class EventPart(BaseModel):
    """A frozen event."""

    model_config = ConfigDict(frozen=True)


class Declared(EventPart):
    """A person declared the incident by hand."""

    kind: Literal["declared"] = "declared"
    declaration: Declaration


class AlertsArrived(EventPart):
    """A batch of alert messages, in the order of their arrival."""

    kind: Literal["alerts"] = "alerts"
    batch_id: str
    alerts: tuple[Alert, ...]
    notes: tuple[str, ...] = ()
    maintenance: tuple[Window, ...] = ()


class WindowChanged(EventPart):
    """A maintenance window was renewed, ended early, or added."""

    kind: Literal["maintenance_changed"] = "maintenance_changed"
    window: Window


class DeadlineReached(EventPart):
    """The moment of a named deadline has come; `late_s` is how long ago it was due."""

    kind: Literal["deadline"] = "deadline"
    name: str
    late_s: float = 0.0


class OnCallLookedUp(EventPart):
    """The answer to a look-up."""

    kind: Literal["looked_up"] = "looked_up"
    id: str
    answer: LookUpAnswer


class PageFinished(EventPart):
    """What became of one page."""

    kind: Literal["page_finished"] = "page_finished"
    id: str
    result: SendResult


class PageJoined(EventPart):
    """Pages of other incidents to the same person have gathered behind this page."""

    kind: Literal["page_joined"] = "page_joined"
    id: str


class MessageFinished(EventPart):
    """What became of a notice or an announcement, worth an entry when it failed."""

    kind: Literal["message_finished"] = "message_finished"
    id: str
    summary: str
    result: SendResult


class UsersGone(EventPart):
    """These users left the roster."""

    kind: Literal["users_gone"] = "users_gone"
    users: tuple[str, ...]


class StepFinished(EventPart):
    """What came of a call that a step made."""

    kind: Literal["step_finished"] = "step_finished"
    id: str
    result: CallResult


class FactsMeasured(EventPart):
    """What has changed about measured facts; `id` is the effect's, which is over."""

    kind: Literal["facts_measured"] = "facts_measured"
    id: str
    readings: tuple[Reading, ...]
    watched: dict[str, Watched] = {}


class ChildOpened(EventPart):
    """The child workflow of a step runs."""

    kind: Literal["child_opened"] = "child_opened"
    id: str


class ChildFinished(EventPart):
    """The child workflow of a step has ended."""

    kind: Literal["child_finished"] = "child_finished"
    id: str
    result: ChildResult


class Called(EventPart):
    """Another playbook called this one."""

    kind: Literal["called"] = "called"
    called: CalledInput


class ParentSaid(EventPart):
    """The incident that called this one has changed, or has ended."""

    kind: Literal["parent_said"] = "parent_said"
    news: ParentNews


class DrillScored(EventPart):
    """The drill is over, and judged: one sentence, and the card as data of its entry."""

    kind: Literal["drill_scored"] = "drill_scored"
    entry: str
    sentence: str
    data: dict[str, str] = {}


HappeningEvent = Annotated[
    Declared
    | AlertsArrived
    | WindowChanged
    | DeadlineReached
    | OnCallLookedUp
    | PageFinished
    | PageJoined
    | MessageFinished
    | UsersGone
    | StepFinished
    | FactsMeasured
    | ChildOpened
    | ChildFinished
    | Called
    | ParentSaid
    | DrillScored,
    Field(discriminator="kind"),
]
Event = HappeningEvent | Command

__all__ = ["Command", "CommandPart", "Event", "HappeningEvent"]
