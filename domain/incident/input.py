"""What an incident's workflow is started with, and what is sent to it.

Decides the messages between gateway and workflow; both sides import them from here.

The workflow type is the playbook's name, the id is `domain.matching.workflow_id`.
Signals: `alerts` (AlertBatch), `roster_changed` (RosterChanged), `maintenance_changed`
(MaintenanceChanged), and every command name
as the durable fallback of its update. Updates: every command name (a Command, answered
with an Answer), `advance` (Advance, stepped clock only). Query: `view` (IncidentView).
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from domain.alert import Alert
from domain.drill import DrillScript
from domain.incident.step_effects import ParentNews
from domain.maintenance import Window
from domain.plan import Plan
from domain.severity import Severity
from domain.values import Value


class InputPart(BaseModel):
    """A frozen part of a message to the workflow."""

    model_config = ConfigDict(frozen=True)


class ClockSettings(InputPart):
    """How time runs. `speed` 60 makes a minute of a second; `stepped` waits for `advance`.

    `start` is where virtual time begins (aware); None begins at the real time. Incidents
    whose clocks are `shared` under one name live at the same time, and so gather pages.
    """

    speed: float = 1.0
    stepped: bool = False
    start: datetime | None = None
    shared: str | None = None

    @property
    def is_virtual(self) -> bool:
        """Whether this is not the time that people live in."""
        return self.stepped or self.speed != 1.0 or self.start is not None

    def begun_at(self, now: datetime) -> "ClockSettings":
        """The same clock for an incident that begins now; real time needs no start."""
        return self.model_copy(update={"start": now if self.is_virtual else None})


class Declaration(InputPart):
    """An incident declared by hand; its reference is its dedup key."""

    title: str
    actor: str
    actor_name: str = ""
    severity: Severity | None = None
    labels: dict[str, str] = {}
    text: str = ""


class AlertBatch(InputPart):
    """Alerts for one incident, together; `batch_id` is deduplicated in the workflow.

    `notes` are remarks on routing (a condition that could not be evaluated, members
    that the sender left out), for the timeline. `maintenance` are the windows that cover
    any of them now: a firing alert that would open an incident is held back by them.
    """

    batch_id: str
    alerts: tuple[Alert, ...]
    notes: tuple[str, ...] = ()
    maintenance: tuple[Window, ...] = ()


class MaintenanceChanged(InputPart):
    """This window was renewed, ended early, or added: what it holds back looks again."""

    window: Window


class RosterChanged(InputPart):
    """These users are no longer in the roster."""

    gone: tuple[str, ...]


class Advance(InputPart):
    """Move a stepped clock to this moment; every deadline on the way fires in order."""

    to: datetime


class ParentLink(InputPart):
    """The incident that called this playbook: its workflow, reference and step.

    `call` is the effect that opened it, and names it in what it tells the caller.
    """

    workflow_id: str
    reference: str
    step: str
    call: str


class Called(InputPart):
    """How a playbook is called by another: nobody is paged by its ladder.

    The roles are the caller's; `params` are typed already.
    """

    link: ParentLink
    title: str
    params: dict[str, Value] = {}
    labels: dict[str, str] = {}
    news: ParentNews


class IncidentInput(InputPart):
    """The start input of an incident workflow.

    `first` is the batch that opens it where the engine starts it plainly; with
    signal-with-start it is None and the batch is the signal. `carried` is our own state
    over continue-as-new. `continue_as_new_after` is a history length for tests; None
    takes the engine's suggestion. `simulate` runs everything without touching the world
    (drills); with `people_are_real` pages and notices to people are sent all the same.
    `script` is what happens by itself in a drill, and has a meaning in a simulation only.
    """

    plan: Plan
    reference: str
    dedup_key: str
    clock: ClockSettings = ClockSettings()
    simulate: bool = False
    drill: bool = False
    people_are_real: bool = False
    script: DrillScript | None = None
    declaration: Declaration | None = None
    called: Called | None = None
    first: AlertBatch | None = None
    continue_as_new_after: int | None = None
    carried: dict[str, Any] | None = None


class RecordBatch(InputPart):
    """What the ledger is told after each turn; idempotent by reference and seq."""

    view: dict[str, Any]
    entries: tuple[dict[str, Any], ...]


class SuccessorRequest(InputPart):
    """Ask for the newest plan of a playbook and a fresh reference."""

    kind: Literal["successor"] = "successor"
    playbook: str
    plan: Plan


class Successor(InputPart):
    """What a run continues with as a fresh incident."""

    plan: Plan
    reference: str
