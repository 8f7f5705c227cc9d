"""One run of a drill: what its workflow is started with, and what is said to and by it.

Decides these messages, the run's ids, and which drill a start means: the playbook's own,
with what whoever starts it says instead.
"""

import re
from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from domain.drill import DrillPlan, Every, Mode, Responders
from domain.incident.input import IncidentInput
from domain.plan import Plan
from domain.rehearsal.score_card import ScoreCard
from domain.values import Value

DRILL_OVER = "drill_over"
"""The signal by which an incident tells its drill that it is over."""

DRILL_SCORED = "drill_scored"
"""The signal by which a drill tells its incident the score."""

BY_ITSELF = "schedule"
"""Who starts a drill that `drill.every` starts."""

PATIENCE = timedelta(minutes=10)
"""Real time past its outer limit in which a drill's incident must have said that it is over."""


class RunPart(BaseModel):
    """A frozen part of a message."""

    model_config = ConfigDict(frozen=True)


class DrillChanges(RunPart):
    """What whoever starts a drill says instead of the playbook; None is as it stands there."""

    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    summary: str | None = None
    facts: dict[str, Value] | None = None
    responders: Responders | None = None
    people: Mode | None = None
    speed: float | None = None


class DrillStart(RunPart):
    """The start input of a drill. `reference` None is drawn when it runs.

    `scheduled` is the line that starts it by itself, and the file that says so.
    """

    playbook: str
    reference: str | None = None
    by: str = BY_ITSELF
    by_name: str = ""
    scheduled: str = ""
    changes: DrillChanges = DrillChanges()


class DrillTarget(RunPart):
    """What a drill opens: the newest plan with its drill, as the start of an incident."""

    start: IncidentInput
    workflow_id: str
    drill: DrillPlan
    owner: str

    @property
    def patience(self) -> timedelta:
        """The real time after which it must be over."""
        script = self.start.script
        virtual = script.called_off_after if script else timedelta(0)
        return virtual / self.start.clock.speed + PATIENCE


class TargetAsked(RunPart):
    """Ask for what a drill opens; `at` is the workflow's moment, RFC 3339."""

    start: DrillStart
    conductor: str
    at: str


class DrillOver(RunPart):
    """A drill's incident is over; its timeline is whole up to `seq`."""

    reference: str
    seq: int


class ScoreAsked(RunPart):
    """Ask for the score of the incident whose record goes at least to `seq`."""

    plan: Plan
    reference: str
    seq: int
    speed: float = 1.0


class DrillWord(RunPart):
    """What the people of the owner are told of a drill that ran by itself."""

    owner: str
    scheduled: str
    card: ScoreCard


class DrillSchedule(RunPart):
    """One playbook's drill that runs by itself; `source` is the file that says so."""

    playbook: str
    every: Every
    source: str

    @property
    def text(self) -> str:
        """When it runs and who says so, in one line."""
        return f"{self.every.text()}, says {self.source}"


class ScheduleSeen(RunPart):
    """A drill's schedule as the engine has it; moments are RFC 3339, UTC."""

    playbook: str
    next: tuple[str, ...] = ()
    is_paused: bool = False


def merged(drill: DrillPlan, changes: DrillChanges) -> DrillPlan:
    """The playbook's drill with what is said instead; the pace follows the people."""
    said = {name: value for name, value in dict(changes).items() if value is not None}
    if changes.people is not None and changes.people != drill.people and changes.speed is None:
        said["speed"] = None
    if changes.facts is not None:
        said["facts"] = {**drill.facts, **changes.facts}
    return drill.model_copy(update=said)


def drill_id(playbook: str, reference: str) -> str:
    """The workflow id of one run that a person starts."""
    return f"{schedule_id(playbook)}-{reference.lower()}"


def schedule_id(playbook: str) -> str:
    """The id of the schedule by which the playbook's drill runs by itself."""
    return f"drill-{re.sub(r'[^a-z0-9]+', '-', playbook.lower()).strip('-')}"


def incident_id(playbook: str, reference: str) -> str:
    """The workflow id of the drill's incident: no real alert ever finds it."""
    return f"{drill_id(playbook, reference)}-incident"
